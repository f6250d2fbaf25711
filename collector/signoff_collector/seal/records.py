"""The records of one session, one stream per writer."""

from __future__ import annotations

import os
import zlib
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import msgpack  # type: ignore[import-untyped]  # ships no types
from msgpack import unpackb

from signoff_collector.capture.journal import JournalHeader, JournalStream
from signoff_collector.capture.journal_frames import FRAME_HEAD, MAX_PAYLOAD_BYTES
from signoff_collector.private_files import open_regular
from signoff_schemas.errors import SignoffError

Entry = tuple[int, int, object]
"""One record: time since boot, kind, body. A plain tuple, since there are many."""

_PIECE_BYTES: Final = 1 << 18
_KIND_CRC: Final = tuple(zlib.crc32(bytes((kind,))) for kind in range(256))
_NO_RECORD: Final = (
    ValueError,
    TypeError,
    OverflowError,
    LookupError,
    RecursionError,
    msgpack.UnpackException,
)
"""What decoding or looking into a payload raises when it holds no record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What could not be read of one writer's journals."""

    left_bytes: int = 0
    """Bytes behind the last whole frame of any segment."""
    unreadable: int = 0
    """Whole frames that hold no record."""


class WriterRecords:
    """All segments of one writer, in order. Can be iterated more than once."""

    def __init__(self, header: JournalHeader, segments: Sequence[Iterable[Entry]]) -> None:
        self.header = header
        self._segments = tuple(segments)
        self.damage = Damage()
        """Final after an iteration has come to its end."""

    @property
    def writer_id(self) -> str:
        """`<writer>-<pid>-<4hex>`."""
        return self.header.writer_id

    @property
    def is_editor(self) -> bool:
        """Whether it speaks for an editor."""
        return self.header.writer == "lsp"

    @property
    def editor_key(self) -> str:
        """The same for writers that serve one editor process."""
        pid = self.header.fields.get("editor_pid")
        return f"pid {pid}" if type(pid) is int else self.writer_id

    def __iter__(self) -> Iterator[Entry]:
        left = unreadable = 0
        for segment in self._segments:
            yield from segment
            if isinstance(segment, Segment):
                left += segment.damage.left_bytes
                unreadable += segment.damage.unreadable
        self.damage = Damage(left_bytes=left, unreadable=unreadable)

    def only(self, kinds: Container[int]) -> Iterator[Entry]:
        """Yield the records of some kinds; the rest is passed over without being decoded."""
        for segment in self._segments:
            if isinstance(segment, Segment):
                yield from segment.only(kinds)
            else:
                yield from (entry for entry in segment if entry[1] in kinds)


class Segment:
    """The records of one journal file, read anew at every iteration and never held as a whole.

    Follows docs/journal.md as `capture.journal.JournalStream` does, and is tested against it;
    it leaves out what sealing does not need, since a day of typing is some 10^5 records.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage = Damage()

    def only(self, kinds: Container[int]) -> Iterator[Entry]:
        """Yield the records of some kinds, with no more than their heads read of the others.

        Ends where reading all of it would end too, but for checksums of what is passed over.
        """
        try:
            descriptor = open_regular(self.path)
        except SignoffError:
            return
        with os.fdopen(descriptor, "rb", buffering=_PIECE_BYTES) as file:
            left = os.fstat(descriptor).st_size
            while len(head := file.read(FRAME_HEAD.size)) == FRAME_HEAD.size:
                length, crc, kind = FRAME_HEAD.unpack(head)
                left -= FRAME_HEAD.size + length
                if left < 0 or length > MAX_PAYLOAD_BYTES:
                    return
                if kind not in kinds:
                    file.seek(length, os.SEEK_CUR)
                    continue
                payload = file.read(length)
                if zlib.crc32(payload, _KIND_CRC[kind]) != crc:
                    return
                entry = _entry(kind, payload)
                if entry is not None:
                    yield entry

    def __iter__(self) -> Iterator[Entry]:
        try:
            descriptor = open_regular(self.path)
        except SignoffError:
            return
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            left = os.fstat(descriptor).st_size
            unreadable, is_header = 0, True
            data, at = b"", 0
            unpack, size, crc32 = FRAME_HEAD.unpack_from, FRAME_HEAD.size, zlib.crc32
            while True:
                if at + size > len(data):
                    data, at = data[at:] + file.read(_PIECE_BYTES), 0
                    if size > len(data):
                        break
                length, crc, kind = unpack(data, at)
                end = at + size + length
                if end > len(data):
                    if length > min(MAX_PAYLOAD_BYTES, left - size):
                        break
                    data, at = _read_on(file, data[at:], size + length), 0
                    end = size + length
                    if end > len(data):
                        break
                payload = data[at + size : end]
                if crc32(payload, _KIND_CRC[kind]) != crc:
                    break
                at, left = end, left - size - length
                if is_header:
                    is_header = False
                    continue
                try:
                    body = unpackb(payload, raw=False, unicode_errors="surrogatepass")
                    t_boot_ns = body[0] if type(body) is list else body["t_boot_ns"]
                    if type(t_boot_ns) is not int or t_boot_ns < 0:
                        unreadable += 1
                        continue
                except _NO_RECORD:
                    unreadable += 1
                    continue
                yield t_boot_ns, kind, body
            self.damage = Damage(left_bytes=left, unreadable=unreadable)


def _entry(kind: int, payload: bytes) -> Entry | None:
    """Return a payload as a record, None when it holds none."""
    try:
        body = unpackb(payload, raw=False, unicode_errors="surrogatepass")
        t_boot_ns = body[0] if type(body) is list else body["t_boot_ns"]
    except _NO_RECORD:
        return None
    return (t_boot_ns, kind, body) if type(t_boot_ns) is int and t_boot_ns >= 0 else None


def _read_on(file: BinaryIO, begun: bytes, wanted: int) -> bytes:
    """Return at least `wanted` bytes that begin with `begun`, fewer at the end of the file."""
    pieces = [begun]
    have = len(begun)
    while have < wanted and (piece := file.read(max(_PIECE_BYTES, wanted - have))):
        pieces.append(piece)
        have += len(piece)
    return b"".join(pieces)


def read_writers(folder: Path) -> tuple[list[WriterRecords], int]:
    """Return the writers of a session's folder, by id, and how many journals had no header.

    Spools are writers too; `gathered.journal` is not among them.
    """
    from signoff_collector.seal.spools import read_spools

    found: dict[str, list[tuple[int, Path, JournalHeader]]] = {}
    headless = 0
    for path in sorted(folder.glob("*-*.journal")):
        header = JournalStream(path).header
        if header is None or header.is_newer:
            headless += 1
        else:
            found.setdefault(header.writer_id, []).append((header.segment, path, header))
    writers = []
    for _, segments in sorted(found.items()):
        segments.sort(key=lambda item: item[:2])
        writers.append(WriterRecords(segments[0][2], [Segment(path) for _, path, _ in segments]))
    headers = [header for segments in found.values() for _, _, header in segments]
    writers += read_spools(folder, headers)
    return sorted(writers, key=lambda writer: writer.writer_id), headless
