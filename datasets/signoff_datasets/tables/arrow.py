"""An episode as Arrow tables, one of each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa

from signoff_collector.levels.levels import levels_of
from signoff_datasets.tables.columns import COLUMNS
from signoff_datasets.tables.edit_rows import edit_columns
from signoff_datasets.tables.episode_rows import episode_row
from signoff_datasets.tables.spans import Spans
from signoff_datasets.tables.step_rows import step_rows
from signoff_datasets.tables.test_rows import test_rows
from signoff_datasets.tables.times import Times

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signoff_collector.episode.content import Episode
    from signoff_datasets.tables.episode_rows import Row
    from signoff_datasets.tables.facts import Facts, Rows

_TYPES: Final = {
    "text": pa.string(),
    "texts": pa.list_(pa.string()),
    "number": pa.int64(),
    "numbers": pa.list_(pa.int64()),
    "flag": pa.bool_(),
}
SCHEMAS: Final[dict[str, pa.Schema]] = {
    table: pa.schema([pa.field(one.name, _TYPES[one.kind]) for one in columns])
    for table, columns in COLUMNS.items()
}
"""Table to its schema."""


def tables_of(facts: Facts, episode: Episode) -> dict[str, Rows]:
    """Return the rows of an episode in every table.

    Raises:
        DamagedError: a buffer was opened on bytes that are not text, or an edit does not fit.
    """
    spans, times = Spans(episode, levels_of(episode)), Times(episode)
    sha256 = facts.planned.sha256
    return {
        "episodes": _of_rows("episodes", [episode_row(facts, episode, times)]),
        "steps": _of_rows("steps", step_rows(sha256, episode, spans, times)),
        "edits": _of_columns("edits", edit_columns(sha256, episode, spans, times)),
        "tests": _of_rows("tests", test_rows(sha256, episode, spans, times)),
    }


def _of_rows(table: str, rows: Iterable[Row]) -> Rows:
    taken = list(rows)
    names = [one.name for one in COLUMNS[table]]
    return _of_columns(table, {name: [row.get(name) for row in taken] for name in names})


def _of_columns(table: str, columns: dict[str, Sequence[object]]) -> Rows:
    schema = SCHEMAS[table]
    arrays = [pa.array(columns[field.name], type=field.type) for field in schema]
    made: Rows = pa.Table.from_arrays(arrays, schema=schema)
    return made
