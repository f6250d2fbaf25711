"""What the log says in clear, held against the rows that it is about.

Most rows name their leaf. Refusals and erasures do not: which of them the log tells of is kept in
a file of its own while the verification lasts, so that memory stays flat.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from signoff_hub.database.tables import LOG_OPENING, SIGN_OFF, TOMBSTONE
from signoff_hub.receiving.states import SignOffIs
from signoff_hub.verifying.findings import Finding, damaged
from signoff_schemas.errors import DamagedError
from signoff_schemas.hub_log import EntryKind, parse_entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

    from sqlalchemy import Connection

    from signoff_hub.database.database import Database
    from signoff_schemas.hub_log import LogEntry

_AT_ONCE: Final = 1_000
_KEPT: Final = (EntryKind.REFUSED, EntryKind.ERASED, EntryKind.ADOPTED)


class Said:
    """The entries of the log, as far as they are not erased; a context, whose file ends with it."""

    def __init__(self, database: Database) -> None:
        """Read nothing yet."""
        self._database = database
        self._next = 0
        self._index = sqlite3.connect("")  # a file without a name, which ends with its connection
        self._index.execute("CREATE TABLE said (subject TEXT, kind TEXT, because TEXT)")
        self._index.execute("CREATE INDEX said_subject ON said (subject)")

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        """Forget it."""
        self._index.close()

    def read(self) -> Iterator[Finding]:
        """Read on to the end of the log; yield the entries whose row does not say the same."""
        while True:
            with self._database.read() as connection:
                rows = connection.execute(
                    select(LOG_OPENING.c.n, LOG_OPENING.c.entry)
                    .where(LOG_OPENING.c.n >= self._next)
                    .order_by(LOG_OPENING.c.n)
                    .limit(_AT_ONCE)
                ).all()
                for row in rows:
                    try:
                        entry = parse_entry(bytes(row.entry))
                    except DamagedError:
                        continue  # the check of the log itself tells it
                    self._note(entry)
                    yield from _against_rows(connection, row.n, entry)
            if len(rows) < _AT_ONCE:
                break
            self._next = rows[-1].n + 1
        self._next = rows[-1].n + 1 if rows else self._next

    def has(self, kind: EntryKind, subject: str, because: str | None) -> bool:
        """Tell whether the log says that something happened, for this reason."""
        wanted = "SELECT 1 FROM said WHERE subject = ? AND kind = ? AND because IS ?"
        found = self._index.execute(wanted, (subject, str(kind), because)).fetchone()
        if found is None:  # it may have been written a moment ago
            for _ in self.read():
                pass
            found = self._index.execute(wanted, (subject, str(kind), because)).fetchone()
        return found is not None

    def _note(self, entry: LogEntry) -> None:
        if entry.kind in _KEPT:
            row = (entry.subject, str(entry.kind), entry.because)
            self._index.execute("INSERT INTO said VALUES (?, ?, ?)", row)


def _against_rows(connection: Connection, n: int, entry: LogEntry) -> Iterator[Finding]:
    """Yield what a leaf says and no row does; what was erased has no opening any more."""
    subject, where = entry.subject, f"leaf {n}"
    match entry.kind:
        case EntryKind.RECEIVED | EntryKind.ADOPTED | EntryKind.ADMITTED:
            is_first = entry.kind is not EntryKind.ADMITTED
            column = SIGN_OFF.c.received_leaf if is_first else SIGN_OFF.c.leaf
            found = connection.execute(
                select(column).where(SIGN_OFF.c.statement == subject)
            ).scalar_one_or_none()
            if found != n:
                what = f"says that a sign-off was {entry.kind}, and its row does not: {subject}"
                yield damaged(where, what)
        case EntryKind.REFUSED:
            row = connection.execute(
                select(SIGN_OFF.c.state, SIGN_OFF.c.refused_because).where(
                    SIGN_OFF.c.statement == subject
                )
            ).first()
            if row is not None and tuple(row) != (SignOffIs.REFUSED, entry.because):
                what = f"says that a sign-off was refused, and its row does not: {subject}"
                yield damaged(where, what)
        case EntryKind.WITHDRAWN | EntryKind.EXPIRED:
            row = connection.execute(
                select(TOMBSTONE.c.leaf).where(TOMBSTONE.c.episode == subject)
            ).first()
            if row is not None and row.leaf != n:
                what = f"says that an episode was {entry.kind}, and its row does not: {subject}"
                yield damaged(where, what)
        case EntryKind.ERASED:
            row = connection.execute(
                select(TOMBSTONE.c.erased_at).where(TOMBSTONE.c.episode == subject)
            ).first()
            if row is None or row.erased_at is None:
                what = f"says that an episode was erased, and no tombstone does: {subject}"
                yield damaged(where, what)
        case _:
            return
