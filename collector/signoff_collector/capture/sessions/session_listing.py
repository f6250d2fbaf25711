"""List sessions, and those that wait to be sealed."""

from __future__ import annotations

from pathlib import Path

from signoff_collector.capture.sessions.seal_notes import is_given_up, sealed_as
from signoff_collector.capture.sessions.session_folder import Session, read_session
from signoff_collector.own_files.home import Home
from signoff_collector.system.clock import Clock
from signoff_schemas.errors import NotFoundError, SignoffError


def list_sessions(home: Home) -> list[Session]:
    """Return every readable session, oldest first."""
    return _read_folders(home)[0]


def damaged_sessions(home: Home) -> list[Path]:
    """Return folders that look like sessions but cannot be read."""
    return _read_folders(home)[1]


def _read_folders(home: Home) -> tuple[list[Session], list[Path]]:
    sessions: list[Session] = []
    damaged: list[Path] = []
    if not home.sessions.is_dir():
        return sessions, damaged
    for folder in sorted(home.sessions.iterdir()):
        if folder.name.startswith(".") or not folder.is_dir():
            continue
        try:
            sessions.append(read_session(folder))
        except SignoffError:
            damaged.append(folder)
    # an id has a resolution of one second, followed by a random number
    sessions.sort(key=lambda session: (session.started_wall_ns, session.id))
    return sessions, damaged


def find_session(home: Home, session_id: str) -> Session:
    """Return the session with this id or unambiguous prefix of one.

    Raises:
        NotFoundError: there is none, or more than one.
    """
    found = [session for session in list_sessions(home) if session.id.startswith(session_id)]
    if len(found) != 1:
        count = f"{len(found)} session ids begin" if found else "no session id begins"
        from signoff_collector.screen.suggestions import hint_of

        near = (
            "" if found else hint_of(session_id, (one.id for one in reversed(list_sessions(home))))
        )
        hint = f"{near} `signoff list` shows them all.".lstrip()
        raise NotFoundError(f"{count} with {session_id!r}", hint=hint)
    return found[0]


def active_session(home: Home, root: Path, clock: Clock) -> Session | None:
    """Return the active session of a workspace, if any; reads only."""
    for session in reversed(list_sessions(home)):
        if session.root == root and not session.is_over(clock):
            return session
    return None


def over_sessions(home: Home, clock: Clock) -> list[Session]:
    """Return sessions that are over but not sealed, also those whose attempts are exhausted."""
    return [
        session
        for session in list_sessions(home)
        if session.is_over(clock) and sealed_as(session) is None
    ]


def waiting_sessions(home: Home, clock: Clock) -> list[Session]:
    """Return the sessions that a sweep should seal now."""
    return [session for session in over_sessions(home, clock) if not is_given_up(session)]
