"""The feed: signed pages of what ended and of data sets that were replaced, in the log's order.

The leaves give the order: on every node, and from one page to the next, nothing comes in between
later. It is public, so it names no contributor and holds what the tombstones hold.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from signoff_collector.consent.signatures.sshsig import NOTICE
from signoff_hub.database.tables import DATASET_VERSION, TOMBSTONE
from signoff_schemas.hub_feed import (
    MAX_ENTRIES,
    EndedEpisode,
    FeedPage,
    ReplacedDataset,
    SignedPage,
    encode_page,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from signoff_hub.node.node import Node


def feed(node: Node, after: int) -> SignedPage:
    """Return one page of the feed.

    Args:
        node: which hub.
        after: leaves from this number on; `next` of the page before, or 0 for the first.

    Raises:
        NetworkError: the database is away.
    """
    with node.database.read() as connection:
        episodes = _episodes(connection, after)
        datasets = _datasets(connection, after)
    full = [one.leaf for one in episodes[MAX_ENTRIES - 1 :]]
    full += [one.leaf for one in datasets[MAX_ENTRIES - 1 :]]
    last = min(full, default=None)
    if last is not None:
        episodes = [one for one in episodes if one.leaf <= last]
        datasets = [one for one in datasets if one.leaf <= last]
    leaves = [one.leaf for one in episodes] + [one.leaf for one in datasets]
    page = FeedPage(
        receiver=node.address,
        after=after,
        next=max(leaves, default=after - 1) + 1,
        is_last=last is None,
        episodes=tuple(episodes),
        datasets=tuple(datasets),
    )
    content = encode_page(page)
    signature = node.key.sign(content, NOTICE)
    return SignedPage(content=content.decode("ascii"), signature=signature.decode("ascii"))


def _episodes(connection: Connection, after: int) -> Sequence[EndedEpisode]:
    found = connection.execute(
        select(TOMBSTONE)
        .where(TOMBSTONE.c.leaf >= after)
        .order_by(TOMBSTONE.c.leaf)
        .limit(MAX_ENTRIES)
    )
    return [
        EndedEpisode(
            leaf=row.leaf,
            sha256=row.episode,
            because=row.because,
            on=_day(row.withdrawn_at),
            tombstone=bytes(row.content).decode("ascii") or None,
        )
        for row in found
    ]


def _datasets(connection: Connection, after: int) -> Sequence[ReplacedDataset]:
    found = connection.execute(
        select(DATASET_VERSION)
        .where(DATASET_VERSION.c.replaced_leaf >= after)
        .order_by(DATASET_VERSION.c.replaced_leaf)
        .limit(MAX_ENTRIES)
    )
    return [
        ReplacedDataset(
            leaf=row.replaced_leaf,
            name=row.name,
            version=row.version,
            manifest_sha256=row.manifest_sha256,
            on=_day(row.replaced_at),
        )
        for row in found
    ]


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
