"""Pending withdrawals of the outbox, and old versions that stores keep nevertheless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.upload.outbox.queued import QueuedWithdrawal

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable


class QueuedWithdrawals:
    """One table of the outbox; every change is on disk when a method returns."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, record_id: str, sha256: str, audience: str, tombstone: bytes) -> None:
        """Queue a withdrawal, once per sign-off; one that was done is done again."""
        self._connection.execute(
            "INSERT INTO withdrawals (record_id, sha256, audience, tombstone) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (record_id) DO UPDATE SET"
            " tombstone = excluded.tombstone, is_done = 0, last_error = NULL",
            (record_id, sha256, audience, tombstone),
        )

    def finish(self, record_id: str, error: str | None = None) -> None:
        """Record that a withdrawal was carried out, or why it failed."""
        self._connection.execute(
            "UPDATE withdrawals SET is_done = ?, last_error = ? WHERE record_id = ?",
            (int(error is None), error, record_id),
        )

    def note_kept(self, record_id: str, names: Iterable[str]) -> None:
        """Note old versions that a store keeps: a later look does not show them any more."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO kept_versions (record_id, name) VALUES (?, ?)",
            [(record_id, name) for name in names],
        )

    def kept(self, record_id: str) -> tuple[str, ...]:
        """Return the old versions that were left behind, as `KEY?versionId=VERSION`."""
        rows = self._connection.execute(
            "SELECT name FROM kept_versions WHERE record_id = ? ORDER BY name", (record_id,)
        )
        return tuple(row[0] for row in rows)

    def open(self) -> tuple[QueuedWithdrawal, ...]:
        """Return the withdrawals that no store has carried out yet, oldest first."""
        rows = self._connection.execute(
            "SELECT record_id, sha256, audience, tombstone, is_done, last_error FROM withdrawals"
            " WHERE is_done = 0 ORDER BY rowid"
        )
        return tuple(
            QueuedWithdrawal(
                record_id=row[0],
                sha256=row[1],
                audience=row[2],
                tombstone=row[3],
                is_done=bool(row[4]),
                last_error=row[5],
            )
            for row in rows
        )
