"""An organisation's sign-in, asked as OpenID Connect has it; the only place of the hub that does.

It is untrusted as to size, time and content: answers are bounded, redirects are not followed, and
an identity counts only when its signature, issuer, audience, nonce and times are right.

Sources: OpenID Connect Core 1.0 (3.1.3.7), Discovery 1.0 (4.3), RFC 7636, RFC 8414, RFC 9207.
"""

from __future__ import annotations

import json
import time
from threading import Lock
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import urllib3
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from urllib3.util.ssl_ import create_urllib3_context

from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.place.looking import read_own
from signoff_schemas.errors import DamagedError, NotFoundError
from signoff_schemas.untyped import fields_of, is_items, list_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from signoff_hub.place.settings import Organisation

_MAX_BYTES: Final = 256 << 10
_ANSWERS_IN_S: Final = 10.0
_KEPT_S: Final = 3_600
_AGAIN_S: Final = 30
"""Keys are asked for again no sooner, whoever sends tokens with unknown ones."""
_LEEWAY_S: Final = 60
_ALGORITHMS: Final = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
]  # fmt: skip
"""Signatures with a public key alone: `none` and shared secrets are how tokens are forged."""
_KINDS: Final = frozenset({"RSA", "EC", "OKP"})
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_MAX_FILE_BYTES: Final = 256 << 10
_NAMED: Final = "`[organisation]` in hub.toml names it: docs/hub/organisation.md."


class Provider:
    """The sign-in of one organisation; safe to use from any thread."""

    def __init__(self, settings: Organisation, folder: Path) -> None:
        """Make ready; nothing is asked yet.

        Args:
            settings: who it is.
            folder: of the hub, from which files are named.

        Raises:
            NotFoundError: the file with the secret, or with certificates, is not there.
            DamagedError: it cannot be read, or holds none.
        """
        self._settings = settings
        self._secret = None
        if settings.secret_file is not None:
            self._secret = _file(folder / settings.secret_file, "secret_file").strip()
        trusted = None
        if settings.ca_file is not None:
            path = folder / settings.ca_file
            trusted = create_urllib3_context()
            try:
                trusted.load_verify_locations(cadata=_file(path, "ca_file"))
            except (ValueError, OSError):
                raise DamagedError(
                    f"ca_file holds no certificate that can be read: {path}", hint=_NAMED
                ) from None
        self._pool = urllib3.PoolManager(num_pools=4, maxsize=4, retries=False, ssl_context=trusted)
        self._lock = Lock()
        self._described: tuple[float, Mapping[str, object]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def address_of_sign_in(self, *, back: str, state: str, nonce: str, challenge: str) -> str:
        """Return where a browser goes to sign in.

        Args:
            back: where it comes back to.
            state: comes back with it.
            nonce: comes back inside of the identity.
            challenge: SHA-256 of the verifier, in base64 for URLs (RFC 7636).

        Raises:
            HubFault: the organisation's sign-in does not answer, or not as one.
        """
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": back,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        place = self._place("authorization_endpoint")
        return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(asked)}"

    def identity(
        self, *, code: str, verifier: str, back: str, nonce: str, now: int
    ) -> Mapping[str, object]:
        """Return what the organisation says of who came back: checked claims.

        Args:
            code: that came back with the browser.
            verifier: whose digest was sent before.
            back: as it was sent before.
            nonce: as it was sent before.
            now: seconds since 1970.

        Raises:
            HubFault: the code is no good, the identity does not hold, or nobody answers.
        """
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": self._settings.client_id,
            "code_verifier": verifier,
        }
        headers: dict[str, str] = {}
        if self._secret is not None:
            ways = list_of(self._description().get("token_endpoint_auth_methods_supported"))
            if ways and "client_secret_basic" not in ways:
                asked["client_secret"] = self._secret
            else:
                pair = f"{quote_plus(self._settings.client_id)}:{quote_plus(self._secret)}"
                headers = urllib3.make_headers(basic_auth=pair)
        status, answer = self._ask("POST", self._place("token_endpoint"), asked, headers)
        if status in (400, 401, 403):
            raise _refused("it did not take what your browser brought back")
        token = answer.get("id_token") if status == 200 else None
        if not isinstance(token, str):
            raise _away("its answer holds no identity")
        claims = self._checked(token, nonce, now)
        access = answer.get("access_token")
        if self._settings.groups_claim not in claims and isinstance(access, str):
            claims = {**self._more(access, claims), **claims}
        return claims

    def groups(self, claims: Mapping[str, object]) -> frozenset[str]:
        """Return the groups of a person."""
        said = claims.get(self._settings.groups_claim)
        return frozenset([said] if isinstance(said, str) else map(str, list_of(said)))

    def answers_name_it(self) -> bool:
        """Return whether it says that what comes back names it (RFC 9207)."""
        name = "authorization_response_iss_parameter_supported"
        return self._description().get(name) is True

    def _more(self, access: str, claims: Mapping[str, object]) -> Mapping[str, object]:
        """Return what its user info says of the same person; nothing where there is none."""
        place = self._description().get("userinfo_endpoint")
        if not isinstance(place, str):
            return {}
        headers = {"Authorization": f"Bearer {access}"}
        status, answer = self._ask("GET", self._place("userinfo_endpoint"), None, headers)
        return answer if status == 200 and answer.get("sub") == claims["sub"] else {}

    def _checked(self, token: str, nonce: str, now: int) -> Mapping[str, object]:
        claims = self._signed(token, is_new=False)
        if claims is None:  # perhaps with a key that is newer than those that are kept
            claims = self._signed(token, is_new=True)
        if claims is None:
            raise _refused("its signature under your identity does not hold")
        registry = jwt.JWTClaimsRegistry(
            now=now,
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
        )
        try:
            registry.validate(dict(claims))
        except (JoseError, ValueError, TypeError) as error:
            what = getattr(error, "claim", None) or type(error).__name__
            raise _refused(f"the identity it sent does not hold: {what}") from None
        subject, audience = claims.get("sub"), claims.get("aud")
        if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
            raise _refused("the identity it sent does not hold: sub")
        if (
            is_items(audience)
            and len(audience) > 1
            and claims.get("azp") != self._settings.client_id
        ):
            raise _refused("the identity it sent does not hold: azp")
        return claims

    def _signed(self, token: str, *, is_new: bool) -> Mapping[str, object] | None:
        """Return the claims that one of its keys signed, or None."""
        try:
            return fields_of(jwt.decode(token, self._key_set(is_new=is_new), _ALGORITHMS).claims)
        except (JoseError, ValueError, TypeError):
            return None

    def _description(self) -> Mapping[str, object]:
        with self._lock:
            now = time.monotonic()
            if self._described is None or now - self._described[0] > _KEPT_S:
                base = self._settings.issuer.rstrip("/")
                status, said = self._ask("GET", f"{base}/.well-known/openid-configuration")
                if status != 200:
                    raise _away("it does not say how it is asked")
                if said.get("issuer") != self._settings.issuer:
                    raise _away("it calls itself by another address than the hub's settings do")
                self._described = (now, said)
            return self._described[1]

    def _key_set(self, *, is_new: bool) -> KeySet:
        place = self._place("jwks_uri")
        with self._lock:
            now = time.monotonic()
            age = None if self._keys is None else now - self._keys[0]
            if self._keys is None or age is None or age > (_AGAIN_S if is_new else _KEPT_S):
                status, said = self._ask("GET", place)
                found = [
                    one
                    for one in map(fields_of, list_of(said.get("keys")))
                    if one.get("kty") in _KINDS and one.get("use") in (None, "sig")
                ]
                try:
                    if status != 200 or not found:
                        raise _away("it shows no keys")
                    self._keys = (now, KeySet.import_key_set({"keys": found}))  # type: ignore[typeddict-item]
                except (JoseError, ValueError, TypeError, KeyError):
                    raise _away("its keys cannot be read") from None
            return self._keys[1]

    def _place(self, name: str) -> str:
        """Return one of its addresses: with TLS, or all of it is on this machine."""
        place = self._description().get(name)
        parts = urlsplit(place) if isinstance(place, str) else None
        is_local = parts is not None and parts.hostname in _LOOPBACK
        may_be_plain = is_local and self._settings.issuer.startswith("http://")
        if parts is None or not (parts.scheme == "https" or may_be_plain) or not parts.hostname:
            raise _away(f"its {name} is no address with TLS")
        return parts._replace(fragment="").geturl()

    def _ask(
        self,
        method: str,
        place: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Mapping[str, object]]:
        """Ask for JSON: at most 256 KiB within 10 s, from this address alone."""
        ends = time.monotonic() + _ANSWERS_IN_S
        sent = {"Accept": "application/json", **(headers or {})}
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            answer = self._pool.request(
                method,
                place,
                body=None if form is None else urlencode(form),
                headers=sent,
                redirect=False,
                preload_content=False,
                timeout=urllib3.Timeout(connect=5.0, read=5.0),
            )
            try:
                content = b""
                while piece := answer.read1(1 << 16):
                    content += piece
                    if len(content) > _MAX_BYTES or time.monotonic() > ends:
                        raise _away("its answer is too large, or too slow")
            finally:
                answer.close()
            return answer.status, fields_of(json.loads(content or b"{}"))
        except (urllib3.exceptions.HTTPError, OSError):
            raise _away("it cannot be reached") from None
        except (ValueError, RecursionError):
            raise _away("its answer is no JSON") from None


def _file(path: Path, setting: str) -> str:
    try:
        return read_own(path, max_bytes=_MAX_FILE_BYTES).decode("utf-8", "replace")
    except NotFoundError:
        raise NotFoundError(f"{setting} is not there: {path}", hint=_NAMED) from None


def _away(fact: str) -> HubFault:
    return HubFault(
        FaultCode.AWAY,
        f"your organisation's sign-in does not work now: {fact}",
        hint="Try again in a minute; if it stays, tell whoever runs the hub.",
    )


def _refused(fact: str) -> HubFault:
    return HubFault(
        FaultCode.SCOPE,
        f"your organisation's sign-in did not let you in: {fact}",
        hint="Begin again from the page to sign in.",
    )
