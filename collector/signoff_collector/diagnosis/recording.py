"""Checks of recording: enabled folders, the current folder, failed seals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.capture.files.watch_state import WatchMode, read_watch_state
from signoff_collector.capture.opt_in.workspaces import Place, Workspaces
from signoff_collector.capture.sessions.sessions import active_session
from signoff_collector.capture.sessions.step_counts import count_steps
from signoff_collector.diagnosis.interface import bad, note, ok
from signoff_collector.forgetting.forget_requests import pending_requests
from signoff_collector.status.self_check import age, find_problems, unwatched
from signoff_collector.status.standing import blocked_sessions
from signoff_collector.system.home import Home
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.diagnosis.interface import Line, Surroundings


def opt_ins(around: Surroundings) -> Line:
    """Say how many folders are enabled, and what is wrong with one of them."""
    home = around.home
    if not isinstance(home, Home):
        return bad("no home, so nothing is enabled", home.hint)
    try:
        workspaces = Workspaces(home, around.clock)
        found = workspaces.all()
        lapsed = [
            finding
            for workspace in found
            if (finding := workspaces.look_up(workspace.root)).place is not Place.ENABLED
        ]
        said = [
            words
            for workspace in found
            for words in workspace.announcements(around.clock.wall_ns())
        ]
    except SignoffError as error:
        return bad(str(error), error.hint)
    if not found:
        return note("no folder is enabled: nothing is recorded", "Run `signoff enable` in one.")
    if lapsed:
        return note(lapsed[0].fact, "See `signoff status` there.")
    if said:
        return note(said[0])
    return ok(f"{len(found)} enabled")


def here(around: Surroundings) -> Line:
    """Say whether the current folder is recorded."""
    home = around.home
    if not isinstance(home, Home):
        return bad("no home, so nothing is recorded here", home.hint)
    try:
        finding = Workspaces(home, around.clock).look_up(around.here)
    except SignoffError as error:
        return bad(str(error), error.hint)
    return ok(finding.fact)


def seals(around: Surroundings) -> Line:
    """Find sessions that cannot be sealed, and an interrupted `forget`."""
    home = around.home
    if not isinstance(home, Home):
        return bad("no home, so no sessions", home.hint)
    try:
        blocked = blocked_sessions(home, around.clock)
        unfinished = pending_requests(home)
    except SignoffError as error:
        return bad(str(error), error.hint)
    if unfinished:
        return bad("a `forget` was interrupted", "Run `signoff forget --finish`.")
    if blocked:
        first = blocked[0]
        return bad(
            f"{len(blocked)} sessions could not be sealed; {first.session_id}: {first.error}",
            first.hint or "`signoff list` says why.",
        )
    return ok("none failed")


def working(around: Surroundings) -> Line:
    """Check the recording of the current folder (docs/status.md)."""
    session = _session_here(around)
    if session is None:
        return ok("nothing is being recorded here now")
    home, clock = around.home, around.clock
    assert isinstance(home, Home)  # noqa: S101  there would be no session
    counts = count_steps(session, is_kept=False)
    problems = find_problems(session, counts, clock, home)
    if problems:
        first, *others = problems
        more = f" (and {len(others)} more: `signoff status`)" if others else ""
        return note(f"{first.text}{more}", first.hint)
    last_ns = max(counts.last_ns.values(), default=session.started_boot_ns)
    steps = sum(counts.by_kind.values())
    return ok(f"{steps} steps in this session, the last {age(clock.boot_ns() - last_ns)} ago")


def watching(around: Surroundings) -> Line:
    """Report how changes on disk are detected here."""
    session = _session_here(around)
    if session is None:
        return ok("no session here, so nothing is watched")
    for problem in unwatched(session, around.clock):
        return note(problem.text, problem.hint)
    state = read_watch_state(session)
    if state is None:
        return ok("no watcher has said how it watches yet")
    if state.mode is WatchMode.INOTIFY and not state.unwatched:
        return ok(f"the system tells of changes in {state.directories:,} folders")
    return note(
        state.reason or f"{state.unwatched:,} folders are not watched by the system",
        "Changes made outside an editor may be seen late there, or not at all.",
    )


def _session_here(around: Surroundings) -> Session | None:
    home = around.home
    if not isinstance(home, Home):
        return None
    try:
        workspace = Workspaces(home, around.clock).look_up(around.here).workspace
        return None if workspace is None else active_session(home, workspace.root, around.clock)
    except SignoffError:
        return None
