"""The outbox: what was signed, what waits to be sent, and how far each got.

One SQLite file, `state/outbox.sqlite`. It holds statements and signatures, not
episodes: these are read and hashed again before each send. Importing this module
is cheap, so that `status` can use it.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.private_files import FileLock, make_private_folder, open_new, try_lock
from signoff_schemas.errors import DamagedError, DiskFullError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Generator

    from signoff_collector.home import Home

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS records (
  record_id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, audience TEXT NOT NULL,
  void_because TEXT);
CREATE TABLE IF NOT EXISTS items (
  record_id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, audience TEXT NOT NULL,
  episode_path TEXT NOT NULL, statement BLOB NOT NULL, signature BLOB NOT NULL,
  state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, last_error TEXT);
CREATE TABLE IF NOT EXISTS withdrawals (
  record_id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, audience TEXT NOT NULL,
  tombstone BLOB NOT NULL, is_done INTEGER NOT NULL DEFAULT 0, last_error TEXT);
"""
_BUSY_S: Final = 30.0
WITHDRAWN: Final = "withdrawn"
"""How the reason begins why a withdrawn sign-off counts no more."""


class State(StrEnum):
    """How far an episode got."""

    QUEUED = "queued"
    BLOB_SENT = "blob sent"
    SIGNATURE_SENT = "signature sent"
    COMMITTED = "committed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


_OPEN_STATES: Final = (State.QUEUED, State.BLOB_SENT, State.SIGNATURE_SENT, State.COMMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One episode on its way to one audience."""

    record_id: str
    sha256: str
    audience: str
    episode_path: str
    statement: bytes
    signature: bytes
    state: State
    attempts: int
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedWithdrawal:
    """A tombstone on its way to one audience."""

    record_id: str
    sha256: str
    audience: str
    tombstone: bytes
    is_done: bool
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Something that still has to be sent, for `status`."""

    verb: str
    """`upload` or `withdraw`."""
    sha256: str
    audience: str
    state: str
    last_error: str | None


def outbox_path(home: Home) -> Path:
    """Return where the outbox lies."""
    return home.state / "outbox.sqlite"


def waiting(home: Home) -> tuple[Waiting, ...]:
    """Return what still has to be sent; nothing is created.

    Raises:
        DamagedError: the outbox cannot be read.
    """
    if not outbox_path(home).is_file():
        return ()
    with Outbox.open(home) as outbox:
        uploads = [
            Waiting(
                verb="upload",
                sha256=item.sha256,
                audience=item.audience,
                state=item.state,
                last_error=item.last_error,
            )
            for item in outbox.open_items()
        ]
        withdrawals = [
            Waiting(
                verb="withdraw",
                sha256=item.sha256,
                audience=item.audience,
                state="queued",
                last_error=item.last_error,
            )
            for item in outbox.open_withdrawals()
        ]
    return (*uploads, *withdrawals)


def held_at(home: Home, sha256: str) -> tuple[str, ...]:
    """Return the audiences that hold an episode and were not told to erase it; creates nothing.

    Raises:
        DamagedError: the outbox cannot be read.
    """
    if not outbox_path(home).is_file():
        return ()
    with Outbox.open(home) as outbox:
        return outbox.held_at(sha256)


def sending_lock(home: Home) -> FileLock:
    """Return the lock that only one sender of this home holds.

    Raises:
        SignoffError: another one is sending now.
    """
    lock = try_lock(home.state / "outbox.lock")
    if lock is None:
        raise SignoffError(
            "another upload or withdrawal is running", hint="Wait for it, then try again."
        )
    return lock


class Outbox:
    """The table of what is on its way; every change is on disk when a method returns."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    @classmethod
    @contextmanager
    def open(cls, home: Home) -> Generator[Outbox]:
        """Open the outbox of a home, making it 0600 when there is none.

        Raises:
            DamagedError: the file is no outbox.
            DiskFullError: there is no room for it.
            SignoffError: it is busy, or cannot be opened or written.
        """
        path = outbox_path(home)
        make_private_folder(path.parent)
        try:
            _make_private(path)
            with closing(
                sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
            ) as connection:
                connection.execute("PRAGMA synchronous = EXTRA")
                connection.execute("PRAGMA secure_delete = ON")
                connection.executescript(_SCHEMA)
                yield cls(connection, path)
        except sqlite3.DatabaseError as error:
            raise _outbox_error(error, path) from error

    def add_record(self, record_id: str, sha256: str, audience: str) -> None:
        """Note that a sign-off was made."""
        self._connection.execute(
            "INSERT OR IGNORE INTO records (record_id, sha256, audience) VALUES (?, ?, ?)",
            (record_id, sha256, audience),
        )

    def void(self, record_id: str, sha256: str, audience: str, because: str) -> None:
        """Note that a sign-off counts no more, and cancel what of it still waits."""
        self._connection.execute("BEGIN IMMEDIATE")
        self.add_record(record_id, sha256, audience)
        self._connection.execute(
            "UPDATE records SET void_because = ? WHERE record_id = ?", (because, record_id)
        )
        self._connection.execute(
            f"UPDATE items SET state = ?, last_error = ? WHERE record_id = ? AND {_IS_OPEN}",  # noqa: S608 - question marks only
            (State.CANCELLED, because, record_id, *_OPEN_STATES),
        )
        self._connection.execute("COMMIT")

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

    def add_item(
        self,
        *,
        record_id: str,
        sha256: str,
        audience: str,
        episode_path: Path,
        statement: bytes,
        signature: bytes,
    ) -> Item:
        """Queue an upload; one that was queued before goes on where it was.

        A refused one starts again: the person asked for it.
        """
        self._connection.execute("BEGIN IMMEDIATE")
        self.add_record(record_id, sha256, audience)
        self._connection.execute(
            "INSERT OR IGNORE INTO items"
            " (record_id, sha256, audience, episode_path, statement, signature, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (record_id, sha256, audience, str(episode_path), statement, signature, State.QUEUED),
        )
        self._connection.execute(
            "UPDATE items SET episode_path = ? WHERE record_id = ?", (str(episode_path), record_id)
        )
        self._connection.execute(
            "UPDATE items SET state = ? WHERE record_id = ? AND state = ?",
            (State.QUEUED, record_id, State.REFUSED),
        )
        self._connection.execute("COMMIT")
        return self.item(record_id)

    def item(self, record_id: str) -> Item:
        """Return one upload by its record id."""
        return self._items("record_id = ?", record_id)[0]

    def open_items(self) -> tuple[Item, ...]:
        """Return the uploads that are not finished, oldest first."""
        return self._items(_IS_OPEN, *_OPEN_STATES)

    def was_used(self, audience: str) -> bool:
        """Tell whether anything of ours was ever put at this audience."""
        used = (State.BLOB_SENT, State.SIGNATURE_SENT, State.COMMITTED, State.CONFIRMED)
        return bool(self._items("audience = ? AND state IN (?, ?, ?, ?)", audience, *used))

    def items_of(self, sha256: str) -> tuple[Item, ...]:
        """Return every upload of one episode, whatever became of it."""
        return self._items("sha256 = ?", sha256)

    def held_at(self, sha256: str) -> tuple[str, ...]:
        """Return the audiences that confirmed an episode and did not erase it since."""
        rows = self._connection.execute(
            "SELECT DISTINCT audience FROM items WHERE sha256 = ? AND state = ? AND record_id"
            " NOT IN (SELECT record_id FROM withdrawals WHERE is_done) ORDER BY audience",
            (sha256, State.CONFIRMED),
        )
        return tuple(row[0] for row in rows)

    def advance(self, record_id: str, state: State) -> None:
        """Note how far an upload got."""
        self._connection.execute(
            "UPDATE items SET state = ?, last_error = NULL WHERE record_id = ?", (state, record_id)
        )

    def fail(self, record_id: str, error: str, state: State | None = None) -> None:
        """Note a failed attempt; the upload keeps waiting unless `state` says otherwise."""
        self._connection.execute(
            "UPDATE items SET attempts = attempts + 1, last_error = ?, state = COALESCE(?, state)"
            " WHERE record_id = ?",
            (error, state, record_id),
        )

    def add_withdrawal(self, record_id: str, sha256: str, audience: str, tombstone: bytes) -> None:
        """Queue a withdrawal, once per sign-off; one that was done is done again."""
        self._connection.execute(
            "INSERT INTO withdrawals (record_id, sha256, audience, tombstone) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (record_id) DO UPDATE SET"
            " tombstone = excluded.tombstone, is_done = 0, last_error = NULL",
            (record_id, sha256, audience, tombstone),
        )

    def finish_withdrawal(self, record_id: str, error: str | None = None) -> None:
        """Note that a withdrawal was carried out, or why it was not."""
        self._connection.execute(
            "UPDATE withdrawals SET is_done = ?, last_error = ? WHERE record_id = ?",
            (int(error is None), error, record_id),
        )

    def open_withdrawals(self) -> tuple[QueuedWithdrawal, ...]:
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

    def _items(self, where: str, *values: str) -> tuple[Item, ...]:
        # `where` is written in this module only
        query = f"SELECT {_ITEM_COLUMNS} FROM items WHERE {where} ORDER BY rowid"  # noqa: S608
        rows = self._connection.execute(query, values)
        return tuple(
            Item(
                record_id=row[0],
                sha256=row[1],
                audience=row[2],
                episode_path=row[3],
                statement=row[4],
                signature=row[5],
                state=State(row[6]),
                attempts=row[7],
                last_error=row[8],
            )
            for row in rows
        )


_ITEM_COLUMNS: Final = (
    "record_id, sha256, audience, episode_path, statement, signature, state, attempts, last_error"
)
_IS_OPEN: Final = f"state IN ({', '.join('?' * len(_OPEN_STATES))})"


def _outbox_error(error: sqlite3.DatabaseError, path: Path) -> SignoffError:
    """Return what the person should read for a failure of SQLite."""
    match getattr(error, "sqlite_errorcode", None):
        case sqlite3.SQLITE_FULL:
            return DiskFullError(f"no room left to write {path}", hint="Free some space.")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return SignoffError("the outbox is busy", hint="Try again in a moment.")
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_ERROR:
            return DamagedError(
                f"the outbox {path} cannot be read",
                hint="Move it away; episodes and sign-offs lie beside each other, untouched.",
            )
        case _:
            return SignoffError(
                f"cannot use {path}: {error}", hint="Check who owns it and that it can be written."
            )


def _make_private(path: Path) -> None:
    """Make an empty file of mode 0600 where there is none, so that SQLite keeps that mode."""
    with suppress(FileExistsError):
        os.close(open_new(path, os.O_RDWR))
