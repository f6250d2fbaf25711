"""Resolve a moment to a step of a session, also between two sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from signoff_collector.episode.resolving import resolve_at
from signoff_schemas.at import AtOffset, AtWallTime
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    from signoff_collector.history.local_sessions import LocalSession
    from signoff_schemas.at import At


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A reference to one step."""

    session: str
    seq: int
    wall_ns: int


def seq_at(session: LocalSession, at: At) -> int:
    """Return the last step at or before a moment.

    A time after the session's end means its last step: nothing was recorded since.

    Raises:
        UsageError: the moment lies before the session, or it has no such step.
        SignoffError: the session cannot be read.
    """
    if not isinstance(at, AtWallTime):
        return resolve_at(session.episode, at)
    began_ns = session.episode.header.started_wall_ns  # later than the session's start
    since_start_ns = at.wall_ns - (session.started_wall_ns if began_ns is None else began_ns)
    if at.wall_ns < session.started_wall_ns // 10**9 * 10**9:  # shown as this second
        began = datetime.fromtimestamp(session.started_wall_ns / 1e9).astimezone()
        raise UsageError(
            f"session {session.id} began later, at {began:%Y-%m-%d %H:%M:%S}",
            hint="`signoff list` says when sessions began.",
        )
    times = session.episode.times()
    if not len(times) or since_start_ns > int(times[-1]):
        return session.episode.step_count - 1
    return resolve_at(session.episode, AtOffset(max(0, since_start_ns)))
