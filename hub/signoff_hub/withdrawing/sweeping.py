"""The sweep: what nobody asked for by hand ends and goes; any node, any time, safe to kill.

It ends what is over, erases what is due, looks again where something was erased (a receipt or a
part that was just being written may have come after), and clears what was sent and never signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, exists, select

from signoff_hub.database.compacting import compact
from signoff_hub.database.tables import (
    BLOB,
    DUE,
    KEPT,
    NOT_ADMITTED,
    SIGN_OFF,
    TOMBSTONE,
    UNERASED,
)
from signoff_hub.jobs.queue import put
from signoff_hub.receiving.blobs import erase_blob, lock_blob
from signoff_hub.receiving.parts import forget_old_parts
from signoff_hub.receiving.states import SignOffIs
from signoff_hub.withdrawing.endings import (
    ERASE,
    HOLDING,
    SignedRow,
    end_episode,
    end_sign_off,
    held_until,
    rows_of,
)
from signoff_hub.withdrawing.erasure import erase, erase_again

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Connection, Select

    from signoff_hub.node.node import Node

_DAY_S: Final = 86_400
_AT_ONCE: Final = 200
_LOOK_AGAIN_S: Final = 2 * _DAY_S
_UNSIGNED_S: Final = _DAY_S
"""For how long bytes lie here that no sign-off names."""
_INCOMING_S: Final = _DAY_S // 2
"""A file on its way that nobody wrote to for so long is left over from a process that died."""


_DUE: Final = select(TOMBSTONE.c.episode).where(DUE)
_DUE_ALONE: Final = select(SIGN_OFF.c.episode).where(UNERASED).distinct()
"""Episodes that stay, of whose sign-offs one ended: its job may have ended just before it did."""
_KEPT: Final = (
    select(TOMBSTONE.c.episode).where(KEPT),
    select(SIGN_OFF.c.episode).where(KEPT).distinct(),
)
"""Episodes of which the store keeps old versions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """How much a sweep did."""

    expired: int
    erased: int
    unsigned: int
    left_over: int
    kept: int
    """Episodes of which the store still keeps old versions: a lock or a policy forbids it."""


def sweep(node: Node) -> Swept:
    """Do all that is due; doing it again does nothing more.

    Raises:
        NetworkError: database or store are away; the next sweep goes on.
    """
    expired = 0
    for over in _rules(node):
        while ended := _expire_some(node, over):
            expired += ended
    erased = sum(not erase(node, sha256) for sha256 in _digests(node, _DUE))
    for sha256 in _digests(node, _DUE_ALONE):
        erase(node, sha256)
    since = node.now() - _LOOK_AGAIN_S
    for sha256 in _digests(node, select(TOMBSTONE.c.episode).where(TOMBSTONE.c.erased_at > since)):
        erase_again(node, sha256)
    kept = sum(erase_again(node, sha256) for wanted in _KEPT for sha256 in _digests(node, wanted))
    unsigned = sum(_erase_unsigned(node, sha256) for sha256 in _digests(node, _unsigned(node)))
    left_over = _clear_incoming(node) + forget_old_parts(node)
    compact(node.database)
    node.probe("sweep done")
    return Swept(expired=expired, erased=erased, unsigned=unsigned, left_over=left_over, kept=kept)


def _digests(node: Node, wanted: Select[str]) -> Iterator[str]:
    """Yield the first column of a query, a page at a time, in order."""
    after = ""
    (column,) = wanted.selected_columns
    while True:
        page = wanted.where(column > after).order_by(column).limit(_AT_ONCE)
        with node.database.read() as connection:
            found = list(connection.execute(page).scalars())
        yield from found
        if len(found) < _AT_ONCE:
            return
        after = found[-1]


def _expire_some(node: Node, over: ColumnElement[bool]) -> int:
    """End some sign-offs whose time is over; return how many."""
    with node.database.write() as connection:
        node.database.lock_log(connection)
        found = connection.execute(
            select(SIGN_OFF.c.statement, SIGN_OFF.c.episode)
            .where(SIGN_OFF.c.state.in_(HOLDING), over)
            .limit(_AT_ONCE)
        ).all()
        for statement, episode in found:
            _expire(node, connection, statement, rows_of(connection, episode))
        node.probe("expiry written")
    return len(found)


def _expire(
    node: Node, connection: Connection, statement: str, rows: tuple[SignedRow, ...]
) -> None:
    row = next(one for one in rows if one.statement == statement)
    if row.state not in HOLDING:  # it went with its episode a moment ago
        return
    is_last = all(one.statement == statement or one.state not in HOLDING for one in rows)
    end_sign_off(connection, row, SignOffIs.EXPIRED, node.now())
    if is_last:
        end_episode(node, connection, row, "expired", b"")
    else:
        put(connection, ERASE, row.episode)


def _rules(node: Node) -> Iterator[ColumnElement[bool]]:
    """Yield when a sign-off is over: its own day, or as long as its terms let this hub keep it.

    Each is asked for by itself: of one rule an index knows the rows, of any of them none does.
    """
    now = node.now()
    yield SIGN_OFF.c.expires_at <= now
    for terms_sha256 in _named_terms(node):
        signed = node.kept_terms.find(terms_sha256) if terms_sha256 else None
        days = node.settings.retention_days if signed is None else signed.terms.retention_days
        is_old = SIGN_OFF.c.received_at <= now - days * _DAY_S
        yield and_(SIGN_OFF.c.terms_sha256 == terms_sha256, is_old)


def _named_terms(node: Node) -> Iterator[str]:
    """Yield the terms that sign-offs name, each found behind the one before."""
    after = None
    while True:
        wanted = select(SIGN_OFF.c.terms_sha256).order_by(SIGN_OFF.c.terms_sha256).limit(1)
        if after is not None:
            wanted = wanted.where(SIGN_OFF.c.terms_sha256 > after)
        with node.database.read() as connection:
            after = connection.execute(wanted).scalar()
        if after is None:
            return
        yield after


def _unsigned(node: Node) -> Select[str]:
    """Return bytes that nobody signed for in a day; what was admitted has a claim, or an end."""
    signed = select(SIGN_OFF.c.statement).where(
        SIGN_OFF.c.episode == BLOB.c.sha256, SIGN_OFF.c.state.in_(HOLDING)
    )
    return select(BLOB.c.sha256).where(
        NOT_ADMITTED, BLOB.c.received_at <= node.now() - _UNSIGNED_S, ~exists(signed)
    )


def _erase_unsigned(node: Node, sha256: str) -> bool:
    """Erase bytes that nobody signed for, unless somebody just did."""
    with node.database.write() as connection:
        if not lock_blob(connection, sha256) or held_until(connection, sha256, node.now()):
            return False
        rows = rows_of(connection, sha256)
        if any(one.state in HOLDING for one in rows):
            return False
        erase_blob(node, connection, sha256)
        node.probe("unsigned erased")
    return True


def _clear_incoming(node: Node) -> int:
    """Erase files that a process which died left on their way."""
    before, count = node.now() - _INCOMING_S, 0
    for path in sorted(node.folder.incoming.rglob("*"), reverse=True):
        try:
            if path.is_dir() and not path.is_symlink():
                continue
            if path.lstat().st_mtime <= before:
                path.unlink()
                count += 1
        except FileNotFoundError:
            continue
    return count
