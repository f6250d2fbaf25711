"""The outbox's records: which sign-offs were made here, and why some count no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import sqlite3


class SignOffRecords:
    """One table of the outbox; every change is on disk when a method returns."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @property
    def connection(self) -> sqlite3.Connection:
        """For the tables that have a module of their own."""
        return self._connection

    def add_record(self, record_id: str, sha256: str, audience: str) -> None:
        """Note that a sign-off was made."""
        self._connection.execute(
            "INSERT OR IGNORE INTO records (record_id, sha256, audience) VALUES (?, ?, ?)",
            (record_id, sha256, audience),
        )

    def void_because(self, record_id: str) -> str | None:
        """Return why a sign-off counts no more, or None when it does or is unknown."""
        row = self._connection.execute(
            "SELECT void_because FROM records WHERE record_id = ?", (record_id,)
        ).fetchone()
        return cast("str | None", row[0]) if row else None

    def record(self, record_id: str) -> tuple[str, str] | None:
        """Return episode and audience of a sign-off made here, or None."""
        row = self._connection.execute(
            "SELECT sha256, audience FROM records WHERE record_id = ?", (record_id,)
        ).fetchone()
        return (row[0], row[1]) if row else None

    def records_of(self, sha256: str) -> tuple[tuple[str, str, str | None], ...]:
        """Return record id, audience and why it is void, of every sign-off of an episode."""
        rows = self._connection.execute(
            "SELECT record_id, audience, void_because FROM records WHERE sha256 = ? ORDER BY rowid",
            (sha256,),
        )
        return tuple(rows.fetchall())

    def digests_like(self, prefix: str) -> tuple[str, ...]:
        """Return the episodes signed here whose digest begins with these hexadecimal digits."""
        rows = self._connection.execute(
            "SELECT DISTINCT sha256 FROM records WHERE substr(sha256, 1, ?) = ?",
            (len(prefix), prefix),
        )
        return tuple(row[0] for row in rows)
