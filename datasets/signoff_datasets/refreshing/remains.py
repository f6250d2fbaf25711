"""The files of a shard without what is gone, made of those it has: rows are copied, not derived.

The bytes are those of a build of the same shard (tests/datasets/refreshing): a build too adds the
rows of one episode after the other, in order of their digests.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from signoff_collector.own_files.private_files import read_regular
from signoff_datasets.building.shards import BuiltShard, BuiltTable, Fault
from signoff_datasets.building.versions import refuse_other_versions
from signoff_datasets.tables.arrow import SCHEMAS
from signoff_datasets.tables.parquet import ParquetTable
from signoff_schemas.errors import DamagedError, NotFoundError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signoff_schemas.dataset import BuiltFile, PlannedShard

NOT_WHOLE: Final = (
    "Nothing was erased. Fetch a whole copy of this data set, or build its plan again with"
    " `signoff dataset build`, then refresh that."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """All that a worker needs to make one shard anew."""

    folder: str
    """Of the old data set."""
    shard: PlannedShard
    """As it is planned now."""
    files: tuple[BuiltFile, ...]
    """Of the shards that its episodes lay in."""
    versions: Mapping[str, str]


def remake(order: Remains) -> BuiltShard | Fault:
    """Make the files of a shard; runs in a worker."""
    try:
        refuse_other_versions(order.versions)
        tables = {table: _table(order, table) for table in SCHEMAS}
        return BuiltShard(tables=tables, set_aside={})
    except SignoffError as error:
        is_damaged = isinstance(error, DamagedError)
        return Fault(message=str(error), hint=error.hint, is_damaged=is_damaged)


def held_file(folder: Path, path: str, sha256: str, size_bytes: int) -> bytes:
    """Return a file of a data set.

    Raises:
        DamagedError: it is missing, or its bytes are not those that the manifest names.
    """
    try:
        content = read_regular(folder / path, max_bytes=size_bytes)
    except (NotFoundError, DamagedError) as error:
        raise DamagedError(
            f"{path} is not the file that the manifest names: {error}", hint=NOT_WHOLE
        ) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DamagedError(f"{path} has other bytes than the manifest names", hint=NOT_WHOLE)
    return content


def _table(order: Remains, table: str) -> BuiltTable:
    made = ParquetTable(table)
    wanted = set(order.shard.episodes)
    pieces = [_pieces(order, file) for file in order.files if file.table == table]
    for digest, rows in merge(*pieces, key=lambda one: one[0]):
        if digest in wanted:
            made.add(rows)
    return BuiltTable(content=made.content(), rows=made.rows)


def _pieces(order: Remains, file: BuiltFile) -> Iterator[tuple[str, Any]]:
    """Yield the rows of each episode of a file, in order; one row group is held."""
    content = held_file(Path(order.folder), file.path, file.sha256, file.size_bytes)
    opened = pq.ParquetFile(pa.BufferReader(content))
    for number in range(opened.num_row_groups):
        rows = opened.read_row_group(number, use_threads=False).cast(SCHEMAS[file.table])
        names = rows.column("episode").combine_chunks().dictionary_encode()
        codes = names.indices.to_numpy()
        starts = np.flatnonzero(np.diff(codes, prepend=-1)).tolist()
        for start, end in zip(starts, [*starts[1:], len(codes)], strict=True):
            piece = rows.slice(start, end - start)
            if file.table == "episodes" and file.shard != order.shard.name:
                at = piece.schema.get_field_index("shard")
                moved = pa.array([order.shard.name] * piece.num_rows, pa.string())
                piece = piece.set_column(at, piece.schema.field(at), moved)
            yield names.dictionary[int(codes[start])].as_py(), piece
