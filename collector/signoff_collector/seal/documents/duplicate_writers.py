"""Finds duplicate records of one buffer by several writers, and keeps one writer's.

Per editor process, path and open interval the writer with the most changes is kept. All
other writers' records about that path in that interval are dropped as duplicates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.text.lsp_params import message_of, parse_params, uri_of
from signoff_schemas.errors import DamagedError
from signoff_schemas.untyped import fields_of

if TYPE_CHECKING:
    from signoff_collector.capture.journal.records import WriterRecords
    from signoff_collector.seal.paths import WorkspacePaths

_OPENED: Final = "textDocument/didOpen"
_CHANGED: Final = "textDocument/didChange"
_CLOSED: Final = "textDocument/didClose"


@dataclass(slots=True, kw_only=True)
class _Interval:
    """One writer's records of one document, from open to close: range and number of changes."""

    writer: str
    path: str
    from_ns: int
    to_ns: int
    first: int
    last: int
    changes: int = 0


@dataclass(frozen=True, slots=True)
class DuplicateReports:
    """The duplicate records to drop."""

    spans: dict[tuple[str, str], list[tuple[int, int]]] = field(
        default_factory=dict[tuple[str, str], list[tuple[int, int]]]
    )
    """(writer, path) to ranges of indices in that writer's stream, both ends inclusive."""

    def loses(self, writer: str, path: str, place: int) -> bool:
        """Say whether a writer's record about a path is a duplicate."""
        return bool(self.spans) and any(
            first <= place <= last for first, last in self.spans.get((writer, path), ())
        )


def find_duplicate_reports(
    writers: Sequence[WriterRecords], paths: WorkspacePaths
) -> DuplicateReports:
    """Find duplicates among writers of the same editor process; only their journals are read."""
    by_editor: dict[str, list[WriterRecords]] = {}
    for writer in writers:
        if writer.is_editor:
            by_editor.setdefault(writer.editor_key, []).append(writer)
    duplicates = DuplicateReports()
    for rivals in by_editor.values():
        if len(rivals) > 1:
            found = [interval for writer in rivals for interval in _intervals(writer, paths)]
            for group in _overlapping(found):
                winner = min(group, key=lambda one: (-one.changes, one.writer)).writer
                for interval in group:
                    if interval.writer != winner:
                        duplicates.spans.setdefault((interval.writer, interval.path), []).append(
                            (interval.first, interval.last)
                        )
    return duplicates


def _intervals(writer: WriterRecords, paths: WorkspacePaths) -> list[_Interval]:
    found: list[_Interval] = []
    current: dict[str, _Interval] = {}
    for place, (t_ns, kind, body) in enumerate(writer):
        method, uri = _subject(kind, body)
        path = None if uri is None else paths.of_uri(uri)
        if path is None:
            continue
        interval = current.get(path)
        if interval is None:
            interval = _Interval(
                writer=writer.writer_id, path=path, from_ns=t_ns, to_ns=t_ns,
                first=place, last=place,
            )  # fmt: skip
            current[path] = interval
            found.append(interval)
        interval.to_ns = max(interval.to_ns, t_ns)
        interval.last = place
        interval.changes += method == _CHANGED
        if method == _CLOSED:
            del current[path]
    return found


def _subject(kind: int, body: object) -> tuple[str, str | None]:
    """Return method and document URI of a record about a document."""
    if kind in (RecordKind.ANCHOR, RecordKind.SAVE):
        uri = fields_of(body).get("uri")
        return "", uri if isinstance(uri, str) else None
    if kind not in (RecordKind.LSP, RecordKind.COMPANION):
        return "", None
    try:
        method, params = message_of(body)
        return method, uri_of(parse_params(params))
    except DamagedError:
        return "", None


def _overlapping(intervals: Iterable[_Interval]) -> list[list[_Interval]]:
    """Group overlapping intervals of one path; return groups with more than one writer."""
    groups: list[list[_Interval]] = []
    ends: dict[str, tuple[int, list[_Interval]]] = {}
    for interval in sorted(intervals, key=lambda one: (one.path, one.from_ns, one.writer)):
        end, group = ends.get(interval.path, (-1, []))
        if interval.from_ns > end:
            group = []
            groups.append(group)
        group.append(interval)
        ends[interval.path] = (max(end, interval.to_ns), group)
    return [group for group in groups if len({one.writer for one in group}) > 1]
