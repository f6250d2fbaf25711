"""Sessions that could not be sealed, a `forget` that was cut short, what could not be masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.capture.sessions.seal_notes import is_given_up, left_out
from signoff_collector.capture.sessions.sessions import (
    damaged_sessions,
    list_sessions,
    seal_failure,
    sealed_as,
)
from signoff_collector.forgetting.forget_requests import pending_requests
from signoff_collector.health.interface import Reach, bad, note, ok
from signoff_collector.own_files.home import Home
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.health.interface import Line, Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A session that cannot be sealed by itself."""

    session_id: str
    error: str
    hint: str | None
    session: Session | None = None
    """None: its folder cannot be read as one."""


def seals(around: Surroundings) -> Iterator[Line]:
    """Name what keeps sessions from being sealed, or out of their episodes."""
    home = around.needed_home
    if pending_requests(home):
        yield bad(
            "a `forget` was interrupted",
            "Run `signoff forget --finish`.",
            key="forget",
            reach=Reach.STATUS,
        )
    blocked = blocked_sessions(home)
    for one in blocked:
        yield bad(
            f"session {one.session_id} could not be sealed: {one.error}",
            one.hint or "`signoff list` says why.",
            key=f"blocked-{one.session_id}",
            reach=Reach.EDITORS if _is_over_here(one, around) else Reach.STATUS,
        )
    without = sum(bool(left_out(session)) for session in list_sessions(home))
    if without:
        yield note(
            f"something could not be masked and was left out of {without} episode(s)",
            "`signoff list` names it.",
            key="left-out",
            reach=Reach.STATUS,
        )
    if not blocked:
        yield ok("none failed")


def _is_over_here(blocked: Blocked, around: Surroundings) -> bool:
    """Whether it is a session of this workspace that is not tried again by itself."""
    session, live = blocked.session, around.session
    is_here = session is not None and live is not None and session.root == live.root
    return session is not None and is_here and is_given_up(session)


def blocked_sessions(home: Home) -> tuple[Blocked, ...]:
    """Return the sessions whose seal failed, and folders that cannot be read as one."""
    found: list[Blocked] = []
    for session in list_sessions(home):
        failure = seal_failure(session)
        if failure is not None and sealed_as(session) is None and not is_held(session):
            one = Blocked(
                session_id=session.id, error=failure.error, hint=failure.hint, session=session
            )
            found.append(one)
    found.extend(
        Blocked(
            session_id=folder.name,
            error="its folder cannot be read as a session",
            hint=f"Remove it with `signoff discard {folder.name}`.",
        )
        for folder in damaged_sessions(home)
    )
    return tuple(found)


def is_held(session: Session) -> bool:
    """Return whether a process works on it right now: a running seal is not a failed one."""
    try:
        return session.has_writers()
    except SignoffError:
        return False
