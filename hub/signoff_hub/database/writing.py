"""Rows that many may write at once: the first one wins, on either database."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Executable, Table


def create_row(connection: Connection, table: Table, values: Mapping[str, object]) -> bool:
    """Insert a row; False where one with one of its unique keys is there, which is untouched.

    It waits for a transaction that is just writing such a row.
    """
    made = _insert(table, connection.dialect.name)
    # `rowcount` of an insert is -1 with psycopg now and then: what came back is counted instead
    return connection.execute(made, values).first() is not None


@cache
def _insert(table: Table, dialect: str) -> Executable:
    """Return the statement, which is built once: that costs more than to run it."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing().returning(*table.primary_key.columns)
