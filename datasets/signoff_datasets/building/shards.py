"""Build one shard: a pure function from episodes to one file of each table."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.episode.file.reader import read_episode
from signoff_datasets.building.versions import refuse_other_versions
from signoff_datasets.planning.cutting import fits
from signoff_datasets.sources.opening import open_source
from signoff_datasets.tables.arrow import tables_of
from signoff_datasets.tables.columns import COLUMNS
from signoff_datasets.tables.facts import Facts
from signoff_datasets.tables.parquet import ParquetTable
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from signoff_datasets.screening.reasons import BuildReason
    from signoff_datasets.tables.facts import Rows
    from signoff_schemas.dataset import PlannedEpisode, PlannedShard


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """All that a worker needs to build one shard."""

    shard: PlannedShard
    planned: Mapping[str, PlannedEpisode]
    """Digest to what the plan says, for each episode of the shard."""
    places: Mapping[str, str]
    """Digest to its place in the source."""
    address: str
    """Of the source."""
    k: int
    versions: Mapping[str, str]
    without: frozenset[str] = frozenset()
    """Episodes that killed the worker that read them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltTable:
    """One file of a shard."""

    content: bytes
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltShard:
    """What came of an order."""

    tables: dict[str, BuiltTable]
    """Table to its file; empty when too few people were left in the shard."""
    set_aside: dict[str, BuildReason]
    """Digest to reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why an order cannot be carried out here, whatever its episodes are."""

    message: str
    hint: str | None
    is_damaged: bool = False
    """Whether bytes of the data set itself are others than its manifest names."""


def build(order: Order) -> BuiltShard | Fault:
    """Read the episodes of an order from their source and build the shard; runs in a worker."""
    try:
        refuse_other_versions(order.versions)
        source = open_source(order.address)
        try:
            return build_shard(order, lambda digest: source.content(order.places[digest]))
        finally:
            source.close()
    except SignoffError as error:
        return Fault(message=str(error), hint=error.hint)


def build_shard(order: Order, read: Callable[[str], bytes | None]) -> BuiltShard:
    """Build a shard; the same order and bytes give the same files anywhere.

    An episode that cannot be read, or from which no rows can be made, is set aside and the shard
    is what it would be had it not been planned.
    """
    files = {table: ParquetTable(table) for table in COLUMNS}
    aside: dict[str, BuildReason] = {}
    kept: list[PlannedEpisode] = []
    for digest in order.shard.episodes:
        if digest in order.without:
            aside[digest] = "killed-its-worker"
            continue
        facts = Facts(planned=order.planned[digest], shard=order.shard)
        rows = _rows_of(facts, read(digest))
        if rows is None:
            aside[digest] = "unreadable"
            continue
        kept.append(facts.planned)
        for table, made in rows.items():
            files[table].add(made)
    if not fits(kept, order.k):
        return BuiltShard(
            tables={}, set_aside={**{one.sha256: "fewer-than-k" for one in kept}, **aside}
        )
    tables = {
        table: BuiltTable(content=file.content(), rows=file.rows) for table, file in files.items()
    }
    return BuiltShard(tables=tables, set_aside=aside)


def _rows_of(facts: Facts, content: bytes | None) -> dict[str, Rows] | None:
    """Return the rows of an episode; None where nothing can be made of its bytes."""
    if content is None or hashlib.sha256(content).hexdigest() != facts.planned.sha256:
        return None
    try:
        return tables_of(facts, read_episode(content))
    except MemoryError:
        raise  # the machine's, not the episode's: tried again alone
    except Exception:  # noqa: BLE001  # whatever foreign bytes do, they spoil themselves alone
        return None
