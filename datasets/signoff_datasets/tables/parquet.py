"""Parquet whose bytes follow from the rows, the order of the episodes and pyarrow's release."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from signoff_datasets.tables.arrow import SCHEMAS

if TYPE_CHECKING:
    from typing import Any

    from signoff_datasets.tables.facts import Rows

_GROUP_ROWS: Final = 1 << 16
"""A row group ends with the episode that fills it."""
_OPTIONS: Final[dict[str, Any]] = {
    "compression": "zstd",
    "compression_level": 6,
    "version": "2.6",
    "data_page_version": "1.0",
    "use_dictionary": True,
    "write_statistics": True,
    "store_schema": False,
    "write_page_index": False,
}
"""Every option that decides a byte; what is not here does not depend on the machine."""


class ParquetTable:
    """Builds one file in memory, episode by episode; only a row group is held as rows."""

    def __init__(self, table: str) -> None:
        self._schema = SCHEMAS[table]
        self._sink = io.BytesIO()
        self._writer = pq.ParquetWriter(self._sink, self._schema, **_OPTIONS)
        self._waiting: list[Rows] = []
        self._waiting_rows = 0
        self.rows = 0
        """That were added."""

    def add(self, rows: Rows) -> None:
        """Add the rows of one episode."""
        self._waiting.append(rows)
        self._waiting_rows += rows.num_rows
        self.rows += rows.num_rows
        if self._waiting_rows >= _GROUP_ROWS:
            self._flush()

    def content(self) -> bytes:
        """Return the whole file; nothing may be added afterwards."""
        self._flush()
        self._writer.close()
        return self._sink.getvalue()

    def _flush(self) -> None:
        if self._waiting_rows:
            whole = pa.concat_tables(self._waiting).combine_chunks()
            self._writer.write_table(whole, row_group_size=whole.num_rows)
        self._waiting, self._waiting_rows = [], 0
