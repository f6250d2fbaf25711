"""Open, join and end sessions, and start sealing those that are over (docs/journal.md)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from signoff_collector.capture.journal.journal_writer import JournalWriter
from signoff_collector.capture.sessions.active_list import drop_ended, list_active
from signoff_collector.capture.sessions.session_folder import (
    LONGEST_NS,
    HasRoot,
    Session,
    SessionHold,
    create_session,
)
from signoff_collector.capture.sessions.session_listing import (
    active_session,
    list_sessions,
    waiting_sessions,
)
from signoff_collector.own_files.home import Home
from signoff_collector.own_files.private_files import (
    FILE_MODE,
    FileLock,
    locked,
    sync_folder,
    try_lock,
)
from signoff_collector.programs.launching import launch_detached
from signoff_collector.system.clock import Clock
from signoff_collector.system.files.opening import NO_LINK
from signoff_schemas.errors import SessionOverError

_T = TypeVar("_T")
_JOIN_TRIES: Final = 8
_MARK_FLAGS: Final = os.O_WRONLY | os.O_CREAT | NO_LINK


def is_over(session: Session, clock: Clock) -> bool:
    """Whether a writer must leave this session and join the next one."""
    return session.is_over(clock)


def open_session(
    home: Home,
    workspace: HasRoot,
    clock: Clock,
    *,
    fields: Mapping[str, object] | None = None,
) -> Session:
    """Return the active session of a workspace, or create one; concurrent callers share one.

    Raises:
        RefusedError: the home may not be used, or lies inside the workspace.
        DiskFullError: there is no room.
    """
    home.ensure()
    with locked(home.sessions / ".lock"):
        current = active_session(home, workspace.root, clock)
        if current is not None:
            list_active(home, current, workspace, lasts_ns=LONGEST_NS)
            return current
        for session in list_sessions(home):
            if session.root == workspace.root and session.is_active:
                _end(session)
        session = create_session(home, workspace.root, clock=clock, fields=fields)
        list_active(home, session, workspace, lasts_ns=LONGEST_NS)
        return session


def join_workspace(
    home: Home,
    workspace: HasRoot,
    writer: str,
    clock: Clock,
    *,
    header_fields: Mapping[str, object] | None = None,
) -> tuple[Session, JournalWriter]:
    """Open the workspace's session and create a journal in it; see `hold_workspace`."""
    return _joined(
        home,
        workspace,
        clock,
        lambda session: session.join(writer, clock=clock, header_fields=header_fields),
    )


def hold_workspace(home: Home, workspace: HasRoot, clock: Clock) -> tuple[Session, SessionHold]:
    """Open the workspace's session and keep it from being sealed, also while an old one is.

    For sources that write no journal, or not yet. `sweep` after releasing the hold.

    Raises:
        SessionOverError: sessions ended faster than they could be joined.
        DiskFullError: there is no room.
    """
    return _joined(home, workspace, clock, Session.hold)


def _joined(
    home: Home, workspace: HasRoot, clock: Clock, join: Callable[[Session], _T]
) -> tuple[Session, _T]:
    """Join the workspace's session; the one loop of all writers.

    A session that cannot be joined is being sealed, though its folder may not say so yet. It is
    ended, so that the next try opens another one instead of the same.
    """
    for _ in range(_JOIN_TRIES):
        session = open_session(home, workspace, clock)
        try:
            return session, join(session)
        except SessionOverError:
            end_session(home, session)
    raise SessionOverError(f"the sessions of {workspace.root} end as soon as they begin")


def end_session(home: Home, session: Session) -> None:
    """End a session: no new writer can join, and present ones notice at their next poll."""
    with locked(home.sessions / ".lock"):
        _end(session)
        drop_ended(home)


def _end(session: Session) -> None:
    (session.folder / "active").unlink(missing_ok=True)
    if session.folder.is_dir():
        sync_folder(session.folder)


def try_own(session: Session) -> FileLock | None:
    """Try to take the lock that gathering and sealing need; None while a writer runs."""
    return session.try_own()


def try_sweep_lock(home: Home) -> FileLock | None:
    """Try to take the lock that `seal --sweep` holds; None while another sweep runs."""
    return try_lock(home.sessions / ".sweep")


def sweep(
    home: Home,
    clock: Clock,
    *,
    launch: Callable[[Home], None] | None = None,
) -> bool:
    """Start one detached child that seals sessions that are over; return whether it was started.

    Cheap when there is nothing to seal. Every verb and every bridge start calls it, and so does
    whoever held a session's `alive` lock, however briefly, after releasing it: so the last of them
    finds the session free. A running child may have listed the sessions before this one ended: a
    mark file makes it list them again (`in_rounds`).
    """
    _remove_unborn(home)
    if not any(_is_free(session) for session in waiting_sessions(home, clock)):
        return False
    _ask_for_round(home)
    lock = try_sweep_lock(home)
    if lock is None:
        return False
    lock.release()
    (launch or _launch_sealer)(home)
    return True


def in_rounds(home: Home, look: Callable[[], None]) -> None:
    """Call `look` under the sweep lock, and again as long as a request arrived meanwhile.

    A requester creates the mark file first and then finds the lock taken. The holder removes the
    mark before each look, and checks for it once more after releasing the lock. So no request is
    lost, and nothing is done when another process holds the lock: it will see the mark.
    """
    while (lock := try_sweep_lock(home)) is not None:
        with lock:
            _mark(home).unlink(missing_ok=True)
            look()
        if not _mark(home).exists():
            return


def _mark(home: Home) -> Path:
    return home.sessions / ".sweep-again"


def _ask_for_round(home: Home) -> None:
    """Create the mark file; if the disk is full the next verb sweeps."""
    with contextlib.suppress(OSError):
        os.close(os.open(_mark(home), _MARK_FLAGS, FILE_MODE))


def _is_free(session: Session) -> bool:
    try:
        return not session.has_writers()
    except SessionOverError:
        return False


def _launch_sealer(home: Home) -> None:
    from signoff_collector.known_values.exact_values import handover

    extra_env = {"SIGNOFF_HOME": str(home.root), **handover(os.environ)}
    launch_detached(["seal", "--sweep"], cwd=home.root, extra_env=extra_env)


def _remove_unborn(home: Home) -> None:
    """Remove folders of sessions whose creator was killed before it renamed them."""
    if not home.sessions.is_dir() or not any(home.sessions.glob(".new-*")):
        return
    import shutil

    with locked(home.sessions / ".lock"):
        for folder in home.sessions.glob(".new-*"):
            shutil.rmtree(folder, ignore_errors=True)
