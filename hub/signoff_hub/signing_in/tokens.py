"""Tokens: who asks, and what for. Only their hashes are kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, insert, select, update

from signoff_collector.consent.signatures.sshsig import fingerprint
from signoff_hub.database.tables import ACCOUNT, KEY, TOKEN
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.signing_in.accounts import ACTIVE, account_of
from signoff_hub.signing_in.challenges import answered_by
from signoff_schemas.hub_api import Token
from signoff_schemas.statement import format_time

if TYPE_CHECKING:
    from signoff_hub.node.node import Node
    from signoff_schemas.hub_api import TokenRequest

HOLDS_S: Final = 600
_DAY_S: Final = 86_400
_ASKER: Final = (
    select(
        TOKEN.c.hash,
        TOKEN.c.account,
        TOKEN.c.scopes,
        TOKEN.c.revoked_at,
        TOKEN.c.expires_at,
        KEY.c.revoked_at.label("key_revoked_at"),
        ACCOUNT.c.state,
    )
    .outerjoin(KEY, KEY.c.fingerprint == TOKEN.c.fingerprint)
    .outerjoin(ACCOUNT, ACCOUNT.c.id == TOKEN.c.account)
    .where(TOKEN.c.hash == bindparam("name"))
)
"""Built once: every request asks it."""


class Scope(StrEnum):
    """What a token is good for."""

    UPLOAD = "upload"
    WITHDRAW = "withdraw"
    MINE = "mine"
    BUILD = "build"
    """Draw plans and build data sets for a purpose."""
    READ = "read"
    """Read one version of a data set, against a grant."""
    AUDIT = "audit"
    """The log and states; no content."""
    OPERATE = "operate"
    """Health, queues and sizes; no content."""


CONTRIBUTOR: Final = (Scope.UPLOAD, Scope.WITHDRAW, Scope.MINE)
OTHERS: Final = (Scope.BUILD, Scope.READ, Scope.AUDIT, Scope.OPERATE)
"""Of API tokens, which no contributor has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks."""

    token_hash: str
    account: str | None
    """None: somebody with an API token."""
    scopes: frozenset[str]

    def contributor(self) -> str:
        """Return the account of a contributor.

        Raises:
            HubFault: it is none.
        """
        if self.account is None:
            raise _out_of_scope()
        return self.account


def sign_in(node: Node, request: TokenRequest) -> Token:
    """Return a token for a key that answered a challenge.

    Raises:
        HubFault: it did not, or the key is none that may come in.
    """
    key = answered_by(node, request)
    now = node.now()
    token = secrets.token_urlsafe(32)
    with node.database.write() as connection:
        account = account_of(node, connection, key)
        connection.execute(delete(TOKEN).where(TOKEN.c.expires_at <= now))
        connection.execute(
            insert(TOKEN).values(
                hash=_hash(token),
                account=account,
                fingerprint=fingerprint(key),
                scopes=sorted(CONTRIBUTOR),
                expires_at=now + HOLDS_S,
            )
        )
    ends = datetime.fromtimestamp(now + HOLDS_S, UTC)
    return Token(token=token, expires_at=format_time(ends), scopes=tuple(sorted(CONTRIBUTOR)))


def who_asks(node: Node, bearer: str | None) -> Asker:
    """Return who a token belongs to.

    Raises:
        HubFault: there is none, it is unknown, over or revoked, or its key was revoked since.
    """
    if bearer is None or len(bearer) > 1_000:
        raise _no_token()
    found = asker_of(node, _hash(bearer))
    if found is None:
        raise _no_token()
    return found


def asker_of(node: Node, token_hash: str) -> Asker | None:
    """Return whose a token is by its hash; None: it is unknown, over, revoked, or its key is."""
    with node.database.read() as connection:
        found = connection.execute(_ASKER, {"name": token_hash}).first()
    if found is None or found.revoked_at is not None or found.expires_at <= node.now():
        return None
    if found.key_revoked_at is not None or found.state not in (None, ACTIVE):
        return None
    return Asker(
        token_hash=found.hash, account=found.account, scopes=frozenset(map(str, found.scopes))
    )


def require(asker: Asker, scope: Scope) -> None:
    """Refuse who may not do something.

    Raises:
        HubFault: its token has another scope.
    """
    if scope not in asker.scopes:
        raise _out_of_scope()


def make_api_token(node: Node, name: str, scopes: tuple[Scope, ...], days: int) -> str:
    """Return a new token for a builder, reader, auditor or operator; it is not kept."""
    token = secrets.token_urlsafe(32)
    with node.database.write() as connection:
        connection.execute(
            insert(TOKEN).values(
                hash=_hash(token),
                name=name,
                scopes=sorted(scopes),
                expires_at=node.now() + days * _DAY_S,
            )
        )
    return token


def revoke_api_tokens(node: Node, name: str) -> int:
    """Revoke every API token of a name; return how many there were."""
    with node.database.write() as connection:
        done = connection.execute(
            update(TOKEN)
            .where(TOKEN.c.name == name, TOKEN.c.revoked_at.is_(None))
            .values(revoked_at=node.now())
        )
    return done.rowcount


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _no_token() -> HubFault:
    return HubFault(
        FaultCode.NO_TOKEN,
        "nobody is signed in, or no longer",
        hint="Sign in: POST /v1/challenges, then POST /v1/tokens.",
    )


def _out_of_scope() -> HubFault:
    return HubFault(
        FaultCode.SCOPE,
        "this token is not good for that",
        hint="Ask whoever runs the hub for a token with the scope that docs/hub/api.md names.",
    )
