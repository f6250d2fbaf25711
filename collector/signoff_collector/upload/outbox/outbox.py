"""The outbox: the queue of uploads and withdrawals, with the progress of each.

One SQLite file, `state/outbox.sqlite`. It holds statements and signatures but no episodes: these
are read and hashed again before each upload. Importing this module is cheap, so that `status` can
use it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from signoff_collector.upload.outbox.outbox_file import open_file, outbox_path, sending_lock
from signoff_collector.upload.outbox.queued import (
    OPEN_STATES,
    Item,
    QueuedWithdrawal,
    State,
    Waiting,
)
from signoff_collector.upload.outbox.queued_withdrawals import QueuedWithdrawals
from signoff_collector.upload.outbox.sign_off_records import SignOffRecords

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Generator
    from pathlib import Path

    from signoff_collector.own_files.home import Home

__all__ = [
    "ANOTHER_FILE",
    "WITHDRAWN",
    "Item",
    "Outbox",
    "QueuedWithdrawal",
    "State",
    "Waiting",
    "held_at",
    "outbox_path",
    "sending_lock",
    "waiting",
]

WITHDRAWN: Final = "withdrawn"
"""How the reason begins why a withdrawn sign-off counts no more."""
ANOTHER_FILE: Final = "A task that is changed, by a name, a mask or a cut, gives another file."
"""What may be done about bytes that were withdrawn from a store."""


def waiting(home: Home) -> tuple[Waiting, ...]:
    """Return the pending items; creates nothing.

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
            for item in outbox.withdrawals.open()
        ]
    return (*uploads, *withdrawals)


def held_at(home: Home, sha256: str) -> tuple[str, ...]:
    """Return the audiences that have an episode without a requested withdrawal; creates nothing.

    Raises:
        DamagedError: the outbox cannot be read.
    """
    if not outbox_path(home).is_file():
        return ()
    with Outbox.open(home) as outbox:
        return outbox.held_at(sha256)


class Outbox(SignOffRecords):
    """The table of uploads; every change is durable when a method returns."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.withdrawals = QueuedWithdrawals(connection)

    @classmethod
    @contextmanager
    def open(cls, home: Home) -> Generator[Outbox]:
        """Open the outbox of a home, making it 0600 when there is none.

        Raises:
            DamagedError: the file is no outbox.
            DiskFullError: there is no room for it.
            SignoffError: it is busy, or cannot be opened or written.
        """
        with open_file(home) as connection:
            yield cls(connection)

    def void(self, record_id: str, sha256: str, audience: str, because: str) -> None:
        """Mark a sign-off as void, and cancel its pending upload."""
        self._connection.execute("BEGIN IMMEDIATE")
        self.add_record(record_id, sha256, audience)
        self._connection.execute(
            "UPDATE records SET void_because = ? WHERE record_id = ?", (because, record_id)
        )
        # a withdrawal erases all of it there; else what is there has to be taken out
        is_erased = because.startswith(WITHDRAWN)
        begun = State.CANCELLED if is_erased else State.CANCELLING
        self._connection.execute(
            _VOID_ITEM, (because, begun, State.CANCELLED, record_id, *OPEN_STATES)
        )
        self._connection.execute("COMMIT")

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
        """Queue an upload; an already queued one continues from its state.

        One that was refused or cancelled starts again: the person asked for it.
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
            "UPDATE items SET state = ? WHERE record_id = ? AND state IN (?, ?)",
            (State.QUEUED, record_id, State.REFUSED, State.CANCELLED),
        )
        self._connection.execute("COMMIT")
        return self.item(record_id)

    def item(self, record_id: str) -> Item:
        """Return one upload by its record id."""
        return self._items("record_id = ?", record_id)[0]

    def open_items(self) -> tuple[Item, ...]:
        """Return the uploads that are not finished, oldest first."""
        return self._items(_IS_OPEN, *OPEN_STATES)

    def was_used(self, audience: str) -> bool:
        """Tell whether anything of ours was ever put at this audience."""
        marks = ", ".join("?" * len(_SENT_STATES))
        where = f"audience = ? AND (COALESCE(is_begun, 0) OR state IN ({marks}))"
        return bool(self._items(where, audience, *_SENT_STATES))

    def items_of(self, sha256: str) -> tuple[Item, ...]:
        """Return every upload of one episode, in any state."""
        return self._items("sha256 = ?", sha256)

    def held_at(self, sha256: str) -> tuple[str, ...]:
        """Return the audiences that confirmed an episode and did not erase it since."""
        rows = self._connection.execute(
            "SELECT DISTINCT audience FROM items WHERE sha256 = ? AND state = ? AND record_id"
            " NOT IN (SELECT record_id FROM withdrawals WHERE is_done) ORDER BY audience",
            (sha256, State.CONFIRMED),
        )
        return tuple(row[0] for row in rows)

    def begin(self, record_id: str) -> bool:
        """Note, before the first byte leaves, that something of an upload may be at the store.

        False when it was cancelled: nothing may leave then.
        """
        self._connection.execute("BEGIN IMMEDIATE")
        is_going = self.item(record_id).state not in _NOT_GOING
        if is_going:
            self._connection.execute(
                "INSERT INTO tries (record_id, is_begun) VALUES (?, 1)"
                " ON CONFLICT (record_id) DO UPDATE SET is_begun = 1",
                (record_id,),
            )
        self._connection.execute("COMMIT")
        return is_going

    def advance(self, record_id: str, state: State) -> bool:
        """Record the progress of an upload; False if it was cancelled."""
        done = self._connection.execute(
            "UPDATE items SET state = ?, last_error = NULL"
            " WHERE record_id = ? AND state NOT IN (?, ?)",
            (state, record_id, *_NOT_GOING),
        )
        return bool(done.rowcount)

    def cancel(self, record_id: str) -> State:
        """Cancel an upload; the returned state says whether parts of it must be erased."""
        self._connection.execute("BEGIN IMMEDIATE")
        item = self.item(record_id)
        if item.state in OPEN_STATES:
            state = State.CANCELLING if item.was_begun else State.CANCELLED
            self._connection.execute(
                "UPDATE items SET state = ?, last_error = NULL WHERE record_id = ?",
                (state, record_id),
            )
        self._connection.execute("COMMIT")
        return self.item(record_id).state

    def finish_cancelling(self, record_id: str) -> None:
        """Record that no part of a cancelled upload is left at the store."""
        self._connection.execute(
            "UPDATE items SET state = ?, last_error = NULL WHERE record_id = ?",
            (State.CANCELLED, record_id),
        )

    def fail(
        self, record_id: str, error: str, state: State | None = None, *, due_ns: int = 0
    ) -> None:
        """Record a failed attempt; the upload stays pending unless `state` says otherwise.

        `due_ns` is the wall clock before which it is not tried again by itself.
        """
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute(
            "UPDATE items SET attempts = attempts + 1, last_error = ?, state = COALESCE(?, state)"
            " WHERE record_id = ?",
            (error, state, record_id),
        )
        self._connection.execute(
            "INSERT INTO tries (record_id, due_ns) VALUES (?, ?)"
            " ON CONFLICT (record_id) DO UPDATE SET due_ns = excluded.due_ns",
            (record_id, due_ns),
        )
        self._connection.execute("COMMIT")

    def _items(self, where: str, *values: str) -> tuple[Item, ...]:
        # `where` is written in this module only
        query = f"SELECT {_ITEM_COLUMNS} FROM items LEFT JOIN tries USING (record_id) WHERE {where} ORDER BY items.rowid"  # noqa: S608, E501
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
                was_begun=bool(row[9]) or row[6] in _SENT_STATES,
                due_ns=row[10],
            )
            for row in rows
        )


_ITEM_COLUMNS: Final = (
    "record_id, sha256, audience, episode_path, statement, signature, state, attempts,"
    " last_error, COALESCE(is_begun, 0), COALESCE(due_ns, 0)"
)
_IS_OPEN: Final = f"state IN ({', '.join('?' * len(OPEN_STATES))})"
_NOT_GOING: Final = (State.CANCELLING, State.CANCELLED)
_VOID_ITEM: Final = (
    "UPDATE items SET last_error = ?, state = CASE WHEN record_id IN"  # noqa: S608 - marks only
    " (SELECT record_id FROM tries WHERE is_begun) THEN ? ELSE ? END"
    f" WHERE record_id = ? AND {_IS_OPEN}"
)
_SENT_STATES: Final = (
    State.BLOB_SENT,
    State.SIGNATURE_SENT,
    State.COMMITTED,
    State.CONFIRMED,
)
