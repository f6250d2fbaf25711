"""What a database still has of rows that were erased: overwritten, and out of its journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from signoff_hub.database.database import in_words

if TYPE_CHECKING:
    from signoff_hub.database.database import Database

_TABLES: Final = ("sign_off", "episode", "blob", "label", "log_opening", "job")
"""Tables whose rows are erased because somebody took something back."""


def compact(database: Database) -> bool:
    """Let go of the old bytes of erased rows; False while somebody still reads them.

    SQLite overwrites erased rows (`secure_delete`), and its journal is emptied here. PostgreSQL
    gives their room to the next rows; its write-ahead log and its backups go their own way
    (docs/hub/withdrawal.md). No table holds a byte of an episode.
    """
    with in_words(), database.engine.connect() as connection:
        if database.is_sqlite:
            is_busy = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).scalar()
            return not is_busy
        plain = connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in _TABLES:
            plain.execute(text(f"VACUUM {table}"))
    return True
