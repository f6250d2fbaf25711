"""WebDataset: the frames of an episode as one shard, a tar of `KEY.json` and `KEY.png` in turn.

The same episode gives the same bytes, where font, Pillow and zlib are the same: the members have no
owner and no time. Fields of the JSON: `records`. Shards of many episodes are read together, and a
shard goes with its episode when that is withdrawn.
"""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING, Final

from signoff_datasets.exports.interface import File, Format
from signoff_datasets.frames.painting import Painting
from signoff_datasets.frames.records import EXPORT_VERSION, Frames

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_datasets.exports.interface import Source

_MODE: Final = 0o444


def _write(source: Source) -> Iterator[File]:
    frames, held = Frames(source), io.BytesIO()
    painting = Painting(source.sha256)
    records = 0
    with tarfile.open(fileobj=held, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for number, frame in enumerate(frames.all()):
            told = json.dumps(frames.record(frame, number), ensure_ascii=True).encode("ascii")
            _add(tar, f"{frames.key(number)}.json", told + b"\n")
            _add(tar, f"{frames.key(number)}.png", painting.png(frame.world))
            records += frame.pair is not None
    yield File(content=held.getvalue(), records=records, notes=frames.notes)


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), _MODE
    tar.addfile(member, io.BytesIO(content))


FORMAT: Final = Format(
    name="frames", ending=".tar", version=EXPORT_VERSION, write=_write, extra="pictures"
)
