"""Rows of the log: leaves, their openings, and the compact range of the tree so far.

Called inside a transaction of whoever did what is logged, so that deed and leaf are one.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, insert, select, update

from signoff_hub.database.tables import LOG_HEAD, LOG_LEAF, LOG_OPENING, LOG_STATE
from signoff_schemas.errors import DamagedError
from signoff_schemas.hub_log import SALT_BYTES, commitment, encode
from signoff_schemas.merkle import HASH_BYTES, CompactRange, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from signoff_schemas.hub_log import LogEntry

_ROW: Final = 1  # of log_state there is one
# built once: building a statement costs more than to run it
_ADD_LEAF: Final = insert(LOG_LEAF)
_ADD_OPENING: Final = insert(LOG_OPENING)
_STATE: Final = select(LOG_STATE.c.size, LOG_STATE.c.peaks).where(LOG_STATE.c.id == _ROW)
_SET_STATE: Final = (
    update(LOG_STATE)
    .where(LOG_STATE.c.id == _ROW)
    .values(size=bindparam("size"), peaks=bindparam("peaks"))
)


def append_leaves(connection: Connection, entries: Sequence[LogEntry]) -> tuple[int, ...]:
    """Append entries to the log; the caller holds its lock. Returns their numbers.

    Raises:
        DamagedError: the state of the tree cannot be read.
    """
    tree = read_state(connection)
    first = tree.size
    leaves: list[dict[str, object]] = []
    openings: list[dict[str, object]] = []
    for n, entry in enumerate(entries, first):
        salt, text = os.urandom(SALT_BYTES), encode(entry)
        committed = commitment(salt, text)
        tree.add(leaf_hash(committed))
        leaves.append({"n": n, "hash": committed})
        openings.append({"n": n, "salt": salt, "entry": text})
    if leaves:
        connection.execute(_ADD_LEAF, leaves)
        connection.execute(_ADD_OPENING, openings)
        _write_state(connection, tree, is_new=first == 0)
    return tuple(range(first, tree.size))


def read_state(connection: Connection) -> CompactRange:
    """Return the tree as it is; an empty one where nothing was ever logged.

    Raises:
        DamagedError: the row's peaks are not those of its size.
    """
    row = connection.execute(_STATE).one_or_none()
    if row is None:
        return CompactRange()
    size, peaks = int(row.size), bytes(row.peaks)
    try:
        return CompactRange(
            size, (peaks[at : at + HASH_BYTES] for at in range(0, len(peaks), HASH_BYTES))
        )
    except ValueError:
        raise DamagedError(
            "the state of the log is damaged",
            hint="Stop the hub and look at docs/hub/log.md; a copy of its folder brings it back.",
        ) from None


def read_published(connection: Connection) -> int:
    """Return the size up to which every tile is an object."""
    found = connection.execute(select(LOG_STATE.c.published).where(LOG_STATE.c.id == _ROW))
    return int(found.scalar_one_or_none() or 0)


def note_published(connection: Connection, size: int) -> None:
    """Keep that the head of a size is an object, with its tiles; sizes published never fall."""
    connection.execute(update(LOG_HEAD).where(LOG_HEAD.c.size == size).values(published=True))
    which = (LOG_STATE.c.id == _ROW) & (LOG_STATE.c.published < size)
    connection.execute(update(LOG_STATE).where(which).values(published=size))


def erase_opening(connection: Connection, n: int) -> bool:
    """Erase what a leaf says; the tree stays as it is. False when it was erased before."""
    return bool(connection.execute(delete(LOG_OPENING).where(LOG_OPENING.c.n == n)).rowcount)


def read_opening(connection: Connection, n: int) -> tuple[bytes, bytes] | None:
    """Return salt and entry of a leaf, or None when they were erased."""
    row = connection.execute(
        select(LOG_OPENING.c.salt, LOG_OPENING.c.entry).where(LOG_OPENING.c.n == n)
    ).one_or_none()
    return None if row is None else (bytes(row.salt), bytes(row.entry))


def read_openings(connection: Connection, ns: Sequence[int]) -> dict[int, tuple[bytes, bytes]]:
    """Return salt and entry of many leaves, without those that were erased."""
    rows = connection.execute(
        select(LOG_OPENING.c.n, LOG_OPENING.c.salt, LOG_OPENING.c.entry)
        .where(LOG_OPENING.c.n.in_(ns))
        .order_by(LOG_OPENING.c.n)
    )
    return {row.n: (bytes(row.salt), bytes(row.entry)) for row in rows}


def read_commitments(connection: Connection, first: int, count: int) -> list[bytes]:
    """Return the commitments of leaves one after the other; fewer where the log ends."""
    rows = connection.execute(
        select(LOG_LEAF.c.hash)
        .where(LOG_LEAF.c.n >= first, LOG_LEAF.c.n < first + count)
        .order_by(LOG_LEAF.c.n)
    )
    return [bytes(row.hash) for row in rows]


def _write_state(connection: Connection, tree: CompactRange, *, is_new: bool) -> None:
    held = {"size": tree.size, "peaks": b"".join(tree.peaks)}
    if is_new:
        connection.execute(insert(LOG_STATE).values(id=_ROW, **held))
    else:
        connection.execute(_SET_STATE, held)
