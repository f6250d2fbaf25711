"""Makes files that are whole but lie, and says what the program's own reader makes of each.

    python hostile.py COUNT SEED

Every file is an honest one of which some bytes within a frame were changed before it was
compressed. A line of JSON each: what was changed (`columns` or `rest`), the file in base64, and
its last states by path, or null where the program refuses it.
"""

from __future__ import annotations

import base64
import json
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
sys.path[:0] = [str(ROOT / name) for name in ("collector", "schemas", ".")]


def main(count: int, seed: int) -> None:
    """Print the files."""
    from tests.support import episodes as made

    from signoff_collector.episode import frames
    from signoff_collector.episode.file import layout

    chosen = random.Random(seed)  # noqa: S311 - a test's data
    honest = [
        [(e.kind, frames.decompress(data[e.offset : e.offset + e.length])) for e in entries]
        for data in map(
            made.written_apart,
            (made.sample_episode(), made.jumping_episode(), made.later_episode()),
        )
        for entries in [layout.read_index(data)]
    ]
    for _ in range(count):
        contents = list(chosen.choice(honest))
        place = chosen.randrange(len(contents))
        kind, content = contents[place]
        changed = bytearray(content)
        for _ in range(chosen.randint(1, 3)):
            at = chosen.randrange(len(changed))
            changed[at] = chosen.choice(
                (changed[at] ^ 1, changed[at] + 1 & 255, chosen.randrange(256))
            )
        contents[place] = (kind, bytes(changed))
        data = _file([content for _, content in contents])
        if data is not None:
            what = "columns" if kind == "col" else "rest"
            line = {"what": what, "data": base64.b64encode(data).decode(), "states": _states(data)}
            print(json.dumps(line))  # noqa: T201 - the test reads it


def _file(contents: list[bytes]) -> bytes | None:
    """Return a file of frames with these contents; None where one says no kind and name."""
    import zstandard

    from signoff_collector.episode import frames
    from signoff_collector.episode.file import layout
    from signoff_schemas.errors import DamagedError, NewerVersionError

    squeeze = zstandard.ZstdCompressor(level=1, write_checksum=True)
    pieces, entries, at = [layout.head()], list[layout.FrameEntry](), layout.HEAD_BYTES
    for content in contents:
        frame = squeeze.compress(content)
        try:
            kind, name, _ = layout.read_array(frame, "frame", at)
        except (DamagedError, NewerVersionError):
            return None
        entries.append(layout.FrameEntry(kind=kind, name=name, offset=at, length=len(frame)))
        pieces.append(frame)
        at += len(frame)
    index = frames.compress(frames.pack(["index", "", 1, layout.index_body(entries)]))
    return b"".join([*pieces, index, layout.tail(at, index)])


def _states(data: bytes) -> dict[str, object] | None:
    from signoff_collector.episode.file.reader import read_episode
    from signoff_collector.episode.moments.moments import Moments
    from signoff_schemas.errors import DamagedError, NewerVersionError

    try:
        episode = read_episode(data)
        moments = Moments(episode)
        for seq in range(episode.step_count):
            moments.tree(seq)
        tree = moments.tree(episode.step_count)
    except (DamagedError, NewerVersionError):
        return None
    return {
        path: content if isinstance(content, str) else [base64.b64encode(content).decode()]
        for path, content in tree.items()
    }


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
