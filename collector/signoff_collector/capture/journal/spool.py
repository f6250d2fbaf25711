"""Parse the two spool formats: NUL-separated fields, and JSON lines.

Shell hooks, test reporters and agent hooks write them. A spool is an untrusted claim of the process
that wrote it: only the kinds its reader names are accepted, bounded in number and size; a torn tail
is ignored (threat 36).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from signoff_collector.own_files.private_files import read_regular
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import fields_of

MAX_SPOOL_BYTES: Final = 64 << 20
MAX_RECORDS: Final = 200_000
MAX_FIELD_BYTES: Final = 1 << 20
MAX_FIELDS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRecord:
    """One record of a NUL spool."""

    kind: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpool:
    """The result of parsing a NUL spool."""

    records: list[FieldRecord]
    refused: int
    """Number of records refused: of another kind, too many or too large."""
    left_bytes: int
    """Torn or unreadable bytes at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSpool:
    """The result of parsing a JSON-lines spool."""

    records: list[dict[str, object]]
    refused: int
    left_bytes: int


def read_field_spool(path: Path, *, kinds: frozenset[str]) -> FieldSpool:
    """Parse records `kind NUL count NUL field NUL … field NUL`; never raises on damage."""
    data = _read(path)
    records: list[FieldRecord] = []
    refused = 0
    place = 0
    while (found := _field_record(data, place)) is not None:
        record, place = found
        if record is None or record.kind not in kinds or len(records) >= MAX_RECORDS:
            refused += 1
        else:
            records.append(record)
    return FieldSpool(records=records, refused=refused, left_bytes=len(data) - place)


def _field_record(data: bytes, place: int) -> tuple[FieldRecord | None, int] | None:
    """Parse the record at `place`; return it with the next offset, None where there is none."""
    kind, place = _field(data, place)
    count, place = _field(data, place)
    if kind is None or count is None or not count.isdigit() or len(count) > 3:
        return None
    fields: list[bytes] = []
    for _ in range(int(count)):
        value, place = _field(data, place)
        if value is None:
            return None
        fields.append(value)
    is_too_large = len(fields) > MAX_FIELDS or any(len(value) > MAX_FIELD_BYTES for value in fields)
    if is_too_large:
        return None, place
    texts = tuple(value.decode("utf-8", "replace") for value in fields)
    return FieldRecord(kind=kind.decode("utf-8", "replace"), fields=texts), place


def _field(data: bytes, place: int) -> tuple[bytes | None, int]:
    end = data.find(b"\0", place) if place >= 0 else -1
    return (None, -1) if end < 0 else (data[place:end], end + 1)


def read_line_spool(path: Path, *, kinds: frozenset[str]) -> LineSpool:
    """Parse a file of one JSON object per line, each with a `kind`; never raises on damage."""
    return lines_in(_read(path), kinds=kinds)


def lines_in(data: bytes, *, kinds: frozenset[str]) -> LineSpool:
    """Parse JSON lines from bytes; see `read_line_spool`."""
    whole_bytes = data.rfind(b"\n") + 1
    records: list[dict[str, object]] = []
    refused = 0
    for line in _lines(data[:whole_bytes]):
        record = _line_record(line)
        if record is None or record.get("kind") not in kinds or len(records) >= MAX_RECORDS:
            refused += 1
        else:
            records.append(record)
    return LineSpool(records=records, refused=refused, left_bytes=len(data) - whole_bytes)


def _lines(data: bytes) -> Iterator[bytes]:
    return (line for line in data.split(b"\n") if line)


def _line_record(line: bytes) -> dict[str, object] | None:
    if len(line) > MAX_FIELD_BYTES:
        return None
    try:
        parsed: object = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    record = fields_of(parsed)
    return record if isinstance(record.get("kind"), str) else None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"not JSON: {name}")


def _read(path: Path) -> bytes:
    try:
        return read_regular(path, max_bytes=MAX_SPOOL_BYTES)
    except SignoffError:
        return b""
