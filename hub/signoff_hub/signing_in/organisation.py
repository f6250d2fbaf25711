"""Signing in with an organisation's account, and drawing an enrolment code with it.

The browser is sent away with a secret of its own in a cookie; from that alone follow the state and
the nonce that have to come back, and the verifier of the code (RFC 7636). A row per secret lets it
come back once. Of the person stays a session with scopes, or that somebody drew a code: an HMAC of
the subject under the hub's key, so that a copy of the database names nobody.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select

from signoff_hub.database.tables import CHALLENGE, OIDC_DRAW
from signoff_hub.database.writing import create_row
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.signing_in.accounts import make_codes
from signoff_hub.signing_in.page_sessions import open_for_member
from signoff_hub.signing_in.provider import Provider
from signoff_hub.signing_in.tokens import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_hub.node.node import Node
    from signoff_hub.place.settings import Organisation

COMES_BACK_S: Final = 600
"""How long a person may take to sign in."""
_BATCH: Final = 64
_DAY_S: Final = 86_400
_MOST_CHARS: Final = 4_000
_AGAIN: Final = "Begin again from the page to sign in."


@dataclass(frozen=True, slots=True)
class Away:
    """Where a browser goes, and what it keeps meanwhile."""

    address: str
    secret: str


@dataclass(frozen=True, slots=True)
class CameBack:
    """What a person may do who signed in; one of the two is set."""

    code: str | None = None
    """An enrolment code, drawn now."""
    session: str | None = None
    """A session of the pages."""
    scopes: frozenset[Scope] = frozenset()


class OrganisationSignIn:
    """The sign-in of a node's organisation; safe to use from any thread."""

    def __init__(self, node: Node, settings: Organisation) -> None:
        """Make ready; nothing is asked yet.

        Raises:
            NotFoundError: the file with the client's secret is not there.
            DamagedError: it cannot be read.
        """
        self._node = node
        self._settings = settings
        self._provider = Provider(settings, node.folder.root)
        self._back = f"{node.address}/pages/organisation/back"
        self._drawing = Lock()
        self._codes: list[str] = []

    def begin(self, *, draws: bool) -> Away:
        """Return where a browser goes, to draw a code or to see pages.

        Raises:
            HubFault: the organisation's sign-in does not answer.
        """
        secret = secrets.token_urlsafe(32)
        address = self._provider.address_of_sign_in(
            back=self._back,
            state=_state(secret, draws=draws),
            nonce=_derived(secret, "nonce"),
            challenge=_base64(hashlib.sha256(_derived(secret, "verifier").encode()).digest()),
        )
        now = self._node.now()
        with self._node.database.write() as connection:
            connection.execute(delete(CHALLENGE).where(CHALLENGE.c.expires_at <= now))
            row = {"nonce_hash": _hash(secret), "expires_at": now + COMES_BACK_S}
            connection.execute(insert(CHALLENGE).values(row))
        return Away(address, secret)

    def finish(self, secret: str, said: Mapping[str, str]) -> CameBack:
        """Return what a person may do whose browser came back.

        Args:
            secret: what the browser kept; empty where it kept nothing.
            said: the query it came back with.

        Raises:
            HubFault: it did not begin here, came back before or too late, the organisation said no,
                the person is in no group that may do this, or drew a code before.
        """
        state = said.get("state", "")[:_MOST_CHARS]
        draws = hmac.compare_digest(state.encode(), _state(secret, draws=True).encode())
        shows = hmac.compare_digest(state.encode(), _state(secret, draws=False).encode())
        if not secret or not (draws or shows) or not self._is_first(secret):
            raise HubFault(
                FaultCode.BAD_NONCE,
                "this sign-in was not begun in this browser, or it is over",
                hint=_AGAIN,
            )
        issuer = said.get("iss")
        if issuer != self._settings.issuer and (issuer or self._provider.answers_name_it()):
            raise _no("another sign-in answered than the hub's")
        code = said.get("code", "")
        if "error" in said or not 0 < len(code) <= _MOST_CHARS:
            raise _no("your organisation's sign-in did not let you in")
        claims = self._provider.identity(
            code=code,
            verifier=_derived(secret, "verifier"),
            back=self._back,
            nonce=_derived(secret, "nonce"),
            now=self._node.now(),
        )
        groups = self._provider.groups(claims)
        if draws:
            if self._settings.members is not None and self._settings.members not in groups:
                raise _no("your account is in no group that may send episodes to this hub")
            return CameBack(code=self._draw(str(claims["sub"])))
        pages = {Scope.AUDIT: self._settings.auditors, Scope.OPERATE: self._settings.operators}
        scopes = frozenset(s for s, group in pages.items() if group is not None and group in groups)
        if not scopes:
            raise _no("your account is in no group for which this hub has pages")
        return CameBack(session=open_for_member(self._node, sorted(scopes)), scopes=scopes)

    def _draw(self, subject: str) -> str:
        """Return a code, and note that this subject drew one, not which.

        Codes are made by the batch, long before most are drawn, and wait in memory alone: drawing
        touches no row of a code. What a day drew is written anew in one order each time, so that
        neither the order of rows nor the transaction of one tells who drew when.

        Raises:
            HubFault: this subject drew a code before.
        """
        name = hmac.digest(
            self._node.key.secret_for("who drew an enrolment code"),
            f"{self._settings.issuer}\n{subject}".encode("utf-8", "surrogatepass"),
            "sha256",
        ).hex()
        today = self._node.now() // _DAY_S
        with self._drawing:
            if not self._codes:
                self._codes = list(make_codes(self._node, _BATCH))
                secrets.SystemRandom().shuffle(self._codes)
            with self._node.database.write() as connection:
                if not create_row(connection, OIDC_DRAW, {"subject_hmac": name, "drawn_on": today}):
                    raise HubFault(
                        FaultCode.CODE_USED,
                        "an enrolment code was drawn with your account before",
                        hint="Each account draws one. If yours is lost, ask whoever runs the hub.",
                    )
                of_today = OIDC_DRAW.c.drawn_on == today
                drawn = connection.execute(select(OIDC_DRAW.c.subject_hmac).where(of_today))
                names = sorted(drawn.scalars())
                connection.execute(delete(OIDC_DRAW).where(of_today))
                rows = [{"subject_hmac": one, "drawn_on": today} for one in names]
                connection.execute(insert(OIDC_DRAW), rows)
            return self._codes.pop()

    def _is_first(self, secret: str) -> bool:
        """Tell whether a secret comes back for the first time, and in time."""
        with self._node.database.write() as connection:
            used = connection.execute(
                delete(CHALLENGE).where(
                    CHALLENGE.c.nonce_hash == _hash(secret),
                    CHALLENGE.c.expires_at > self._node.now(),
                )
            )
        return used.rowcount == 1


def _state(secret: str, *, draws: bool) -> str:
    return _derived(secret, "state to draw" if draws else "state to see pages")


def _derived(secret: str, purpose: str) -> str:
    digest = hmac.digest(secret.encode("utf-8", "replace"), purpose.encode(), "sha256")
    return _base64(digest)


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def _hash(secret: str) -> str:
    """Return the name of a row: of another kind than those of challenges of keys."""
    return hashlib.sha256(f"organisation\n{secret}".encode("utf-8", "replace")).hexdigest()


def _no(fact: str) -> HubFault:
    return HubFault(FaultCode.SCOPE, fact, hint="Ask whoever runs the hub.")
