"""Checkpoint how far the watcher has read the reflogs, so that sealing finds what it missed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.capture.git.git_operations import (
    GitOperation,
    late_operations,
    with_branches_before,
)
from signoff_collector.capture.git.git_repository import (
    RefFormat,
    ReflogEntry,
    find_repository,
    read_reflog,
)
from signoff_collector.own_files.private_files import read_regular, replace_private
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import is_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from signoff_collector.capture.git.git_refs import RefsReading
    from signoff_collector.capture.sessions.sessions import Session

_FILE_NAME: Final = "git-seen.json"
_MAX_BYTES: Final = 1 << 16
_NS: Final = 1_000_000_000


def note_seen(session: Session, reading: RefsReading) -> None:
    """Store the last reflog entries that were journalled, or skipped during a pause.

    Raises:
        SignoffError: it cannot be written.
    """
    body = {"head": _last(reading.reflog), "stash": _last(reading.stashes)}
    replace_private(session.folder / _FILE_NAME, json.dumps(body).encode())


def note_start(session: Session) -> None:
    """Store where the reflogs end when a session begins, unless a checkpoint exists."""
    if (session.folder / _FILE_NAME).exists():
        return
    repository = find_repository(session.root)
    if repository is None or repository.ref_format is not RefFormat.FILES:
        return
    body = {
        "head": _last(read_reflog(repository).entries),
        "stash": _last(read_reflog(repository, "refs/stash").entries),
    }
    replace_private(session.folder / _FILE_NAME, json.dumps(body).encode())


def unseen_operations(
    session: Session, reading: RefsReading | None = None
) -> tuple[GitOperation, ...]:
    """Return the operations after the watcher's checkpoint, oldest first; for gathering.

    Their steps have `t_kind` seen_late and are placed at the end of second `t_wall_s`. Without a
    checkpoint, everything since the session began counts. `reading` saves reading the refs again.

    Raises:
        SignoffError: the refs cannot be read.
    """
    from signoff_collector.capture.git.git_refs import read_refs
    from signoff_collector.capture.git.git_watch import short

    if reading is None:
        repository = find_repository(session.root)
        if repository is None or repository.ref_format is not RefFormat.FILES:
            return ()
        reading = read_refs(repository)
    reflogs = {"head": reading.reflog, "stash": reading.stashes}
    note = _read_note(session)
    before: dict[str, Sequence[ReflogEntry]] = {}
    for name, entries in reflogs.items():
        if note is None:
            since_s = session.started_wall_ns // _NS
            before[name] = [entry for entry in entries if entry.t_wall_s < since_s]
        else:
            before[name] = _until(note.get(name), entries)
    found = late_operations(before["head"], reflogs["head"], before["stash"], reflogs["stash"])
    return with_branches_before(found, short(reading.head.branch), reading.refs)


def unseen_steps(session: Session, reading: RefsReading | None = None) -> list[dict[str, object]]:
    """Return `unseen_operations` as fields of STEP records, without a time since boot.

    Commits are read from the repository, as for a step that was seen in time. What only held at
    that moment (counts of dirty files, the index) can no longer be known.

    Raises:
        SignoffError: the refs cannot be read.
    """
    from signoff_collector.capture.git.git import Git
    from signoff_collector.capture.git.git_watch import MAX_OPERATIONS, Seen, step_fields

    found = unseen_operations(session, reading)[-MAX_OPERATIONS:]
    if not found:
        return []
    bodies = step_fields(Git(session.root), Seen(operations=found))
    return [{"t_kind": "seen_late", **body} for body in bodies]


def _last(entries: Sequence[ReflogEntry]) -> dict[str, object] | None:
    """Return the last entry; without its message, since `forget` does not rewrite this file."""
    if not entries:
        return None
    last = entries[-1]
    return {
        "old": last.old,
        "new": last.new,
        "t_wall_s": last.t_wall_s,
        "count": sum(map(_is_like(last), entries)),
    }


def _is_like(one: ReflogEntry) -> Callable[[ReflogEntry], bool]:
    """Return a predicate for entries that move a ref in the same way, in the same second."""
    return lambda entry: (entry.old, entry.new, entry.t_wall_s) == (one.old, one.new, one.t_wall_s)


def _until(note: object, entries: Sequence[ReflogEntry]) -> Sequence[ReflogEntry]:
    """Return the entries up to the checkpointed one."""
    named = _entry(note)
    if named is None:
        return []
    alike = [place for place, entry in enumerate(entries) if _is_like(named)(entry)]
    count = cast("Mapping[str, object]", note).get("count")
    if not alike or type(count) is not int:
        return [named]
    return entries[: alike[min(max(count, 1), len(alike)) - 1] + 1]


def _read_note(session: Session) -> Mapping[str, object] | None:
    try:
        data = read_regular(session.folder / _FILE_NAME, max_bytes=_MAX_BYTES)
        parsed: object = json.loads(data)
    except (SignoffError, ValueError, RecursionError):
        return None
    return parsed if is_fields(parsed) else None


def _entry(value: object) -> ReflogEntry | None:
    if not is_fields(value):
        return None
    fields = value
    old, new, seconds = (fields.get(name) for name in ("old", "new", "t_wall_s"))
    if not isinstance(old, str) or not isinstance(new, str):
        return None
    return ReflogEntry(
        old=old, new=new, t_wall_s=seconds if type(seconds) is int else 0, message=""
    )
