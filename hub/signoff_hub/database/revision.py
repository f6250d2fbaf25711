"""Which release made the tables: they are made, moved up, adopted or refused when a node starts.

All of it is one transaction, on SQLite too: a node that dies in the middle changed nothing, and of
two that start at once the second waits and finds it done.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import column, delete, insert, inspect, select, table, text, update

from signoff_hub.database.tables import METADATA
from signoff_schemas.errors import DamagedError, NewerVersionError, RefusedError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from signoff_hub.database.database import Database

NEWEST: Final = 1
"""The revision that `tables.py` describes."""
MARK: Final = "alembic_version"
"""The table with the one row that says so."""
_ROW: Final = table(MARK, column("version_num"))
_RESTORING: Final = "restoring "
"""What the mark begins with while a backup is put back; behind it is which."""
_MAKE_MARK: Final = (
    f"CREATE TABLE {MARK} (version_num VARCHAR(32) NOT NULL,"
    f" CONSTRAINT {MARK}_pkc PRIMARY KEY (version_num))"
)
"""As alembic makes it."""
_MIGRATIONS: Final = Path(__file__).with_name("migrations")


def prepare(database: Database, *, restoring: str | None = None) -> None:
    """Have the tables of this release, whatever is there; returns at once where they are.

    Tables without a mark, as they were made before there were marks, are taken for revision 1 if
    they have its columns.

    Args:
        database: of the hub.
        restoring: which backup the caller puts back into it; None: none.

    Raises:
        RefusedError: somebody puts a backup back into it, or began to and was cut off.
        NewerVersionError: a newer release made them.
        DamagedError: they are no hub's, or not what their mark says.
        NetworkError: the database does not answer.
    """
    with database.read() as connection:
        mark = read_mark(connection)
    if restoring is not None and mark == f"{_RESTORING}{restoring}":
        return
    if _judged(mark) == NEWEST:
        return
    with database.write() as connection:
        database.lock_tables(connection)
        found = _judged(read_mark(connection))
        if found != NEWEST:
            move_up(connection)


def is_free(connection: Connection, name: str) -> bool:
    """Tell whether a backup may be put into a database: it is empty, or was begun with it."""
    mark = read_mark(connection)
    if mark is not None:
        return mark == f"{_RESTORING}{name}"
    return not inspect(connection).get_table_names()


def begin_restoring(database: Database, name: str) -> None:
    """Mark a database as one that no node may work with, and empty what was begun with it.

    Args:
        database: an empty one, or one into which the same backup was put and that was cut off.
        name: of the backup, at most 20 characters.

    Raises:
        RefusedError: it holds something else.
    """
    with database.write() as connection:
        database.lock_tables(connection)
        if not is_free(connection, name):
            raise RefusedError(
                "the database is not empty",
                hint="Give the hub that comes back a database of its own; move an old"
                " hub.sqlite away first.",
            )
        METADATA.drop_all(connection)
        if read_mark(connection) is None:
            connection.execute(text(_MAKE_MARK))
            connection.execute(insert(_ROW).values(version_num=f"{_RESTORING}{name}"))


def make_tables(connection: Connection, revision: int) -> None:
    """Make the empty tables of a revision in a database that `begin_restoring` marked."""
    connection.execute(delete(_ROW))
    move_up(connection, revision)


def mark_restoring(connection: Connection, name: str) -> None:
    """Move the tables up, and mark again what `make_tables` had to unmark."""
    move_up(connection)
    connection.execute(update(_ROW).values(version_num=f"{_RESTORING}{name}"))


def end_restoring(database: Database) -> None:
    """Let nodes work with a database again."""
    with database.write() as connection:
        connection.execute(update(_ROW).values(version_num=name_of(NEWEST)))


def read_mark(connection: Connection) -> str | None:
    """Return what the mark says, or None where there is none."""
    if not inspect(connection).has_table(MARK):
        return None
    found = connection.execute(select(_ROW.c.version_num)).scalars().all()
    return str(found[0]) if len(found) == 1 else None


def move_up(connection: Connection, to: int = NEWEST) -> None:
    """Make the tables of a revision out of those of an older one, or of none.

    Args:
        connection: of a transaction that writes and holds `lock_tables`.
        to: which revision.

    Raises:
        DamagedError: tables of that name are there and are something else.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("version_locations", str(_MIGRATIONS / "revisions").replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    command.upgrade(config, name_of(to))
    if to == NEWEST:
        _refuse_other_tables(connection)


def name_of(revision: int) -> str:
    """Return how the mark names a revision."""
    return f"{revision:04d}"


def _judged(mark: str | None) -> int:
    """Return the revision that a mark names; 0: there is none yet."""
    if mark is None:
        return 0
    if mark.startswith(_RESTORING):
        raise RefusedError(
            "a backup is being put back into this database, or that was cut off",
            hint="Run the same `signoff hub restore` again; nodes start once it has ended.",
        )
    found = int(mark) if mark.isascii() and mark.isdecimal() else 0
    if mark != name_of(found) or not found:
        raise DamagedError(
            "the tables in this database are those of another program",
            hint="Give the hub a database of its own.",
        )
    if found > NEWEST:
        raise NewerVersionError("the database of the hub", found=found, newest_known=NEWEST)
    return found


def _refuse_other_tables(connection: Connection) -> None:
    """Refuse tables that were there under our names with other columns."""
    looked = inspect(connection)
    for one in METADATA.sorted_tables:
        there = {each["name"] for each in looked.get_columns(one.name)}
        missing = sorted({each.name for each in one.columns} - there)
        if missing:
            raise DamagedError(
                f"the table {one.name} in this database is not a hub's: it has no column"
                f" {missing[0]}",
                hint="Give the hub a database of its own; one that a version between releases"
                " made cannot be moved up (docs/hub/upgrade.md).",
            )
