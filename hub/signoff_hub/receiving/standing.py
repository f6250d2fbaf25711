"""Whether a sign-off can be taken beside what this hub has already: asked in a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from signoff_hub.database.tables import ACCOUNT, KEY, SIGN_OFF, TOMBSTONE
from signoff_hub.place.faults import FaultCode, HubFault

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from signoff_hub.receiving.checks import Checked


def refuse_key(connection: Connection, account: str, fingerprint: str, *, now: int) -> None:
    """Refuse a sign-off by a key that is not the sender's own, or not any more.

    Raises:
        HubFault: it is another's, revoked, or its account is closed.
    """
    found = connection.execute(
        select(KEY.c.valid_from, KEY.c.valid_to, KEY.c.revoked_at, ACCOUNT.c.state)
        .join(ACCOUNT, KEY.c.account == ACCOUNT.c.id)
        .where(KEY.c.fingerprint == fingerprint, KEY.c.account == account)
    ).first()
    if found is None:
        raise HubFault(
            FaultCode.UNKNOWN_KEY,
            f"the key {fingerprint}, which signed it, is not the one that signed in",
            hint="Send it with the key that signed it: `signoff upload EPISODE`.",
        )
    if found.state != "active":
        raise HubFault(
            FaultCode.ACCOUNT_CLOSED,
            "the account of this key is closed",
            hint="Sign with another key.",
        )
    is_over = found.valid_to is not None and found.valid_to <= now
    if found.revoked_at is not None or is_over or found.valid_from > now:
        raise HubFault(
            FaultCode.REVOKED_KEY,
            f"the key {fingerprint} is not valid any more",
            hint="Sign it again with a key that is.",
        )


def refuse_withdrawn(connection: Connection, sha256: str) -> None:
    """Refuse what was taken back, or whose time was over.

    Raises:
        HubFault: there is a tombstone.
    """
    if connection.execute(select(TOMBSTONE.c.record).where(TOMBSTONE.c.episode == sha256)).first():
        raise HubFault(
            FaultCode.WITHDRAWN,
            "this episode was withdrawn, or its time was over; it is not accepted again",
            hint="Review it again: another file with other bytes can be sent.",
        )


def refuse_conflicts(connection: Connection, account: str, checked: Checked) -> None:
    """Refuse a sign-off that another one replaced, or that takes what is another's.

    Raises:
        HubFault: the first reason.
    """
    refuse_withdrawn(connection, checked.sha256)
    predicate = checked.predicate
    later = select(SIGN_OFF.c.statement).where(
        SIGN_OFF.c.supersedes == predicate.record_id, SIGN_OFF.c.account == account
    )
    if connection.execute(later).first() is not None:
        raise HubFault(
            FaultCode.SUPERSEDED,
            "the hub has a later sign-off that replaces this one",
            hint="There is nothing to do: the later one counts.",
        )
    same = select(SIGN_OFF.c.statement).where(
        SIGN_OFF.c.record == predicate.record_id, SIGN_OFF.c.statement != checked.statement_sha256
    )
    if connection.execute(same).first() is not None:
        raise HubFault(
            FaultCode.RECORD,
            "another statement has this record id",
            hint="Sign it again: each sign-off has an id of its own.",
        )
    earlier = select(SIGN_OFF.c.account).where(SIGN_OFF.c.record == predicate.supersedes)
    if predicate.supersedes is not None:
        found = connection.execute(earlier).first()
        if found is not None and found.account != account:
            raise HubFault(
                FaultCode.SUPERSEDES,
                "it replaces a sign-off of another key",
                hint="Withdraw the earlier one with its key or the recovery code, then sign again.",
            )
