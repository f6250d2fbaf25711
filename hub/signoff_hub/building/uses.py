"""Uses: in which data sets episodes are, for what, and on which days those were read.

Told to the contributor about their own episodes, and to anybody who knows an episode's digest as
far as it measures nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, func, select

from signoff_hub.database.tables import (
    DATASET_VERSION,
    EPISODE,
    READING,
    SHARD_EPISODE,
    SIGN_OFF,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from signoff_hub.receiving.states import State

_READY: Final = "ready"
_WAS_READABLE: Final = (_READY, "replaced", "erased")
"""What never became ready was never read; its contributors need not hear of it."""
_ADMITTED: Final = "admitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedIn:
    """One version of a data set that holds an episode."""

    dataset: str
    version: int
    purpose: str
    state: str
    """ready, replaced or erased."""
    read_on: tuple[int, ...]
    """Seconds since 1970 at which the days began, the first one first."""


def uses_of(connection: Connection, states: Sequence[State]) -> dict[str, tuple[UsedIn, ...]]:
    """Return where each sign-off's episode is used on its strength, by the statement's digest.

    Two questions to the database, however many sign-offs there are. A version is read as a whole:
    that one of its shards was read counts for everybody in it, so that nobody learns more of a
    reader than there is to know.

    Args:
        connection: of a transaction.
        states: of sign-offs, at most as many as a page has.
    """
    held = connection.execute(
        select(
            SHARD_EPISODE.c.statement,
            DATASET_VERSION.c.name,
            DATASET_VERSION.c.version,
            DATASET_VERSION.c.purpose,
            DATASET_VERSION.c.state,
        )
        .join(
            DATASET_VERSION,
            and_(
                DATASET_VERSION.c.name == SHARD_EPISODE.c.name,
                DATASET_VERSION.c.version == SHARD_EPISODE.c.version,
            ),
        )
        .where(
            SHARD_EPISODE.c.episode.in_([one.sha256 for one in states]),
            SHARD_EPISODE.c.statement.in_([one.statement_sha256 for one in states]),
            DATASET_VERSION.c.state.in_(_WAS_READABLE),
        )
        .distinct()
        .order_by(DATASET_VERSION.c.name, DATASET_VERSION.c.version)
    ).all()
    days = _days_read(connection, {row.name for row in held})
    found: dict[str, list[UsedIn]] = {}
    for row in held:
        use = UsedIn(
            dataset=row.name,
            version=row.version,
            purpose=row.purpose,
            state=row.state,
            read_on=days.get((row.name, row.version), ()),
        )
        found.setdefault(row.statement, []).append(use)
    return {statement: tuple(uses) for statement, uses in found.items()}


def versions_with(connection: Connection, sha256: str, k: int) -> tuple[tuple[str, int], ...]:
    """Return names and versions of the data sets that hold an episode, for anybody who asks.

    Only those that can be read now, and only those with the episodes of `k` contributors or more
    who still agree. An episode that nobody knows, or that is not admitted, is in none.

    Args:
        connection: of a transaction.
        sha256: of the episode.
        k: that a data set needs before anything is said about it.
    """
    versions = connection.execute(
        select(SHARD_EPISODE.c.name, SHARD_EPISODE.c.version)
        .join(
            DATASET_VERSION,
            and_(
                DATASET_VERSION.c.name == SHARD_EPISODE.c.name,
                DATASET_VERSION.c.version == SHARD_EPISODE.c.version,
            ),
        )
        .join(EPISODE, EPISODE.c.sha256 == SHARD_EPISODE.c.episode)
        .where(
            SHARD_EPISODE.c.episode == sha256,
            EPISODE.c.state == _ADMITTED,
            DATASET_VERSION.c.state == _READY,
        )
        .distinct()
        .order_by(SHARD_EPISODE.c.name, SHARD_EPISODE.c.version)
    ).all()
    return tuple(
        (row.name, row.version)
        for row in versions
        if _contributors(connection, row.name, row.version, k) >= k
    )


def _contributors(connection: Connection, name: str, version: int, enough: int) -> int:
    """Count the accounts behind a version who still agree; stops counting at `enough`."""
    some = (
        select(SIGN_OFF.c.account)
        .join(SHARD_EPISODE, SHARD_EPISODE.c.statement == SIGN_OFF.c.statement)
        .where(
            SHARD_EPISODE.c.name == name,
            SHARD_EPISODE.c.version == version,
            SIGN_OFF.c.state == _ADMITTED,
        )
        .distinct()
        .limit(enough)
        .subquery()
    )
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def _days_read(
    connection: Connection, datasets: set[str]
) -> dict[tuple[str, int], tuple[int, ...]]:
    if not datasets:
        return {}
    rows = connection.execute(
        select(READING.c.dataset, READING.c.version, READING.c.read_on)
        .where(READING.c.dataset.in_(sorted(datasets)))
        .distinct()
        .order_by(READING.c.read_on)
    )
    found: dict[tuple[str, int], list[int]] = {}
    for row in rows:
        found.setdefault((row.dataset, row.version), []).append(row.read_on)
    return {version: tuple(days) for version, days in found.items()}
