"""Seals and judges episodes in a process of its own, with the zstd that lies on its path.

    python -m tests.support.zstd_release seal FOLDER
    python -m tests.support.zstd_release judge FOLDER...
    ZSTD=other python -m …     with the release of python-zstandard that lies on the path

`seal` writes `EPISODES` seeded episodes. `judge` prints one JSON object: the releases in use, what
`verify` says of every episode in the folders, and of `CHANGED` seeded changes of the first ones.
"""

from __future__ import annotations

import json
import os
import random
import struct
import sys
import zlib
from pathlib import Path
from typing import Final

import numpy as np
from benchmarks.made_days.day import make_day

from signoff_collector.episode import frames, zstd
from signoff_collector.episode.file import layout
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.checking import check_replay
from signoff_schemas.errors import SignoffError

EPISODES: Final = 200
CHANGED: Final = 2000
SCALES: Final = (0.002, 0.002, 0.004, 0.006, 0.02)
"""Of a made day of 50,000 edits: 100 to 1,000 edits, and other steps in proportion."""


def main(verb: str, folders: list[Path]) -> None:
    """Do what the verb says; a fault is an exception."""
    if os.environ.get("ZSTD") == "other":
        from tests.support.zstd_other import replace_zstd

        replace_zstd()
    if verb == "seal":
        for seed in range(EPISODES):
            data = write_episode(make_day(seed, scale=SCALES[seed % len(SCALES)]))
            (folders[0] / f"{seed:03}.episode").write_bytes(data)
        return
    paths = [path for folder in folders for path in sorted(folder.glob("*.episode"))]
    said = {f"{path.parent.name}/{path.name}": _verdict(path.read_bytes()) for path in paths}
    changed = "".join(_verdict(data)[0] for data in _changes([p.read_bytes() for p in paths[:4]]))
    versions = {"zstd": zstd.VERSION, "numpy": np.__version__}
    print(json.dumps({"versions": versions, "said": said, "changed": changed}))  # noqa: T201


def _verdict(data: bytes) -> str:
    """Return what `verify` finds of the recording: `passes`, or why it is refused."""
    try:
        report = check_replay(strict_check(data))
    except SignoffError as error:
        return f"refused: {error}"
    return "differs" if report.mismatches else "passes"


def _changes(files: list[bytes]) -> list[bytes]:
    """Return files with one byte changed, cut out or doubled, and an index that fits again."""
    source = random.Random(31)  # noqa: S311
    found: list[bytes] = []
    for _ in range(CHANGED):
        data = source.choice(files)
        at = source.randrange(layout.HEAD_BYTES, len(data) - layout.TAIL_BYTES)
        index_at = int.from_bytes(data[-16:-8], "little")
        put = source.choice(
            [bytes([data[at] ^ 1 << source.randrange(8)]), b"", data[at : at + 1] * 2]
        )
        body = data[:at] + put + data[at + 1 : -layout.TAIL_BYTES]
        begin = index_at + (len(put) - 1 if at < index_at else 0)
        told = struct.pack("<QI", begin, zlib.crc32(body[begin:])) + layout.TAIL_NAME
        found.append(body + frames.skippable(layout.TAIL_MAGIC, told))
    return found


if __name__ == "__main__":
    main(sys.argv[1], [Path(name) for name in sys.argv[2:]])
