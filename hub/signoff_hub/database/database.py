"""Connections and transactions: the same code on SQLite and on PostgreSQL."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from signoff_hub.database.told import told, too_many
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Generator

    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

_WAIT_S: Final = 20
"""How long a writer waits for another one."""
_KEPT_OPEN: Final[dict[str, Any]] = {"pool_size": 15, "max_overflow": 0, "pool_use_lifo": True}
"""Connections to SQLite of one process; who comes beyond them waits."""
_LOG_LOCK: Final = 0x5369676E  # PostgreSQL: the advisory lock of who appends to the log
_TABLES_LOCK: Final = 0x5461626C  # and of who makes or moves tables


class Database:
    """One database; safe to use from any thread. Close it."""

    def __init__(self, url: str) -> None:
        """Open it; nothing is contacted yet.

        Args:
            url: `sqlite:////path/hub.sqlite` or `postgresql://user@host/name`.

        Raises:
            UsageError: another kind of database, or an address that is none.
        """
        if url.startswith("postgresql://"):
            url = f"postgresql+psycopg://{url.removeprefix('postgresql://')}"
        elif not url.startswith("sqlite:///"):
            raise UsageError(
                "the database is neither SQLite nor PostgreSQL",
                hint="Write postgresql://user@host/name, or leave --database away.",
            )
        self.is_sqlite: Final = url.startswith("sqlite")
        self._writer: Final = Lock()
        try:
            self.engine: Final = _sqlite(url) if self.is_sqlite else _postgresql(url)
        except (ArgumentError, ValueError):  # its words repeat the address, password and all
            raise UsageError(
                "the address of the database cannot be understood",
                hint="Write postgresql://user@host:5432/name.",
            ) from None

    @contextmanager
    def write(self) -> Generator[Connection]:
        """Open a transaction that writes; it is durable when the block ended without an error.

        On SQLite one writer goes at a time; it is begun as a writer, so that no reader has to
        become one in the middle.

        Raises:
            NetworkError: the database does not answer.
            DiskFullError: it has no room left.
        """
        with (
            self._turn(),
            in_words(),
            self.engine.connect() as connection,
            connection.begin(),
        ):
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def _turn(self) -> Generator[None]:
        """Wait for one's turn to write, on SQLite alone.

        SQLite lets who waits look again after a sleep, of up to 0.1 s; a thread of this process is
        woken when its turn has come. Other processes are waited for by SQLite.
        """
        if not self.is_sqlite:
            yield
        elif self._writer.acquire(timeout=_WAIT_S):
            try:
                yield
            finally:
                self._writer.release()
        else:
            raise too_many()

    @contextmanager
    def read(self) -> Generator[Connection]:
        """Open a transaction that reads one state.

        Raises:
            NetworkError: the database does not answer.
        """
        with in_words(), self.engine.connect() as connection, connection.begin():
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            yield connection

    @contextmanager
    def snapshot(self) -> Generator[Connection]:
        """Open a transaction in which every question is answered from one state.

        On SQLite each one that reads is such a transaction; on PostgreSQL it has to be asked for.

        Raises:
            NetworkError: the database does not answer.
        """
        if self.is_sqlite:
            with self.read() as connection:
                yield connection
            return
        with in_words(), self.engine.connect() as opened:
            connection = opened.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    def lock_log(self, connection: Connection) -> None:
        """Wait until no other transaction appends to the log; held until this one ends."""
        if not self.is_sqlite:  # on SQLite a writer is alone anyway
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOG_LOCK})

    def lock_tables(self, connection: Connection) -> None:
        """Wait until nobody else makes or moves tables; held until this transaction ends."""
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _TABLES_LOCK})

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _is_in_memory(url: str) -> bool:
    return make_url(url).database in (None, "", ":memory:")


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,  # no error repeats what a row holds
        # all are kept open, the last one used first: opening one costs a millisecond, and it
        # would begin without statements and pages; one in memory is a connection of its own
        **({} if _is_in_memory(url) else _KEPT_OPEN),
        connect_args={"timeout": _WAIT_S, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def prepared(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            connection.cursor().execute(f"PRAGMA {pragma}")

    return engine


def _postgresql(url: str) -> Engine:
    return create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=8,
        max_overflow=8,
        pool_timeout=_WAIT_S,
        connect_args={"connect_timeout": 5, "application_name": "signoff-hub"},
        isolation_level="READ COMMITTED",
    )


@contextmanager
def in_words() -> Generator[None]:
    """Turn what the database says into an error of ours: the one place where that is done.

    Raises:
        NetworkError: it is away, or does not let the hub in.
        DiskFullError: it has no room left.
        DamagedError: it is none, damaged, or lacks what the hub made.
        UsageError: its address is none.
    """
    try:
        yield
    except NoConnectionError:
        raise too_many() from None
    except DBAPIError as error:
        better = told(error)
        if better is None:
            raise
        raise better from None
