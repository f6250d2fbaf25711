"""Run where DuckDB and `datasets` are: one JSON line for each Parquet file, as each reads it.

`read_tables.py FOLDER FILE…`: rows by DuckDB, rows and columns by `datasets`, or their errors.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

from datasets import load_dataset


def by_duckdb(path: str) -> dict[str, object]:
    try:
        query = duckdb.sql("select * from read_parquet(?)", params=[path])
        return {"duckdb": len(query.fetchall()), "columns": query.columns}
    except duckdb.Error as error:
        return {"duckdb_error": str(error)[:200]}


def by_datasets(path: str, folder: Path) -> dict[str, object]:
    try:
        rows = load_dataset("parquet", data_files=path, split="train", cache_dir=str(folder))
        return {"datasets": len(rows), "same": sorted(rows.column_names)}
    except Exception as error:  # noqa: BLE001  whatever it says of a broken file
        return {"datasets_error": str(error)[:200]}


for name in sys.argv[2:]:
    told = by_duckdb(name) | by_datasets(name, Path(sys.argv[1], "cache"))
    print(json.dumps({"path": name, **told}))  # noqa: T201
