"""`signoff list`: sessions and episodes, with those that could not be sealed."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.sessions.seal_notes import left_out
from signoff_collector.capture.sessions.sessions import list_sessions, sealed_as
from signoff_collector.commands.list_table import print_table
from signoff_collector.health.seals import blocked_sessions
from signoff_collector.health.standing import rfc3339
from signoff_collector.kept.episode_files import episode_paths, is_signed, shared_from
from signoff_collector.own_files.home import resolve_home
from signoff_collector.own_files.private_files import read_regular
from signoff_collector.seal.upkeep import keep_up
from signoff_collector.system.abilities import WHERE_IT_RECORDS, can_record
from signoff_collector.system.clock import SystemClock
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import fields_of, is_items

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console
    from signoff_collector.system.clock import Clock

SUMMARY = "Sessions and episodes on this machine."
EXAMPLE = "signoff list --json"

_MOST_STATEMENT_BYTES: Final = 1 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments: there are none."""
    del parser


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print a table, oldest first; seal what was left lying."""
    del arguments
    home, clock = resolve_home(), SystemClock()
    rows = [*_sessions(home, clock), *_episodes(home, clock)]
    if console.is_json:
        for row in rows:
            console.row(row)
    elif rows:
        print_table(rows, console)
    else:
        how = "`signoff enable` records in a folder." if can_record() else WHERE_IT_RECORDS
        console.say(f"Nothing is recorded yet. {how}")
    keep_up(home, clock)
    return 0


def _sessions(home: Home, clock: Clock) -> list[dict[str, object]]:
    blocked = {item.session_id: item for item in blocked_sessions(home)}
    rows: list[dict[str, object]] = []
    for session in list_sessions(home):
        row: dict[str, object] = {
            "kind": "session",
            "id": session.id,
            "state": _state(session, clock, is_blocked=session.id in blocked),
            "root": str(session.root),
            "started": rfc3339(session.started_wall_ns),
        }
        sealed = sealed_as(session)
        if sealed is not None:
            row |= {
                "episode": sealed.path.stem,
                "title": sealed.title,
                "tasks": sealed.tasks,
                "duration_s": sealed.duration_ns // 10**9,
            }
            if without := left_out(session):
                row["left_out"] = without
        found = blocked.pop(session.id, None)
        if found is not None:
            row |= {"error": found.error, "hint": found.hint}
        rows.append(row)
    rows.extend(
        {
            "kind": "session",
            "id": item.session_id,
            "state": "damaged",
            "error": item.error,
            "hint": item.hint,
        }
        for item in blocked.values()
    )
    return rows


def _state(session: Session, clock: Clock, *, is_blocked: bool) -> str:
    if is_blocked:
        return "blocked"
    if sealed_as(session) is not None:
        return "sealed"
    return "ended" if session.is_over(clock) else "live"


def _episodes(home: Home, clock: Clock) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    roots = _roots(home)
    for path in episode_paths(home):
        status = path.stat()
        row: dict[str, object] = {
            "kind": "episode",
            "id": path.stem,
            "path": str(path),
            "size_bytes": status.st_size,
            "written": rfc3339(status.st_mtime_ns),
            "signed": is_signed(path),
        }
        if path.stem in roots:
            row |= roots[path.stem]
        if row["signed"]:
            row |= _signed_for(home, path, clock)
            row["signed"] = not row.get("withdrawn")
        rows.append(row)
    return rows


def _roots(home: Home) -> dict[str, dict[str, object]]:
    """Return workspace and session of every episode of which the session, still here, is known."""
    found: dict[str, dict[str, object]] = {}
    for session in list_sessions(home):
        sealed = sealed_as(session)
        if sealed is not None:
            about: dict[str, object] = {"root": str(session.root), "session": session.id}
            for base in sealed.digests:
                found |= {digest[:16]: about for digest in (base, *shared_from(home, base))}
    return found


def _signed_for(home: Home, path: Path, clock: Clock) -> dict[str, object]:
    """Return for whom an episode was signed, as its statement says, and where it lies now.

    Nothing is proven by it: `verify` is. What cannot be read is left out.
    """
    try:
        statement = path.with_name(f"{path.stem}.signoff.json")
        fields: object = json.loads(read_regular(statement, max_bytes=_MOST_STATEMENT_BYTES))
    except (SignoffError, ValueError, RecursionError):
        return {}
    audience = _member(_member(fields, "predicate"), "audience")
    subjects = _member(fields, "subject")
    first = subjects[0] if is_items(subjects) and subjects else None
    sha256 = _member(_member(first, "digest"), "sha256")
    if not isinstance(audience, str) or not isinstance(sha256, str):
        return {}
    from signoff_collector.review.tasks.task_states import TaskState, signed_for
    from signoff_collector.upload.outbox.outbox import held_at

    row: dict[str, object] = {"audiences": [audience]}
    made = signed_for(home, sha256, clock)
    with suppress(SignoffError):
        row["uploaded"] = list(held_at(home, sha256))
    if made:
        state = max(one.state for one in made)
        row["state"] = state.word
        withdrawn = [one.audience for one in made if one.state == TaskState.WITHDRAWN]
        if audience in withdrawn and state == TaskState.WITHDRAWN:
            row |= {"audiences": [], "withdrawn": withdrawn}
    return row


def _member(value: object, name: str) -> object:
    return fields_of(value).get(name)
