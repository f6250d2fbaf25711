"""Rows that many may write at once: the first one wins, on either database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Table


def create_row(connection: Connection, table: Table, values: Mapping[str, object]) -> bool:
    """Insert a row; False where one with one of its unique keys is there, which is untouched.

    It waits for a transaction that is just writing such a row.
    """
    made = (
        sqlite.insert(table).values(values).on_conflict_do_nothing()
        if connection.dialect.name == "sqlite"
        else postgresql.insert(table).values(values).on_conflict_do_nothing()
    )
    # `rowcount` of an insert is -1 with psycopg now and then: what came back is counted instead
    return connection.execute(made.returning(*table.primary_key.columns)).first() is not None
