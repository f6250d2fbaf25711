"""Parquet: the tables of data sets, of one episode, in a folder.

`episodes.parquet`, `steps.parquet`, `edits.parquet`, `tests.parquet` have the columns of a data set
(docs/datasets.md). What only a plan knows (split, shard, contributor, and without a sign-off its
statement, terms and licence) is null. `export.json` says what was exported: the provenance of
`interface.Source.provenance` and the version of the tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_datasets.exports.interface import File, Format, export_file
from signoff_schemas.dataset import PlannedEpisode, PlannedShard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_datasets.exports.interface import Source
    from signoff_datasets.tables.facts import Facts, Rows

EXPORT_VERSION: Final = 2
_NOBODY: Final = "0" * 32
_OF_PLANS: Final = (
    "split", "shard", "contributor", "repository", "purposes", "prohibited_uses", "expires"
)  # fmt: skip
_SEQS: Final = ("seq", "seq_first")


def _write(source: Source) -> Iterator[File]:
    from signoff_datasets.tables.arrow import tables_of
    from signoff_datasets.tables.columns import TABLES_VERSION
    from signoff_datasets.tables.parquet import ParquetTable

    first, last = source.span()
    for name, rows in tables_of(_facts(source), source.episode).items():
        table = ParquetTable(name)
        table.add(_without_plan(source, rows) if name == "episodes" else _within(rows, first, last))
        yield File(name=f"{name}.parquet", content=table.content(), records=table.rows)
    told = source.provenance(EXPORT_VERSION, first, last) | {"tables_version": TABLES_VERSION}
    yield export_file(told)


def _within(rows: Rows, first: int, last: int) -> Rows:
    """Return the rows of some steps."""
    import pyarrow as pa

    whole = pa.concat_tables([rows])
    (name,) = (one for one in _SEQS if one in whole.column_names)
    inside = [first <= seq <= last for seq in whole[name].to_pylist()]
    kept: Rows = whole.filter(pa.array(inside, pa.bool_()))
    return kept


def _facts(source: Source) -> Facts:
    """Return facts as a plan would have them; what is made up here is taken out of the rows."""
    from signoff_datasets.tables.facts import Facts

    planned = PlannedEpisode(
        sha256=source.sha256,
        statement_sha256=source.statement_sha256 or "0" * 64,
        size_bytes=source.size_bytes,
        contributor=_NOBODY,
        repository=_NOBODY,
        licence=source.licence or "NOASSERTION",
        repository_licence=source.episode.header.base.spdx or "NOASSERTION",
        prohibited_uses=(),
        purposes=(),
        expires="1970-01-01T00:00:00Z",
    )
    shard = PlannedShard(name="train-00000", split="train", episodes=(source.sha256,))
    return Facts(planned=planned, shard=shard)


def _without_plan(source: Source, rows: Rows) -> Rows:
    """Return the row of an episode without what no plan and no sign-off said."""
    import pyarrow as pa

    unsaid: list[str] = list(_OF_PLANS)
    if source.statement_sha256 is None:
        unsaid += ["statement", "licence"]
    if source.episode.header.base.spdx is None:
        unsaid.append("repository_licence")
    whole = pa.concat_tables([rows])
    for name in unsaid:
        place = whole.schema.get_field_index(name)
        field = whole.schema.field(place)
        whole = whole.set_column(place, field, pa.nulls(whole.num_rows, field.type))
    kept: Rows = whole
    return kept


FORMAT: Final = Format(
    name="parquet", ending="", version=EXPORT_VERSION, write=_write, extra="datasets"
)
