"""Control a running recording: pause, resume, stop, disable, add a task or note.

Verbs and editor commands call the same functions. A request is written to a file that every writer
polls at least twice a second; what must outlast the session is stored with the opt-in.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from signoff_collector.capture.journal.control import PAUSED, control_state
from signoff_collector.capture.journal.journal_frames import RecordKind
from signoff_collector.capture.opt_in.workspaces import Place, Workspaces
from signoff_collector.capture.sessions.sessions import (
    active_session,
    end_session,
    join_workspace,
    list_sessions,
    sweep,
)
from signoff_collector.capture.sessions.starting_watcher import ensure_watcher
from signoff_collector.capture.tallies.tally_file import has_edits
from signoff_collector.workspaces.enabled_list import FOREVER_NS
from signoff_schemas.errors import NotFoundError, RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from signoff_collector.capture.opt_in.workspaces import Workspace
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

MAX_WORDS: Final = 10_000
"""Most characters of one task or note."""

_LET_GO_S: Final = 5.0
_LOOK_S: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The result of `stop`."""

    session: Session
    has_writers: bool
    """Whether a writer still holds the session; it is sealed when the writer exits."""


def pause(
    home: Home,
    clock: Clock,
    workspaces: Iterable[Workspace],
    *,
    for_ns: int | None = None,
    reason: str = PAUSED,
) -> None:
    """Pause recording in these workspaces, for a while or (with `for_ns` None) until resumed.

    The reason, `PAUSED` or `PRIVATE`, becomes the reason of the gap.
    """
    chosen = {workspace.identifier for workspace in workspaces}
    until = {} if for_ns is None else {"until": str(clock.boot_ns() + for_ns)}
    if reason != PAUSED:
        until["reason"] = reason
    for session in _sessions_of(home, clock, chosen):
        if not session.is_over(clock):
            session.ask("pause", clock=clock, fields=until)
    until_ns = FOREVER_NS if for_ns is None else clock.wall_ns() + for_ns
    Workspaces(home, clock).set_pause(chosen, until_ns)


def resume(home: Home, clock: Clock, workspaces: Iterable[Workspace]) -> None:
    """Resume recording in these workspaces; text written meanwhile is marked as such."""
    chosen = {workspace.identifier for workspace in workspaces}
    Workspaces(home, clock).set_pause(chosen, None)
    for session in _sessions_of(home, clock, chosen):
        if control_state(session.control_lines()).paused_since_ns is not None:
            session.ask("resume", clock=clock)


def disable(home: Home, clock: Clock, path: Path) -> Workspace:
    """Remove the opt-in that covers a path, and end its sessions.

    Raises:
        NotFoundError: the path is not enabled.
    """
    workspaces = Workspaces(home, clock)
    workspace = workspaces.look_up(path).workspace
    sessions = [] if workspace is None else _sessions_of(home, clock, {workspace.identifier})
    removed = workspaces.disable(path)
    for session in sessions:
        if session.is_active:
            session.ask("disable", clock=clock)
            end_session(home, session)
    sweep(home, clock)
    return removed


def stop(home: Home, clock: Clock, root: Path) -> Stopped:
    """End the active session of a workspace and start sealing it.

    Raises:
        NotFoundError: there is no active session.
    """
    session = active_session(home, root, clock)
    if session is None:
        raise NotFoundError(
            f"no session is active in {root}", hint="`signoff list` shows those that ended."
        )
    session.ask("stop", clock=clock)
    end_session(home, session)
    has_writers = wait_for_writers(session)
    sweep(home, clock)
    return Stopped(session=session, has_writers=has_writers)


def wait_for_writers(session: Session, *, limit_s: float = _LET_GO_S) -> bool:
    """Wait until every writer left an ended session; return True if some did not in time."""
    end = time.monotonic() + limit_s
    while session.has_writers():
        if time.monotonic() >= end:
            return True
        time.sleep(_LOOK_S)
    return False


def say(home: Home, clock: Clock, path: Path, kind: Literal["task", "note"], text: str) -> Session:
    """Add a task or note to the session of a path; opens one when there is none.

    Raises:
        UsageError: the text is empty or too long.
        NotFoundError: nothing is recorded there.
        RefusedError: recording is paused there.
    """
    words = text.encode("utf-8", "replace").decode("utf-8").strip()
    if not words or len(words) > MAX_WORDS:
        raise UsageError(
            f"a {kind} has 1 to {MAX_WORDS} characters, not {len(words)}",
            hint=f'signoff {kind} "make the cache survive a restart"',
        )
    workspace = recorded_workspace(home, clock, path)
    session, writer = join_workspace(home, workspace, "words", clock)
    with writer:
        ensure_watcher(session, home)
        fields: dict[str, object] = {
            "t_boot_ns": clock.boot_ns(),
            "t_kind": "event",
            "kind": kind,
            "text": words,
        }
        if kind == "task":
            stated = "during" if has_edits(session) else "before_first_edit"
            fields |= {"origin": "person", "stated": stated}
        else:
            fields["stated"] = "live"
        writer.append_value(RecordKind.STEP, fields)
        writer.sync()
    sweep(home, clock)  # it may have ended meanwhile, and we were its last writer
    return session


def recorded_workspace(home: Home, clock: Clock, path: Path) -> Workspace:
    """Return the workspace that records a path now.

    Raises:
        NotFoundError: nothing is recorded there.
        RefusedError: recording is paused or suspended there.
    """
    finding = Workspaces(home, clock).look_up(path)
    if finding.place is Place.ENABLED and finding.workspace is not None:
        return finding.workspace
    if finding.place is Place.PAUSED:
        raise RefusedError(finding.fact, hint="Resume with `signoff resume`.")
    if finding.workspace is not None:
        raise RefusedError(finding.fact, hint="Enable it again with `signoff enable`.")
    raise NotFoundError(finding.fact, hint="Switch it on with `signoff enable`.")


def _sessions_of(home: Home, clock: Clock, identifiers: set[str]) -> list[Session]:
    """Return all sessions, sealed ones too, of workspaces and their linked work trees."""
    workspaces = Workspaces(home, clock)
    found: list[Session] = []
    for session in list_sessions(home):
        workspace = workspaces.look_up(session.root).workspace
        if workspace is not None and workspace.identifier in identifiers:
            found.append(session)
    return found
