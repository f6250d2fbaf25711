"""Answer `signoff/captured`: entries of all sessions here, newest first, one line each."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from signoff_bridge.answers.captured_entries import (
    ANCHOR,
    COMMAND,
    FILES,
    LOOKING,
    Entries,
    Entry,
    fold,
)
from signoff_bridge.protocol.addresses import canonical_path
from signoff_bridge.protocol.encodings import member
from signoff_collector.capture.journal.forgotten import ForgottenSpan, forgotten_spans
from signoff_collector.capture.journal.journal_follower import JournalFollower
from signoff_collector.capture.journal.record_paths import relative_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from signoff_bridge.recording.recording import Recording
    from signoff_collector.capture.sessions.sessions import Session

MOST_ITEMS: Final = 200
USUAL_ITEMS: Final = 50
_MOST_SESSIONS: Final = 16
"""Of which it is remembered how far they were read."""
MOST_CHARACTERS: Final = 120
_SAME_NS: Final = 5 * 10**9
"""Two sources tell of one command, or of one save, this far apart at most."""
_MARGIN_NS: Final = 20 * 10**6
"""The two clocks of a session's start were read one behind the other."""
_ID: Final = re.compile(r"([0-9A-Za-z-]{1,64})/([0-9]{1,20})\.([0-9]{1,9})")
_BLANKS: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_NOUNS: Final = {"edit": "edit", "assist": "suggestion", "search": "search"}
_SEEN: Final = {
    "view": "look", "select": "cursor move", "focus": "focus change",
    "diagnostics": "change of problems",
}  # fmt: skip
_VERBS: Final = {
    ANCHOR: "began from the text of", "open": "opened", "close": "closed", "save": "saved",
    "create": "created", "rename": "renamed", "delete": "deleted",
}  # fmt: skip
Key = tuple[int, str, int]
"""Order of entries: time, session, and which of several at that time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One entry of one session."""

    key: Key
    session: Session
    entry: Entry


class CapturedList:
    """What was recorded in the sessions that go on here, by whichever writer. For any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._followers: dict[str, JournalFollower[Entries]] = {}

    def newest(self, sessions: Iterable[Session]) -> list[Listed]:
        """Read what is new, and return the entries of these sessions, newest first."""
        found: list[Listed] = []
        with self._lock:
            for session in sessions:
                follower = self._followers.pop(session.id, None) or JournalFollower(Entries, fold)
                self._followers[session.id] = follower
                found += _listed(session, _of_session(session, follower))
            while len(self._followers) > _MOST_SESSIONS:
                del self._followers[next(iter(self._followers))]
        return sorted(found, key=lambda one: one.key, reverse=True)


def last_task(listed: Iterable[Listed]) -> str:
    """Return the task that was stated last, unmasked; empty if there is none."""
    return next((one.entry.words for one in listed if one.entry.kind == "task"), "")


def sessions_of(recordings: Iterable[Recording], uri: object) -> list[Session]:
    """Return the sessions being recorded; of one workspace only if a document selects it."""
    path = canonical_path(uri) if isinstance(uri, str) else None
    if uri is not None and path is None:
        return []
    return [
        recording.joined.session
        for recording in recordings
        if recording.joined is not None
        and (path is None or path.is_relative_to(recording.workspace.root))
    ]


def answer(
    listed: Sequence[Listed], params: object, *, mask: Callable[[], Callable[[str], str]]
) -> dict[str, object]:
    """Return the result of the request.

    Args:
        listed: all entries, newest first.
        params: as the companion sent them.
        mask: loads the values to mask, and returns the masking function.
    """
    asked = member(params, "limit")
    limit = min(max(asked, 1), MOST_ITEMS) if type(asked) is int else USUAL_ITEMS
    before = member(params, "before")
    place = _ID.fullmatch(before) if isinstance(before, str) else None
    if before is not None and place is None:
        return {"items": [], "has_more": False}
    if place is not None:
        last = (int(place[2]), place[1], int(place[3]))
        listed = [one for one in listed if one.key < last]
    shown = listed[:limit]
    mask_text = mask() if any(one.entry.words for one in shown) else str
    items = [_item(one, mask_text=mask_text) for one in shown]
    return {"items": items, "has_more": len(listed) > limit}


def _of_session(session: Session, follower: JournalFollower[Entries]) -> list[Entry]:
    """Return the entries of all writers; what two of them tell of stands once."""
    told = [e for one in follower.look(session.journals).values() for e in one.state.list]
    saves = [(_relative(one.path, session.root), one) for one in told if one.kind == "save"]
    told = [
        one
        for one in told
        if one.kind != FILES or not _is_saved(one, _relative(one.path, session.root), saves)
    ]
    commands = [one for one in told if one.kind == COMMAND]
    told += [one for one in _spooled(session) if not _takes(commands, one)]
    spans = forgotten_spans(session.control_lines())
    return [one for one in told if not _is_forgotten(one, session.root, spans)]


def _spooled(session: Session) -> list[Entry]:
    """Return what shells, agents and reporters told."""
    if not session.spools:
        return []
    from signoff_collector.capture.journal.journal import read_headers
    from signoff_collector.capture.journal.spools import read_spools

    entries = Entries()
    for stream in read_spools(session.folder, read_headers(session.journals)):
        for one in stream.entries:
            entries.take_step(str(one.body.get("kind")), one.body, one.t_boot_ns)
    return entries.list


def _is_saved(change: Entry, path: str | None, saves: Iterable[tuple[str | None, Entry]]) -> bool:
    """Say whether an editor told of the save that changed the one file on disk."""
    return path is not None and any(
        saved == path and save.from_ns - _SAME_NS <= change.from_ns <= save.to_ns + _SAME_NS
        for saved, save in saves
    )


def _takes(commands: list[Entry], other: Entry) -> bool:
    """Say whether a command was told already, and take that one out."""
    if other.kind != COMMAND:
        return False
    for place, one in enumerate(commands):
        if one.words == other.words and abs(one.to_ns - other.to_ns) <= _SAME_NS:
            del commands[place]
            return True
    return False


def _is_forgotten(entry: Entry, root: Path, spans: Sequence[ForgottenSpan]) -> bool:
    """Say whether all of it was forgotten; the journals may not be rewritten yet."""
    if not spans:
        return False
    path = None if entry.path is None else relative_path(root, entry.path)
    return any(
        span.covers(entry.from_ns, path) and span.covers(entry.to_ns, path) for span in spans
    )


def _listed(session: Session, entries: Iterable[Entry]) -> list[Listed]:
    found: list[Listed] = []
    last_ns, number = -1, 0
    for entry in sorted(entries, key=lambda one: one.from_ns):
        number = number + 1 if entry.from_ns == last_ns else 0
        last_ns = entry.from_ns
        found.append(Listed(key=(last_ns, session.id, number), session=session, entry=entry))
    return found


def _item(listed: Listed, *, mask_text: Callable[[str], str]) -> dict[str, object]:
    entry, session = listed.entry, listed.session
    path = _relative(entry.path, session.root)
    item: dict[str, object] = {
        "id": f"{session.id}/{listed.key[0]}.{listed.key[2]}",
        "session": session.id,
        "root": str(session.root),
        "t_wall_ms": _wall_us(session, entry.to_ns) // 1000,
        "kind": entry.kind,
        "count": entry.count,
        "label": _label(entry, path, mask_text),
        "from": str(entry.from_ns),
        "to": str(entry.to_ns),
        "at": _at(session, entry.from_ns),
    }
    if path is not None:
        item["path"] = path
    if entry.is_of_file:
        item["before"] = _at(session, entry.from_ns - _MARGIN_NS)
        item["after"] = _at(session, entry.to_ns + _MARGIN_NS)
    return item


def _wall_us(session: Session, t_boot_ns: int) -> int:
    return (t_boot_ns - session.started_boot_ns + session.started_wall_ns) // 1000


def _at(session: Session, t_boot_ns: int) -> str:
    """Return a moment as `--at` takes it, never before the session began."""
    wall_us = max(_wall_us(session, t_boot_ns), -(-session.started_wall_ns // 1000))
    second, micro = divmod(wall_us, 1_000_000)
    return f"time:{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}.{micro:06d}Z"


def _relative(path: str | None, root: Path) -> str | None:
    """Return a path relative to the workspace; for a file outside, as a link leads to, its name."""
    if path is None:
        return None
    return relative_path(root, path) or path.rpartition("/")[2]


def _label(entry: Entry, path: str | None, mask_text: Callable[[str], str]) -> str:
    text = _unmasked(entry, path)
    if entry.words:
        words = mask_text(entry.words)
        kind = entry.result if entry.kind == "git" and entry.result else entry.kind
        text = f"{kind}: {words}"
        if entry.result and entry.kind != "git":
            text = f"{text} ({entry.result})"
    line = _BLANKS.sub(" ", text).strip()
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1]}\u2026"


def _unmasked(entry: Entry, path: str | None) -> str:
    """Return the label of an entry without words of its own."""
    if entry.kind == LOOKING:
        counted = (_counted(entry.seen[kind], noun) for kind, noun in _SEEN.items())
        return f"looked around: {', '.join(one for one in counted if one)}"
    if entry.kind == FILES:
        named = path or _counted(entry.count, "file")
        return f"{named} changed on disk"
    if entry.kind in _NOUNS:
        text = _counted(entry.count, _NOUNS[entry.kind]) if entry.count > 1 else _NOUNS[entry.kind]
        return text if path is None else f"{text} in {path}"
    if entry.kind in _VERBS:
        times = "" if entry.count == 1 else f", {entry.count} times"
        return f"{_VERBS[entry.kind]} {path or 'a file'}{times}"
    if entry.kind == "environment":
        return "the machine: interpreter, packages, tools"
    return f"git {entry.result}" if entry.kind == "git" and entry.result else entry.kind


def _counted(count: int, noun: str) -> str:
    if count < 2:
        return f"1 {noun}" if count else ""
    head, of, rest = noun.partition(" of ")
    ending = "es" if head.endswith(("ch", "sh")) else "s"
    return f"{count} {head}{ending}{of}{rest}"


def range_of(value: Mapping[str, object]) -> tuple[str, int, int] | None:
    """Parse session, start and end of a `signoff.forget` argument; None if it is invalid."""
    session, start, end = (value.get(name) for name in ("session", "from", "to"))
    if not isinstance(session, str):
        return None
    numbers = [_number(part) for part in (start, end)]
    if numbers[0] is None or numbers[1] is None or numbers[0] > numbers[1]:
        return None
    return session, numbers[0], numbers[1]


def _number(value: object) -> int | None:
    is_number = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20
    return int(value) if isinstance(value, str) and is_number else None
