"""Read journals, damaged ones included (docs/journal.md).

`frame_reader.py` decides for every reader what a damaged frame costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from signoff_collector.capture.journal.frame_reader import HOLE, FrameReader
from signoff_collector.capture.journal.journal_frames import (
    JOURNAL_VERSION,
    RecordKind,
    body_in,
    fields_in,
    pack_body,
    time_of,
)
from signoff_collector.capture.journal.journal_writer import JournalWriter
from signoff_schemas.untyped import fields_of

__all__ = [
    "JournalHeader",
    "JournalReading",
    "JournalStream",
    "JournalWriter",
    "Record",
    "RecordKind",
    "pack_body",
    "read_headers",
    "read_journal",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalHeader:
    """Frame 0: who wrote the journal, when and under which boot."""

    journal_version: int
    writer: str
    """The kind of writer, such as `lsp`, `git`, `run`."""
    writer_id: str
    """`<writer>-<pid>-<4hex>`, the same in all segments of one writer."""
    segment: int
    first_index: int
    """The index of this segment's first record, counted over all segments of the writer."""
    tool_version: str
    boot_id: str
    t_boot_ns: int
    t_wall_ns: int
    pid: int
    fields: Mapping[str, object]
    """Every field of frame 0, those above and the writer's own (`encoding`, `editor_pid` …)."""

    @property
    def is_newer(self) -> bool:
        """Whether a newer release wrote it; its records are then not read."""
        return self.journal_version > JOURNAL_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of a journal."""

    kind: int
    """A `RecordKind`, or a number that only a newer release knows."""
    body: object
    """The decoded payload: a list or a mapping, see `RecordKind`."""
    writer: str
    """The `writer_id` of the journal."""
    index: int
    """Number of the record, counted over all segments of the writer."""
    t_boot_ns: int

    @property
    def fields(self) -> Mapping[str, object]:
        """The body of a record that is a mapping; empty for other bodies."""
        return fields_of(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalReading:
    """Everything that could be read from one journal."""

    path: Path
    header: JournalHeader | None
    """None when not even frame 0 is whole."""
    records: list[Record]
    left_bytes: int
    """Bytes that belong to no whole frame; 0 for an undamaged journal."""
    unreadable: int
    """Number of whole frames whose payload is no valid record; they are skipped but keep their
    index.
    """
    end: Record | None = None
    """The END record, when the writer ended normally."""


class JournalStream:
    """Iterates over the records of one journal without keeping them; never raises on damage.

    After the last record `left_bytes`, `unreadable` and `end` are final. END itself is not yielded.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.header: JournalHeader | None = None
        self.left_bytes = 0
        self.holes = 0
        """Number of places before the current record where records were lost."""
        self.unreadable = 0
        self.end: Record | None = None
        self._reader = FrameReader(path)
        self._frames = iter(self._reader)
        self._index = 0
        self._read_header()

    def __iter__(self) -> Iterator[Record]:
        header = self.header
        if header is None or header.is_newer:
            reader = self._reader
            self.left_bytes = reader.size_bytes if header is None else reader.left_bytes
            return
        for kind, payload in self._frames:
            if kind == HOLE:
                self.holes += 1
                self._index += 1
                continue
            record = _record(kind, payload, writer=header.writer_id, index=self._index)
            self._index += 1
            if record is None:
                self.unreadable += 1
            elif kind == RecordKind.END:
                self.end = record
            else:
                yield record
        self.left_bytes = self._reader.left_bytes

    def _read_header(self) -> None:
        kind, payload = next(self._frames, (HOLE, b""))
        self.header = _header(payload) if kind == RecordKind.HEADER else None
        if self.header is not None:
            self._index = self.header.first_index


def read_headers(paths: Iterable[Path]) -> list[JournalHeader]:
    """Return the headers of those journals that have one."""
    headers = (JournalStream(path).header for path in paths)
    return [header for header in headers if header is not None]


def read_journal(path: Path) -> JournalReading:
    """Read a whole journal; damage is counted, never raised."""
    stream = JournalStream(path)
    records = list(stream)
    return JournalReading(
        path=path,
        header=stream.header,
        records=records,
        left_bytes=stream.left_bytes,
        unreadable=stream.unreadable,
        end=stream.end,
    )


def _record(kind: int, payload: bytes, *, writer: str, index: int) -> Record | None:
    body = body_in(payload)
    t_boot_ns = time_of(body)
    if t_boot_ns is None:
        return None
    return Record(kind=kind, body=body, writer=writer, index=index, t_boot_ns=t_boot_ns)


def _header(payload: bytes) -> JournalHeader | None:
    try:
        return _HeaderFields(fields_in(payload)).parse()
    except TypeError:
        return None


class _HeaderFields:
    """Typed access to the fields of frame 0."""

    def __init__(self, fields: Mapping[str, object]) -> None:
        self._fields = fields

    def parse(self) -> JournalHeader:
        """Return the header.

        Raises:
            TypeError: a field is missing or of another type.
        """
        return JournalHeader(
            journal_version=self._number("journal_version"),
            writer=self._text("writer"),
            writer_id=self._text("writer_id"),
            segment=self._number("segment"),
            first_index=self._number("first_index"),
            tool_version=self._text("tool_version"),
            boot_id=self._text("boot_id"),
            t_boot_ns=self._number("t_boot_ns"),
            t_wall_ns=self._number("t_wall_ns"),
            pid=self._number("pid"),
            fields=self._fields,
        )

    def _number(self, name: str) -> int:
        value = self._fields.get(name)
        if type(value) is not int:
            raise TypeError(name)
        return value

    def _text(self, name: str) -> str:
        value = self._fields.get(name)
        if not isinstance(value, str):
            raise TypeError(name)
        return value
