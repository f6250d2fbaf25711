"""Sessions of the hub's pages: what a browser holds instead of a token.

A browser cannot sign with an SSH key. So a client that signed in asks for a code, which opens one
session, once and within two minutes. Auditors and operators open one with their API token. Codes
and sessions are rows beside the tokens, each hashed in a way of its own: none of them is good for
the API, and no token is good as a cookie.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select

from signoff_hub.database.tables import TOKEN
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.signing_in.tokens import Asker, Scope, asker_of, who_asks
from signoff_schemas.hub_api import PageCode
from signoff_schemas.statement import format_time

if TYPE_CHECKING:
    from signoff_hub.node.node import Node

CODE_HOLDS_S: Final = 120
SESSION_HOLDS_S: Final = 1_800
"""From signing in on, whatever is done meanwhile."""
ORGANISATION: Final = "organisation"
"""The name of sessions of the organisation's people: `hub token --revoke` ends all of them."""
_MOST_CHARS: Final = 1_000
_CODE: Final = "signoff page code"
_SESSION: Final = "signoff page session"
_SHOWN: Final = (Scope.AUDIT, Scope.OPERATE)
"""For which of the scopes of API tokens there are pages."""


def make_page_code(node: Node, asker: Asker) -> PageCode:
    """Return a code that opens one session of a contributor who is signed in.

    Raises:
        HubFault: it is no contributor.
    """
    code, now = secrets.token_urlsafe(32), node.now()
    account = asker.contributor()
    with node.database.write() as connection:
        fingerprint = connection.execute(
            select(TOKEN.c.fingerprint).where(TOKEN.c.hash == asker.token_hash)
        ).scalar()
        connection.execute(delete(TOKEN).where(TOKEN.c.expires_at <= now))
        connection.execute(
            insert(TOKEN).values(
                hash=_hash(_CODE, code),
                account=account,
                fingerprint=fingerprint,
                scopes=[],
                expires_at=now + CODE_HOLDS_S,
            )
        )
    ends = datetime.fromtimestamp(now + CODE_HOLDS_S, UTC)
    return PageCode(code=code, expires_at=format_time(ends))


def open_with_code(node: Node, code: str) -> str:
    """Return a new session for a code, which is used up by it.

    Raises:
        HubFault: the code is unknown, used or over, or its key was revoked since.
    """
    name = _hash(_CODE, code)
    asker = asker_of(node, name)
    if asker is None:
        raise _no_code()
    with node.database.write() as connection:
        row = connection.execute(
            select(TOKEN.c.fingerprint, TOKEN.c.expires_at).where(TOKEN.c.hash == name)
        ).first()
        used = connection.execute(delete(TOKEN).where(TOKEN.c.hash == name))
    if row is None or used.rowcount != 1:  # of two at once, one has it
        raise _no_code()
    return _open(
        node,
        account=asker.account,
        fingerprint=row.fingerprint,
        name=None,
        scopes=[Scope.MINE],
        until=node.now() + SESSION_HOLDS_S,
    )


def open_with_token(node: Node, bearer: str) -> str:
    """Return a new session for an auditor or operator; it ends with the token at the latest.

    Raises:
        HubFault: the token is unknown or over, or there are no pages for its scopes.
    """
    asker = who_asks(node, bearer)
    scopes = sorted(scope for scope in _SHOWN if scope in asker.scopes)
    if asker.account is not None or not scopes:
        raise HubFault(
            FaultCode.SCOPE,
            "there are no pages for this token",
            hint="Tokens with the scopes audit and operate have some.",
        )
    with node.database.read() as connection:
        row = connection.execute(
            select(TOKEN.c.name, TOKEN.c.expires_at).where(TOKEN.c.hash == asker.token_hash)
        ).one()
    return _open(
        node,
        account=None,
        fingerprint=None,
        name=row.name,
        scopes=scopes,
        until=min(node.now() + SESSION_HOLDS_S, row.expires_at),
    )


def open_for_member(node: Node, scopes: list[Scope]) -> str:
    """Return a new session for somebody whom the organisation let in; of whom, nothing is kept."""
    until = node.now() + SESSION_HOLDS_S
    return _open(
        node, account=None, fingerprint=None, name=ORGANISATION, scopes=scopes, until=until
    )


def who_looks(node: Node, session: str | None) -> Asker | None:
    """Return whose session it is, or None: there is none, or it has ended.

    It ends with its time, when it is signed out, and when its token or key is revoked.
    """
    if session is None or len(session) > _MOST_CHARS:
        return None
    return asker_of(node, _hash(_SESSION, session))


def end_session(node: Node, session: str) -> None:
    """End a session; doing so again changes nothing."""
    with node.database.write() as connection:
        connection.execute(delete(TOKEN).where(TOKEN.c.hash == _hash(_SESSION, session)))


def _open(
    node: Node,
    *,
    account: str | None,
    fingerprint: str | None,
    name: str | None,
    scopes: list[Scope],
    until: int,
) -> str:
    session = secrets.token_urlsafe(32)
    with node.database.write() as connection:
        connection.execute(
            insert(TOKEN).values(
                hash=_hash(_SESSION, session),
                account=account,
                fingerprint=fingerprint,
                name=name,  # so that it is revoked with the token of that name
                scopes=[str(scope) for scope in scopes],
                expires_at=until,
            )
        )
    return session


def _hash(kind: str, secret: str) -> str:
    return hashlib.sha256(f"{kind}\n{secret}".encode("utf-8", "replace")).hexdigest()


def _no_code() -> HubFault:
    return HubFault(
        FaultCode.BAD_NONCE,
        "this code is not open: used, over or unknown",
        hint="Ask for a new one: signoff uses --open",
    )
