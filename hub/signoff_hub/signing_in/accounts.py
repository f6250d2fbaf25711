"""Accounts: one per key that signed in or was enrolled. An account has no name and no address.

Where a hub wants members only, a key brings an enrolment code. People draw a code out of a
shuffled batch, and nobody notes which: so the hub knows members, and not who of them is whom.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select, update

from signoff_collector.consent.signatures.ssh_keygen import public_key_line
from signoff_collector.consent.signatures.sshsig import fingerprint
from signoff_hub.database.tables import ACCOUNT, ENROLMENT_CODE, KEY
from signoff_hub.database.writing import create_row
from signoff_hub.place.faults import FaultCode, HubFault

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from signoff_hub.node.node import Node

ACTIVE: Final = "active"


def account_of(node: Node, connection: Connection, public_key: bytes) -> str:
    """Return the account of a key; where nobody has to enrol, a new key gets one.

    Raises:
        HubFault: the key is revoked, its account is closed, or it has to be enrolled.
    """
    name = fingerprint(public_key)
    found = connection.execute(
        select(KEY.c.account, KEY.c.revoked_at, ACCOUNT.c.state)
        .join(ACCOUNT, ACCOUNT.c.id == KEY.c.account)
        .where(KEY.c.fingerprint == name)
    ).first()
    if found is None:
        if node.settings.needs_enrolment:
            raise HubFault(
                FaultCode.NOT_MEMBER,
                "this key is not enrolled here",
                hint="With an enrolment code: signoff upload EPISODE --to HUB --enrol.",
            )
        return _new_account(node, connection, public_key)
    if found.revoked_at is not None:
        raise HubFault(
            FaultCode.REVOKED_KEY,
            "this key was revoked",
            hint="Sign with a new key; what was admitted before stays admitted.",
        )
    if found.state != ACTIVE:
        raise HubFault(
            FaultCode.ACCOUNT_CLOSED, "this account is closed", hint="Ask whoever runs the hub."
        )
    return str(found.account)


def enrol(node: Node, public_key: bytes, code: str) -> None:
    """Make a key one of a member; the same key may come again with the same code's answer.

    Raises:
        HubFault: the code is unknown or used.
    """
    with node.database.write() as connection:
        used = connection.execute(
            update(ENROLMENT_CODE)
            .where(ENROLMENT_CODE.c.hash == _hash(code), ENROLMENT_CODE.c.used.is_(False))
            .values(used=True)
        )
        if used.rowcount != 1:
            raise HubFault(
                FaultCode.CODE_USED,
                "this enrolment code is unknown or was used",
                hint="Ask whoever runs the hub for another one.",
            )
        if not has_key(connection, public_key):
            _new_account(node, connection, public_key)


def make_codes(node: Node, count: int) -> tuple[str, ...]:
    """Return new enrolment codes in random order; only their hashes are kept."""
    codes = ["-".join(secrets.token_hex(3) for _ in range(4)) for _ in range(count)]
    batch = secrets.token_hex(16)
    with node.database.write() as connection:
        for code in sorted(codes, key=_hash):
            row = {"hash": _hash(code), "batch": batch, "used": False}
            connection.execute(insert(ENROLMENT_CODE).values(row))
    return tuple(codes)


def revoke_key(node: Node, name: str) -> bool:
    """Let a key sign nothing in any more; False when there is no such key, or it was revoked."""
    with node.database.write() as connection:
        done = connection.execute(
            update(KEY)
            .where(KEY.c.fingerprint == name, KEY.c.revoked_at.is_(None))
            .values(revoked_at=node.now())
        )
    return done.rowcount == 1


def kept_account(node: Node, connection: Connection, public_key: bytes) -> str:
    """Return the account of a key, or a new one: of what was admitted before, nobody enrols."""
    found = connection.execute(
        select(KEY.c.account).where(KEY.c.fingerprint == fingerprint(public_key))
    ).scalar_one_or_none()
    return str(found) if found is not None else _new_account(node, connection, public_key)


def has_key(connection: Connection, public_key: bytes) -> bool:
    """Tell whether a key belongs to anybody here."""
    name = fingerprint(public_key)
    return (
        connection.execute(select(KEY.c.account).where(KEY.c.fingerprint == name)).first()
        is not None
    )


def _new_account(node: Node, connection: Connection, public_key: bytes) -> str:
    account = secrets.token_hex(16)
    connection.execute(insert(ACCOUNT).values(id=account, state=ACTIVE))
    row = {
        "fingerprint": fingerprint(public_key),
        "account": account,
        "public_key": public_key_line(public_key),
        "valid_from": node.now(),
    }
    if create_row(connection, KEY, row):
        return account
    # somebody signed in with the same key a moment ago: theirs is the account
    connection.execute(delete(ACCOUNT).where(ACCOUNT.c.id == account))
    return str(
        connection.execute(
            select(KEY.c.account).where(KEY.c.fingerprint == row["fingerprint"])
        ).scalar_one()
    )


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode("ascii", "replace")).hexdigest()
