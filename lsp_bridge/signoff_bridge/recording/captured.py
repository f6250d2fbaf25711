"""Ring of the latest recorded entries of a session, for a list in the editor.

Kept in memory, beside the journal: nothing is read again. `note` is on the hot path: consecutive
changes of one file are coalesced, and no text is examined.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.journal_frames import (
    RecordKind,
    fields_in,
    time_in,
    time_of,
)
from signoff_schemas.untyped import list_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from signoff_bridge.recording.documents import Document
    from signoff_collector.capture.journal.forgotten import ForgottenSpan

MOST_ENTRIES: Final = 500
ANCHOR: Final = "anchor"
"""Kind of an entry for a full-text snapshot of an open document."""
_MOST_WORDS: Final = 400
_TOGETHER: Final = 6
"""Number of latest entries that are searched for one to coalesce with."""
_APART_NS: Final = 60 * 10**9
"""Maximal pause within an entry, and its maximal length."""
_BY_ITSELF: Final = frozenset({"command", "task", "note", "tests", "gap", "create", "rename"})
"""Kinds that are never coalesced, since each has its own text."""


@dataclass(slots=True)
class Entry:
    """One event, or several coalesced ones."""

    number: int
    kind: str
    path: Path | None
    from_ns: int
    to_ns: int
    count: int = 1
    words: str = ""
    """Text of a person or a program, as journalled; empty for most kinds."""


class Captured:
    """The latest entries of one session. Written under the lane's lock, read by any thread."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        self._number = 0

    def note(
        self, kind: int, payload: bytes, name: str, count: int, about: Document | None
    ) -> None:
        """Add a record that becomes steps of the kind `name`."""
        path = None if about is None else about.path
        name, words = (ANCHOR if kind == RecordKind.ANCHOR else name), ""
        if kind in _DECODED:
            fields = fields_in(payload)
            t_boot_ns = time_of(fields) or 0
            words, path = _words(name, fields), path or _path(fields)
        else:
            t_boot_ns = time_in(payload)
        if name not in _BY_ITSELF:
            for place, entry in enumerate(reversed(self._entries)):
                if entry.kind == name and entry.path == path:
                    if t_boot_ns - entry.from_ns < _APART_NS:
                        entry.to_ns, entry.count = max(entry.to_ns, t_boot_ns), entry.count + count
                        return
                    break
                if place == _TOGETHER:
                    break
        self._number += 1
        self._entries.append(Entry(self._number, name, path, t_boot_ns, t_boot_ns, count, words))

    def newest(self) -> Iterator[Entry]:
        """Yield the entries, newest first."""
        return reversed(tuple(self._entries))

    def forget(
        self, spans: Iterable[ForgottenSpan], relative: Callable[[Path], str | None]
    ) -> None:
        """Drop entries that overlap a forgotten span."""
        listed = tuple(spans)
        for entry in tuple(self._entries):
            inside = None if entry.path is None else relative(entry.path)
            if any(_covers(span, entry, inside) for span in listed):
                self._entries.remove(entry)


_DECODED: Final = frozenset({RecordKind.STEP, RecordKind.SAVE, RecordKind.ANCHOR})
"""Records that are maps, in which the time may be at any position."""


def _covers(span: ForgottenSpan, entry: Entry, inside: str | None) -> bool:
    if entry.to_ns < span.from_ns or entry.from_ns > span.to_ns:
        return False
    return span.covers(max(entry.from_ns, span.from_ns), inside)


def _path(fields: Mapping[str, object]) -> Path | None:
    from pathlib import Path

    named = fields.get("path")
    return Path(named) if isinstance(named, str) else None


def _words(kind: str, fields: Mapping[str, object]) -> str:
    """Return the label of an entry of this kind, besides its file."""
    found: object = None
    if kind == "command":
        found = fields.get("line")
    elif kind in ("task", "note"):
        found = fields.get("text")
    elif kind == "gap":
        found = fields.get("reason")
    elif kind == "tests":
        found = _outcomes(fields)
    return found[:_MOST_WORDS] if isinstance(found, str) else ""


def _outcomes(fields: Mapping[str, object]) -> str:
    cases = fields.get("cases")
    items = list_of(cases)
    told = (item.get("outcome") for item in items if isinstance(item, Mapping))
    counted = Counter(str(outcome) for outcome in told)
    said = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counted.items()))
    return f"{fields.get('framework')}: {said or 'no results'}"
