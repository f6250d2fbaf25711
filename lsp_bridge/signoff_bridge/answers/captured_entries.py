"""Fold a session's journals into the entries of a list: steps in a row of one kind and file.

A fold of `JournalFollower`: journals of all writers are read, from where the last look ended, so
the list holds the whole session whichever window asks. No text of a document is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.frame_reader import HOLE
from signoff_collector.capture.journal.journal_frames import (
    RecordKind,
    fields_in,
    quoted_uri_in,
    time_in,
    time_of,
    uri_text,
)
from signoff_collector.capture.tallies.tally import step_of
from signoff_collector.text.file_uris import path_of_uri
from signoff_schemas.untyped import fields_of, list_of

if TYPE_CHECKING:
    from signoff_collector.capture.journal.journal_follower import Frames

ANCHOR: Final = "anchor"
"""Kind of an entry for a full-text snapshot of an open document."""
LOOKING: Final = "looking"
"""Kind of an entry for what was seen rather than done; it names no file."""
FILES: Final = "files"
COMMAND: Final = "command"
_NOISE: Final = frozenset({"view", "select", "focus", "diagnostics"})
_MOST_WORDS: Final = 400
_TOGETHER: Final = 6
"""Number of latest entries that are searched for one to coalesce with."""
_APART_NS: Final = 60 * 10**9
"""Maximal pause within an entry, and its maximal length."""
_LOOKING_APART_NS: Final = 600 * 10**9
_BY_ITSELF: Final = frozenset(
    {COMMAND, "task", "note", "tests", "gap", "create", "rename", "git", "agent", FILES}
)
"""Kinds that are never coalesced, since each has its own text."""
_MESSAGES: Final = frozenset({RecordKind.LSP, RecordKind.COMPANION})


@dataclass(slots=True, kw_only=True)
class Entry:
    """One event, or several coalesced ones."""

    kind: str
    path: str | None
    """Absolute path of the file."""
    from_ns: int
    to_ns: int
    count: int = 1
    words: str = ""
    """Text of a person or a program, as journalled; empty for most kinds."""
    result: str = ""
    """How it ended, in our words; empty unless that is worth saying."""
    seen: Counter[str] = field(default_factory=Counter[str])
    """What was looked at how often, by kind."""

    @property
    def is_of_file(self) -> bool:
        """Whether it changed a file, so that there is a difference to show."""
        return self.path is not None and self.kind in {"edit", "save", FILES, "create", "rename"}


class Entries:
    """The entries of one segment, in the order of its records."""

    def __init__(self) -> None:
        self.list: list[Entry] = []
        self._paths: dict[bytes, str | None] = {}

    def take(self, kind: int, payload: bytes) -> None:
        """Add one record, if it becomes a step."""
        if kind == RecordKind.FILES:
            self._take_files(fields_in(payload))
        elif kind in _MESSAGES:
            name, count = step_of(kind, payload)
            if name is not None:
                path = None if name in _NOISE else self._path_in(payload)
                self._add(name, time_in(payload), path=path, count=count)
        elif kind in (RecordKind.STEP, RecordKind.SAVE, RecordKind.ANCHOR):
            name = ANCHOR if kind == RecordKind.ANCHOR else step_of(kind, payload)[0]
            if name is not None:
                self.take_step(name, fields_in(payload))

    def take_step(self, name: str, fields: Mapping[str, object], t_boot_ns: int = 0) -> None:
        """Add a step whose body is decoded."""
        named = fields.get("path", fields.get("uri"))
        path = _plain(named) if isinstance(named, str) else None
        self._add(
            name,
            time_of(fields) or t_boot_ns,
            path=path,
            words=_words(name, fields),
            result=_result(name, fields),
        )

    def _take_files(self, fields: Mapping[str, object]) -> None:
        changed = [fields_of(item) for item in list_of(fields.get("changed"))]
        count = fields.get("count")
        paths = [path for item in changed if isinstance(path := item.get("path"), str)]
        total = count if type(count) is int else len(paths)
        if total:
            path = paths[0] if total == 1 and paths else None
            self._add(FILES, time_of(fields) or 0, path=path, count=total)

    def _add(
        self,
        name: str,
        t_ns: int,
        *,
        path: str | None,
        count: int = 1,
        words: str = "",
        result: str = "",
    ) -> None:
        is_noise = name in _NOISE
        kind, apart_ns = (LOOKING, _LOOKING_APART_NS) if is_noise else (name, _APART_NS)
        entry = None if kind in _BY_ITSELF else self._latest(kind, path)
        if entry is None or t_ns - entry.from_ns >= apart_ns:
            entry = Entry(
                kind=kind,
                path=path,
                from_ns=t_ns,
                to_ns=t_ns,
                count=0,
                words=words,
                result=result,
            )
            self.list.append(entry)
        entry.to_ns, entry.count = max(entry.to_ns, t_ns), entry.count + count
        if is_noise:
            entry.seen[name] += count

    def _latest(self, kind: str, path: str | None) -> Entry | None:
        latest = self.list[: -_TOGETHER - 1 : -1]
        return next((one for one in latest if one.kind == kind and one.path == path), None)

    def _path_in(self, payload: bytes) -> str | None:
        quoted = quoted_uri_in(payload)
        if quoted is None:
            return None
        if quoted not in self._paths:
            self._paths[quoted] = _plain(uri_text(quoted))
        return self._paths[quoted]


def fold(entries: Entries, frames: Frames) -> Entries:
    """Add new records."""
    for kind, payload in frames:
        if kind != HOLE:
            entries.take(kind, payload)
    return entries


def _plain(named: str) -> str | None:
    return path_of_uri(named) if named.startswith("file:") else named


def _words(kind: str, fields: Mapping[str, object]) -> str:
    """Return the label of an entry of this kind, besides its file."""
    found: object = None
    match kind:
        case "command":
            found = fields.get("line")
        case "task" | "note":
            found = fields.get("text")
        case "gap":
            found = fields.get("reason")
        case "tests":
            found = _outcomes(fields)
        case "agent":
            found = fields.get("tool")
        case "git":
            found = _first_line(fields.get("message")) or fields.get("branch")
        case _:
            pass
    return found[:_MOST_WORDS] if isinstance(found, str) else ""


def _result(kind: str, fields: Mapping[str, object]) -> str:
    code = fields.get("exit_code")
    if kind == COMMAND and type(code) is int and code != 0:
        return f"exit {code}"
    operation = fields.get("operation")
    return operation if kind == "git" and isinstance(operation, str) else ""


def _first_line(text: object) -> str:
    return text.partition("\n")[0] if isinstance(text, str) else ""


def _outcomes(fields: Mapping[str, object]) -> str:
    items = list_of(fields.get("cases"))
    told = (item.get("outcome") for item in items if isinstance(item, Mapping))
    counted = Counter(str(outcome) for outcome in told)
    said = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counted.items()))
    return f"{fields.get('framework')}: {said or 'no results'}"
