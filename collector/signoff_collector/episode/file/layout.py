"""Finds the frames of an episode file (format.md, section 2).

The index at the end lists them; when it is damaged, they are found by scanning.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from signoff_collector.episode import frames
from signoff_schemas.errors import DamagedError, NewerVersionError

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMAT_VERSION: Final = 1
HEAD_MAGIC: Final = 0x184D2A50
TAIL_MAGIC: Final = 0x184D2A51
NAME: Final = b"SIGNOFF\0"
TAIL_NAME: Final = b"SGNF"
HEAD_BYTES: Final = 8 + len(NAME) + 2
TAIL_BYTES: Final = 8 + 8 + 4 + len(TAIL_NAME)
MAX_FILE_BYTES: Final = 512 << 20
MAX_FRAMES: Final = 1 << 16
FRAME_VERSION: Final = 1
_OTHER: Final = (
    "It is another kind of file, or its beginning was lost. `signoff list` shows episodes."
)


PARTS: Final = "parts"
"""Kind of a frame that holds several small arrays, each with the form of a frame's array."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameEntry:
    """Kind, name and byte range of one frame, or of one array in a shared frame."""

    kind: str
    name: str
    offset: int
    length: int
    part: int | None = None
    """Index within a frame of kind `parts`; offset and length are those of that frame."""

    def __str__(self) -> str:
        return f"frame {self.kind} {self.name}".rstrip()


def head() -> bytes:
    """Return the first frame of every episode."""
    return frames.skippable(HEAD_MAGIC, NAME + struct.pack("<H", FORMAT_VERSION))


def tail(index_offset: int, index: bytes) -> bytes:
    """Return the last frame: offset and CRC of the index."""
    return frames.skippable(
        TAIL_MAGIC, struct.pack("<QI", index_offset, zlib.crc32(index)) + TAIL_NAME
    )


def index_body(entries: Sequence[FrameEntry]) -> list[object]:
    """Return the body of the index: kind, name and length of every frame before it."""
    return [[entry.kind, entry.name, entry.length] for entry in entries]


def index_array(entries: Sequence[FrameEntry]) -> bytes:
    """Return the array of the index, packed."""
    return frames.pack(["index", "", FRAME_VERSION, index_body(entries)])


def read_version(data: bytes) -> int:
    """Return the format version.

    Raises:
        DamagedError: the bytes are no episode at all.
        NewerVersionError: a newer release wrote them.
    """
    expected = struct.pack("<II", HEAD_MAGIC, len(NAME) + 2) + NAME
    if not data:
        raise DamagedError("the file is empty", hint=_OTHER, offset_bytes=0)
    if data[: len(expected)] != expected or len(data) < HEAD_BYTES:
        raise DamagedError(
            f"not an episode: it does not begin with {NAME[:-1].decode()}",
            hint=_OTHER,
            offset_bytes=0,
        )
    version = int.from_bytes(data[HEAD_BYTES - 2 : HEAD_BYTES], "little")
    if version > FORMAT_VERSION:
        raise NewerVersionError("this episode", found=version, newest_known=FORMAT_VERSION)
    if version == 0:
        raise DamagedError("format version 0 does not exist", offset_bytes=HEAD_BYTES - 2)
    return version


def read_index(data: bytes) -> list[FrameEntry]:
    """Return the frames that the index lists.

    Raises:
        DamagedError: the index, or the frame that points to it, is damaged.
    """
    at = len(data) - TAIL_BYTES
    if at < HEAD_BYTES or data[at : at + 8] != struct.pack("<II", TAIL_MAGIC, TAIL_BYTES - 8):
        raise frames.damaged("the last frame", max(at, 0), "it is not where the file ends")
    offset, crc = struct.unpack_from("<QI", data, at + 8)
    if data[-4:] != TAIL_NAME or not HEAD_BYTES <= offset < at:
        raise frames.damaged("the last frame", at, "it does not point to an index")
    if zlib.crc32(data[offset:at]) != crc:
        raise frames.damaged("the index", offset, "its checksum differs")
    kind, _, body = read_array(data[offset:at], "the index", offset)
    if kind != "index" or not isinstance(body, list) or len(body) > MAX_FRAMES:
        raise frames.damaged("the index", offset, "it is no list of frames")
    return _entries_of_index(body, offset)


def _entries_of_index(body: list[object], index_offset: int) -> list[FrameEntry]:
    entries: list[FrameEntry] = []
    at = HEAD_BYTES
    for item in body:
        match item:
            case [str() as kind, str() as name, int() as length] if length > 0:
                entries.append(FrameEntry(kind=kind, name=name, offset=at, length=length))
                at += length
            case _:
                raise frames.damaged("the index", index_offset, "an entry has the wrong form")
    if at != index_offset:
        raise frames.damaged(
            "the index", index_offset, f"its frames end at {at}, not where it begins"
        )
    return entries


def parts_of(body: object, entry: FrameEntry) -> tuple[list[FrameEntry], list[object]]:
    """Return the entries and the bodies of the arrays in a frame of kind `parts`.

    Raises:
        DamagedError: it is no list of arrays, or one of them is of kind parts or index.
        NewerVersionError: a newer release wrote one of them.
    """
    if not isinstance(body, list) or len(body) > MAX_FRAMES:
        raise frames.damaged(str(entry), entry.offset, "it is no list of arrays")
    entries: list[FrameEntry] = []
    bodies: list[object] = []
    for number, value in enumerate(body):
        kind, name, inner = _checked_array(value, f"{entry}, part {number},", entry.offset)
        if kind in {PARTS, "index"}:
            raise frames.damaged(str(entry), entry.offset, f"part {number} is no part")
        entries.append(replace(entry, kind=kind, name=name, part=number))
        bodies.append(inner)
    return entries, bodies


def read_array(frame: bytes, what: str, offset: int) -> tuple[str, str, object]:
    """Return kind, name and body of the array in one frame.

    Raises:
        DamagedError: the frame is damaged, or holds something else.
        NewerVersionError: a newer release wrote this kind of frame.
    """
    try:
        value = frames.unpack(frames.decompress(frame))
    except ValueError as error:
        raise frames.damaged(what, offset, error) from error
    return _checked_array(value, what, offset)


def _checked_array(value: object, what: str, offset: int) -> tuple[str, str, object]:
    match value:
        case [str() as kind, str() as name, version, body] if type(version) is int and version > 0:
            if version > FRAME_VERSION:
                raise NewerVersionError(what, found=version, newest_known=FRAME_VERSION)
            return kind, name, body
        case _:
            raise frames.damaged(what, offset, "it is not [kind, name, version, body]")


def scan(data: bytes) -> tuple[list[FrameEntry], list[DamagedError]]:
    """Find frames by their magic numbers, without the index; return intact ones and faults."""
    entries: list[FrameEntry] = []
    faults: list[DamagedError] = []
    at = HEAD_BYTES
    while 0 <= at < len(data) and len(entries) + len(faults) < MAX_FRAMES:
        if data[at : at + 4] == struct.pack("<I", TAIL_MAGIC):
            break
        try:
            length = frames.frame_length(data, at)
            kind, name, _ = read_array(data[at : at + length], "frame", at)
        except (ValueError, DamagedError) as error:
            fault = error if isinstance(error, DamagedError) else None
            faults.append(fault or frames.damaged("frame", at, error))
            at = data.find(frames.ZSTD_MAGIC, at + 4)
            continue
        if kind != "index":
            entries.append(FrameEntry(kind=kind, name=name, offset=at, length=length))
        at += length
    return entries, faults
