"""Challenges: random numbers that a key signs once, so that a signature cannot be played again."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.ssh_keygen import parse_public_key
from signoff_collector.consent.signatures.sshsig import LOGIN
from signoff_hub.database.tables import CHALLENGE
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_schemas.errors import DamagedError, NotSignedError
from signoff_schemas.hub_api import Challenge
from signoff_schemas.statement import format_time

if TYPE_CHECKING:
    from signoff_hub.node.node import Node
    from signoff_schemas.hub_api import TokenRequest

HOLDS_S: Final = 120
"""How long a challenge can be answered."""
_AGAIN: Final = "Ask for a new challenge and sign that one."


def make_challenge(node: Node) -> Challenge:
    """Return a new challenge; those that ran out are cleared on the way."""
    nonce = secrets.token_hex(32)
    now = node.now()
    with node.database.write() as connection:
        connection.execute(delete(CHALLENGE).where(CHALLENGE.c.expires_at <= now))
        row = {"nonce_hash": _hash(nonce), "expires_at": now + HOLDS_S}
        connection.execute(insert(CHALLENGE).values(row))
    ends = datetime.fromtimestamp(now + HOLDS_S, UTC)
    return Challenge(nonce=nonce, expires_at=format_time(ends), receiver=node.address)


def answered_by(node: Node, request: TokenRequest) -> bytes:
    """Return the key, in wire form, that answered a challenge; it is used up either way.

    Raises:
        HubFault: the challenge is unknown, over or used, or the signature is not the key's.
    """
    with node.database.write() as connection:
        used = connection.execute(
            delete(CHALLENGE).where(
                CHALLENGE.c.nonce_hash == _hash(request.nonce),
                CHALLENGE.c.expires_at > node.now(),
            )
        )
    if used.rowcount != 1:
        raise HubFault(
            FaultCode.BAD_NONCE, "this challenge is not open: used, over or unknown", hint=_AGAIN
        )
    message = f"{LOGIN}\n{node.address}\n{request.nonce}\n".encode("ascii")
    try:
        key = parse_public_key(request.public_key)
        if verify_signature(message, request.signature.encode("ascii"), LOGIN).public_key == key:
            return key
    except (NotSignedError, DamagedError):
        pass
    raise HubFault(
        FaultCode.BAD_SIGNATURE,
        "the challenge is not signed by that key for signing in",
        hint=_AGAIN,
    )


def _hash(nonce: str) -> str:
    return hashlib.sha256(nonce.encode("ascii")).hexdigest()
