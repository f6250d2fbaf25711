"""Withdrawals by who signed, with the key or the secret: reads say no at once, bytes go in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from signoff_hub.database.tables import LEGAL_HOLD, SIGN_OFF, TOMBSTONE
from signoff_hub.jobs.queue import put
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.states import SignOffIs
from signoff_hub.withdrawing.endings import (
    ERASE,
    SignedRow,
    end_episode,
    end_sign_off,
    ends_alone,
    held_until,
    rows_of,
)
from signoff_hub.withdrawing.proofs import no_proof, read_tombstone, taken_back
from signoff_schemas.hub_log import EntryKind, log_entry

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from signoff_hub.node.node import Node

_HOUR_S: Final = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """What became of a withdrawal."""

    record_id: str
    sha256: str
    is_erased: bool
    """Whether the last byte is gone."""
    erase_by: int
    """Until when it will be: seconds since 1970."""
    kept_versions: bool = False
    """Whether the store keeps old versions that the hub cannot erase."""
    is_alone: bool = False
    """Whether the sign-off alone ended: somebody else's keeps the episode."""
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    """What the tombstone's row says."""

    sha256: str
    withdrawn_at: int
    is_erased: bool
    kept_versions: bool


def withdraw(node: Node, content: bytes) -> Withdrawn:
    """Take a sign-off back; doing so again tells how far it is.

    A tombstone of what nobody signed here is not kept: anybody can make a million of them.

    Args:
        node: which hub.
        content: the tombstone's exact bytes (docs/withdrawal.md); it proves itself.

    Raises:
        HubFault: it proves nothing, or takes nothing back that is here.
        NetworkError: the database is away; asking again is safe.
    """
    tombstone = read_tombstone(content)
    with node.database.read() as connection:  # a stranger never takes the writer's lock
        _refuse_stranger(connection, tombstone.sha256)
    with node.database.write() as connection:
        node.database.lock_log(connection)
        if (known := _known(connection, tombstone.sha256)) is not None:
            return _told(node, connection, known, tombstone.record_id)
        rows = rows_of(connection, tombstone.sha256)
        row = taken_back(tombstone, rows)
        if row is None:
            raise no_proof()
        if row.state == SignOffIs.WITHDRAWN:
            return _told_alone(node, connection, row)
        is_new, is_alone = True, ends_alone(rows, row)
        if not is_alone:
            is_new = end_episode(node, connection, row, "withdrawn", content)
        else:
            end_sign_off(connection, row, SignOffIs.WITHDRAWN, node.now())
            entry = log_entry(EntryKind.WITHDRAWN, row.statement, node.moment())
            node.log.append(connection, (entry,))
            put(connection, ERASE, tombstone.sha256)
        by = _erase_by(node, node.now(), held_until(connection, tombstone.sha256, node.now()))
        node.probe("withdrawal written")
    node.bell.set()
    return Withdrawn(
        record_id=row.record,
        sha256=tombstone.sha256,
        is_erased=False,
        erase_by=by,
        is_alone=is_alone,
        is_new=is_new,
    )


def read_withdrawal(node: Node, record_id: str) -> Withdrawn:
    """Return how far a withdrawal is; a record id is random, so who knows it has the sign-off.

    Raises:
        HubFault: there is none.
        NetworkError: the database is away.
    """
    with node.database.read() as connection:
        found = _ended(connection, TOMBSTONE.c.record == record_id)
        if found is None and (row := _alone(connection, record_id)) is not None:
            return _told_alone(node, connection, row)
        if found is None:
            raise HubFault(
                FaultCode.NOT_FOUND,
                "there is no withdrawal of that record",
                hint="Withdraw it: `signoff withdraw`.",
            )
        return _told(node, connection, found, record_id)


def _refuse_stranger(connection: Connection, sha256: str) -> None:
    signed = select(SIGN_OFF.c.statement).where(SIGN_OFF.c.episode == sha256).limit(1)
    if connection.execute(signed).first() is None and _known(connection, sha256) is None:
        raise no_proof()


def _known(connection: Connection, sha256: str) -> _Ended | None:
    return _ended(connection, TOMBSTONE.c.episode == sha256)


def _ended(connection: Connection, which: ColumnElement[bool]) -> _Ended | None:
    columns = (
        TOMBSTONE.c.episode,
        TOMBSTONE.c.withdrawn_at,
        TOMBSTONE.c.erased_at,
        TOMBSTONE.c.kept_versions,
    )
    row = connection.execute(select(*columns).where(which)).first()
    if row is None:
        return None
    return _Ended(
        sha256=row.episode,
        withdrawn_at=row.withdrawn_at,
        is_erased=row.erased_at is not None,
        kept_versions=row.kept_versions,
    )


def _told(node: Node, connection: Connection, found: _Ended, record_id: str) -> Withdrawn:
    held = _held(connection, found.sha256)
    return Withdrawn(
        record_id=record_id,
        sha256=found.sha256,
        is_erased=found.is_erased,
        erase_by=_erase_by(node, found.withdrawn_at, held),
        kept_versions=found.kept_versions,
    )


def _alone(connection: Connection, record_id: str) -> SignedRow | None:
    """Return a sign-off that was taken back while its episode stays, or None."""
    this = select(SIGN_OFF.c.episode).where(
        SIGN_OFF.c.record == record_id, SIGN_OFF.c.state == SignOffIs.WITHDRAWN
    )
    sha256 = connection.execute(this).scalar()
    rows = () if sha256 is None else rows_of(connection, sha256)
    return next((one for one in rows if one.record == record_id), None)


def _told_alone(node: Node, connection: Connection, row: SignedRow) -> Withdrawn:
    """Tell of such a sign-off; once it is erased its row names no key."""
    return Withdrawn(
        record_id=row.record,
        sha256=row.episode,
        is_erased=not row.fingerprint,
        kept_versions=bool(
            connection.execute(
                select(SIGN_OFF.c.kept_versions).where(SIGN_OFF.c.record == row.record)
            ).scalar()
        ),
        erase_by=_erase_by(node, row.ended_at or node.now(), _held(connection, row.episode)),
        is_alone=_known(connection, row.episode) is None,  # else it ended as a whole since
    )


def _held(connection: Connection, sha256: str) -> int:
    found = select(LEGAL_HOLD.c.until).where(LEGAL_HOLD.c.episode == sha256)
    return int(connection.execute(found).scalar() or 0)


def _erase_by(node: Node, withdrawn_at: int, held: int) -> int:
    return max(withdrawn_at, held) + node.settings.erase_within_hours * _HOUR_S
