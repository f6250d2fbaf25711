"""Collect what is recorded here and what is not, for `status` and plain `signoff`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from signoff_collector import __version__
from signoff_collector.capture.files.watch_state import read_watch_state
from signoff_collector.capture.opt_in.owners import CHANGED, Owners
from signoff_collector.capture.opt_in.policy import MAX_OPEN_BYTES, MAX_UNOPENED_BYTES, Policy
from signoff_collector.capture.opt_in.workspaces import Place, Workspaces
from signoff_collector.capture.sessions.seal_notes import left_out
from signoff_collector.capture.sessions.sessions import (
    active_session,
    list_sessions,
    over_sessions,
)
from signoff_collector.capture.tallies.step_counts import StepCounts
from signoff_collector.forgetting.forget_requests import pending_requests
from signoff_collector.forgetting.purging import CAP_BYTES, announced_episodes
from signoff_collector.health.at_work import problems
from signoff_collector.health.interface import Reach, Surroundings
from signoff_collector.health.not_recorded import no_test_results, not_set_up, not_told
from signoff_collector.health.seals import blocked_sessions, is_held

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.capture.files.watch_state import WatchState
    from signoff_collector.capture.opt_in.workspaces import Finding, Workspace
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.health.interface import Line
    from signoff_collector.health.seals import Blocked
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock
    from signoff_schemas.words import Owner

NEVER: Final = (
    "names on the never-record list (.env, keys, credentials, files to write commit messages in)",
    "everything git or .signoffignore ignores",
    "repositories and submodules inside this one",
    f"text with NUL bytes, open texts over {MAX_OPEN_BYTES >> 20} MiB, "
    f"other files over {MAX_UNOPENED_BYTES >> 20} MiB",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSession:
    """The session that goes on here."""

    session: Session
    counts: StepCounts
    has_writers: bool
    older_releases: tuple[str, ...]
    """Releases of running editor bridges that differ from this one."""

    watch: WatchState | None
    """How changes on disk are noticed; None while no watcher has said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everything `status` says."""

    home: Path
    here: Path
    finding: Finding
    owner: Owner | None
    """Whose code this is: a lock counts before what the opt-in says; None where there is none."""

    not_here: tuple[str, ...]
    """What is not recorded here: missing sources first, then what never is."""

    problems: tuple[Line, ...]
    live: LiveSession | None
    announcements: tuple[str, ...]
    others: tuple[Workspace, ...]
    """Opt-ins elsewhere, expired ones too."""

    blocked: tuple[Blocked, ...]
    left_out: int
    """Episodes of which something is left out that could not be masked."""

    waiting: int
    """Number of ended sessions that wait to be sealed."""

    unfinished_forgets: int

    @property
    def is_recorded(self) -> bool:
        """Whether what happens here now is written down."""
        return self.finding.place is Place.ENABLED


def stand(home: Home, clock: Clock, here: Path) -> Standing:
    """Collect the whole status; reads only.

    Raises:
        DamagedError: the list of opt-ins cannot be read.
    """
    workspaces = Workspaces(home, clock)
    finding = workspaces.look_up(here)
    workspace = finding.workspace
    session = None if workspace is None else active_session(home, workspace.root, clock)
    around = Surroundings.of(session, home, clock, here)
    live = _live(around)
    blocked = blocked_sessions(home)
    return Standing(
        home=home.root,
        here=here,
        finding=finding,
        owner=None if workspace is None else workspaces.owner_here(here, workspace),
        not_here=_not_here(home, workspace, live),
        problems=problems(around, Reach.STATUS),
        live=live,
        announcements=_announcements(home, clock, workspace),
        others=tuple(
            other
            for other in workspaces.all()
            if workspace is None or other.identifier != workspace.identifier
        ),
        blocked=blocked,
        left_out=sum(bool(left_out(session)) for session in list_sessions(home)),
        waiting=sum(
            session.id not in {item.session_id for item in blocked}
            for session in over_sessions(home, clock)
        ),
        unfinished_forgets=len(pending_requests(home)),
    )


def rfc3339(wall_ns: int) -> str:
    """Write a wall-clock time in UTC, to the second."""
    return datetime.fromtimestamp(wall_ns // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _announcements(home: Home, clock: Clock, workspace: Workspace | None) -> tuple[str, ...]:
    said = () if workspace is None else workspace.announcements(clock.wall_ns())
    if Owners(home).was_changed:
        said = (*said, CHANGED)
    going = announced_episodes(home)
    if not going:
        return said
    size = f"Episodes take more than {CAP_BYTES >> 30} GB"
    return (
        *said,
        f"{size}; one day after this was first shown, these are deleted: {', '.join(going)}.",
    )


def _not_here(home: Home, workspace: Workspace | None, live: LiveSession | None) -> tuple[str, ...]:
    if workspace is None:
        return ()
    writers = () if live is None else live.counts.writers
    untold = (*not_set_up(os.environ, writers), *not_told(writers))
    refused = Policy.for_workspace(workspace).refused_lines()
    lines = [f".signoffignore line without effect: {line}" for line in refused]
    return (*untold, *no_test_results(home, workspace.root), *NEVER, *lines)


def _live(around: Surroundings) -> LiveSession | None:
    session, counts = around.session, around.counts
    if session is None or counts is None:
        return None
    return LiveSession(
        session=session,
        counts=counts,
        has_writers=is_held(session),
        older_releases=_other_releases(session),
        watch=read_watch_state(session),
    )


def _other_releases(session: Session) -> tuple[str, ...]:
    """Read which releases of the bridge are at work, from what each left in the folder."""
    from signoff_collector.capture.sessions.bridges import presences_in

    found = {presence.version for presence in presences_in(session)}
    return tuple(sorted(found - {__version__}))
