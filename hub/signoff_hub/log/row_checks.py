"""Rows of the log, read one after the other and held against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import exists, select

from signoff_hub.database.tables import LOG_LEAF, LOG_OPENING
from signoff_hub.log.leaves import read_state
from signoff_schemas.errors import DamagedError
from signoff_schemas.hub_log import commitment, parse_entry
from signoff_schemas.merkle import HASH_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from signoff_hub.log.report import LogReport
    from signoff_schemas.merkle import CompactRange

_ROWS_AT_ONCE: Final = 4096


class _Row(NamedTuple):
    """A leaf, with its opening where that was not erased."""

    n: int
    hash: bytes
    salt: bytes | None
    entry: bytes | None


def commitments_in_rows(connection: Connection, report: LogReport) -> Iterator[bytes]:
    """Yield the commitment of each leaf in order; tell of rows that are not as they were."""
    expected = 0
    for row in _rows(connection):
        if row.n != expected:
            report.tell(f"leaf {expected} is missing", expected)
            expected = row.n
        committed = bytes(row.hash)
        if len(committed) != HASH_BYTES:
            report.tell(f"leaf {row.n} has {len(committed)} bytes", row.n)
        if row.salt is None or row.entry is None:
            report.erased += 1
        else:
            report.openings += 1
            _check_opening(row.n, committed, bytes(row.salt), bytes(row.entry), report)
        yield committed
        expected += 1


def compare_state(connection: Connection, tree: CompactRange, report: LogReport) -> None:
    """Hold the tree that was made again against the row of its state, and openings to leaves."""
    try:
        held = read_state(connection)
    except DamagedError:
        report.tell("the state of the log cannot be read")
    else:
        if held.size > tree.size:
            report.tell(f"leaf {tree.size} is missing", tree.size)
        elif held.size < tree.size:
            report.tell(f"leaf {held.size} was inserted", held.size)
        elif held.peaks != tree.peaks:
            report.tell("the state of the log is that of another tree")
    orphan = select(LOG_OPENING.c.n).where(
        ~exists(select(LOG_LEAF.c.n).where(LOG_LEAF.c.n == LOG_OPENING.c.n))
    )
    found = connection.execute(orphan.order_by(LOG_OPENING.c.n).limit(1)).scalar_one_or_none()
    if found is not None:
        report.tell(f"there is an opening of leaf {found}, and no such leaf", found)


def _check_opening(n: int, committed: bytes, salt: bytes, entry: bytes, report: LogReport) -> None:
    if commitment(salt, entry) != committed:
        report.tell(f"leaf {n} is not what its opening says", n)
        return
    try:
        parse_entry(entry)
    except DamagedError:
        report.tell(f"the entry of leaf {n} cannot be read", n)


def _rows(connection: Connection) -> Iterator[_Row]:
    """Yield leaves with their openings, some thousands at once."""
    both = LOG_LEAF.outerjoin(LOG_OPENING, LOG_LEAF.c.n == LOG_OPENING.c.n)
    wanted = select(LOG_LEAF.c.n, LOG_LEAF.c.hash, LOG_OPENING.c.salt, LOG_OPENING.c.entry)
    last: int | None = None
    while True:
        page = wanted.select_from(both).order_by(LOG_LEAF.c.n).limit(_ROWS_AT_ONCE)
        if last is not None:
            page = page.where(LOG_LEAF.c.n > last)
        rows = connection.execute(page).all()
        yield from (_Row(int(row.n), row.hash, row.salt, row.entry) for row in rows)
        if len(rows) < _ROWS_AT_ONCE:
            return
        last = rows[-1].n
