"""The records of one session, one stream per writer."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgpack  # type: ignore[import-untyped]  # ships no types
from msgpack import unpackb

from signoff_collector.capture.journal.frame_reader import HOLE, FrameReader
from signoff_collector.capture.journal.journal import JournalHeader

Entry = tuple[int, int, object]
"""One record: nanoseconds since boot, kind, body. A plain tuple, since a session has very many."""

_NO_RECORD: Final = (
    ValueError,
    TypeError,
    OverflowError,
    LookupError,
    RecursionError,
    msgpack.UnpackException,
)
"""Exceptions that mean that a payload holds no valid record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """Counts what could not be read from one writer's journals."""

    left_bytes: int = 0
    """Bytes that belong to no whole frame of any segment."""
    is_torn: bool = False
    """Whether some of these bytes follow the last whole frame of a segment: a torn write."""
    holes: int = 0
    """Number of places where records were lost although whole frames follow."""
    unreadable: int = 0
    """Number of whole frames whose payload is no valid record."""


class WriterRecords:
    """All segments of one writer, in order. Can be iterated more than once."""

    def __init__(self, header: JournalHeader, segments: Sequence[Iterable[Entry]]) -> None:
        self.header = header
        self._segments = tuple(segments)
        self.damage = Damage()
        """Complete only after an iteration has reached the end."""

    @property
    def writer_id(self) -> str:
        """`<writer>-<pid>-<4hex>`."""
        return self.header.writer_id

    @property
    def is_editor(self) -> bool:
        """Whether this writer records an editor."""
        return self.header.writer == "lsp"

    @property
    def editor_key(self) -> str:
        """Return a key that is equal for all writers that serve the same editor process."""
        pid = self.header.fields.get("editor_pid")
        return f"pid {pid}" if type(pid) is int else self.writer_id

    def __iter__(self) -> Iterator[Entry]:
        found: list[Damage] = []
        for segment in self._segments:
            yield from segment
            if isinstance(segment, Segment):
                found.append(segment.damage)
        self.damage = Damage(
            left_bytes=sum(one.left_bytes for one in found),
            is_torn=any(one.is_torn for one in found),
            holes=sum(one.holes for one in found),
            unreadable=sum(one.unreadable for one in found),
        )

    def only(self, kinds: Container[int]) -> Iterator[Entry]:
        """Yield only the records of some kinds; the others are skipped without decoding them."""
        for segment in self._segments:
            if isinstance(segment, Segment):
                yield from segment.only(kinds)
            else:
                yield from (entry for entry in segment if entry[1] in kinds)


class Segment:
    """The records of one journal file, read again at every iteration and never kept in memory.

    Yields what `capture.journal.JournalStream` yields, and is tested against it, without the fields
    that sealing does not need: a day of typing is some 10^5 records. A place where records were
    lost is one entry of kind `HOLE`; the document texts after it are unknown.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage = Damage()

    def only(self, kinds: Container[int]) -> Iterator[Entry]:
        """Yield only the records of some kinds; the others are not decoded."""
        for kind, payload in FrameReader(self.path):
            if kind in kinds:
                entry = _entry(kind, payload)
                if entry is not None:
                    yield entry

    def __iter__(self) -> Iterator[Entry]:
        reader = FrameReader(self.path)
        frames = iter(reader)
        next(frames, None)  # the header
        unreadable, t_boot_ns = 0, 0
        for kind, payload in frames:
            if kind == HOLE:
                yield t_boot_ns, HOLE, None
                continue
            entry = _entry(kind, payload)
            if entry is None:
                unreadable += 1
                continue
            t_boot_ns = entry[0]
            yield entry
        self.damage = Damage(
            left_bytes=reader.left_bytes,
            is_torn=reader.left_bytes > reader.hole_bytes,
            holes=reader.holes,
            unreadable=unreadable,
        )


def _entry(kind: int, payload: bytes) -> Entry | None:
    """Decode a payload into a record; None when it is not valid."""
    try:
        body = unpackb(payload, raw=False, unicode_errors="surrogatepass")
        t_boot_ns = body[0] if type(body) is list else body["t_boot_ns"]
    except _NO_RECORD:
        return None
    return (t_boot_ns, kind, body) if type(t_boot_ns) is int and t_boot_ns >= 0 else None
