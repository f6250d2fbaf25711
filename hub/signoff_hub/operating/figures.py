"""What is counted of a hub, for who runs it: of the whole hub, now, and never by somebody.

Counts of episodes are rounded down to tens, so that two looks do not tell of one person's doing
(docs/refusals.md). So are jobs, each of which is about one episode: rounded up, since an operator
has to see that something waits, and those that are done are not told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from signoff_hub.database.tables import BLOB, EPISODE, JOB, KEPT, LOG_STATE, SIGN_OFF, TOMBSTONE
from signoff_hub.jobs.queue import FAILED

if TYPE_CHECKING:
    from signoff_hub.node.node import Node

_TEN: Final = 10
_MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures of one moment."""

    episodes: Mapping[str, int]
    """By state, in tens."""
    refused: Mapping[str, int]
    """Sign-offs by the reason for refusing them, in tens."""
    jobs: Mapping[tuple[str, str], int]
    """By kind and state: those that failed as they are, others in tens, rounded up."""
    stored_mebibytes: int
    log_leaves: int
    """In tens."""
    kept_versions: int
    """Erasures that a lock or a policy of the store holds up, in tens, rounded up."""


def figures_of(node: Node) -> Figures:
    """Count what may be told.

    Raises:
        NetworkError: the database is away.
    """
    with node.database.read() as connection:
        by_state = select(EPISODE.c.state, func.count()).group_by(EPISODE.c.state)
        episodes = {state: _tens(count) for state, count in connection.execute(by_state)}
        by_reason = (
            select(SIGN_OFF.c.refused_because, func.count())
            .where(SIGN_OFF.c.refused_because.is_not(None))
            .group_by(SIGN_OFF.c.refused_because)
        )
        refused = {reason: _tens(count) for reason, count in connection.execute(by_reason)}
        by_kind = select(JOB.c.kind, JOB.c.state, func.count()).group_by(JOB.c.kind, JOB.c.state)
        jobs = {
            (kind, state): int(count) if state == FAILED else tens_up(count)
            for kind, state, count in connection.execute(by_kind)
        }
        stored = int(connection.execute(select(func.sum(BLOB.c.size_bytes))).scalar() or 0)
        kept = sum(
            int(
                connection.execute(select(func.count()).select_from(table).where(KEPT)).scalar()
                or 0
            )
            for table in (TOMBSTONE, SIGN_OFF)
        )
        size = int(connection.execute(select(LOG_STATE.c.size)).scalar() or 0)
    return Figures(
        episodes=episodes,
        refused=refused,
        jobs=jobs,
        stored_mebibytes=stored // _MIB,
        log_leaves=_tens(size),
        kept_versions=tens_up(kept),
    )


def tens_up(count: int) -> int:
    """Return a count rounded up to tens: none stays none, one is told as ten."""
    return -(-count // _TEN) * _TEN


def _tens(count: int) -> int:
    return count // _TEN * _TEN
