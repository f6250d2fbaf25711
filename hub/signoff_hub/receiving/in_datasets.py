"""What a data set holds ends there too: each version with it waits to be made anew without it.

In the transaction that ends a sign-off, so that no version is missed; the job is of `building`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from signoff_hub.database.tables import DATASET_VERSION, SHARD_EPISODE
from signoff_hub.jobs.queue import put

if TYPE_CHECKING:
    from sqlalchemy import Connection

REFRESH: Final = "refresh"
"""The job of a version that holds what has ended; its subject is `NAME/VERSION`."""
READY: Final = "ready"
"""State of a version that is read."""


def end_in_datasets(connection: Connection, episode: str, statement: str | None = None) -> None:
    """Have each version made anew that holds an episode, by one of its sign-offs or by any.

    Args:
        connection: of a transaction that holds the lock of the log.
        episode: digest.
        statement: digest of the sign-off that ended; None: all of them did.
    """
    held = SHARD_EPISODE.c.episode == episode
    if statement is not None:
        held &= SHARD_EPISODE.c.statement == statement
    found = connection.execute(
        select(DATASET_VERSION.c.name, DATASET_VERSION.c.version)
        .join(
            SHARD_EPISODE,
            (SHARD_EPISODE.c.name == DATASET_VERSION.c.name)
            & (SHARD_EPISODE.c.version == DATASET_VERSION.c.version),
        )
        .where(held, DATASET_VERSION.c.state == READY)
        .distinct()
        .order_by(DATASET_VERSION.c.name, DATASET_VERSION.c.version)
    ).all()
    for name, version in found:
        put(connection, REFRESH, f"{name}/{version}")
