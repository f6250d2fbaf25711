"""The typed client of a hub: one method for each question that Signoff has (docs/hub/api.md)."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final, TypeVar

from signoff_collector.consent.signatures.ssh_keygen import public_key_line, sign_message
from signoff_collector.consent.signatures.sshsig import LOGIN
from signoff_collector.upload.hub.answers import not_a_hub, read_answer
from signoff_collector.upload.hub.connection import BUSY_HINT, JSON, HubConnection
from signoff_collector.upload.hub.problems import MAX_ANSWER_BYTES, HubRefusedError, error_of
from signoff_schemas.errors import NotSignedError
from signoff_schemas.hub_api import (
    Challenge,
    Mine,
    PageCode,
    Parts,
    PublishedTerms,
    SignOffState,
    Token,
    Withdrawn,
)
from signoff_schemas.statement import Strict, statement_sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from signoff_collector.consent.sign_off_files import SignOff
    from signoff_collector.consent.signatures.keys import SigningKey
    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.upload.hub.connection import Answer

PART_BYTES: Final = 8 << 20
"""An episode above this size goes in parts of it, so that a cut costs one part."""
_M = TypeVar("_M", bound=Strict)
_BYTES: Final = "application/octet-stream"
_MAX_TERMS_BYTES: Final = 1 << 20
_MAX_LIST_BYTES: Final = 64 << 20
_MAX_EXPORT_BYTES: Final = 64 << 30
"""It goes to a file; this much may come in the time that a question may take."""


class HubClient:
    """One hub, and who is signed in there. Has to be closed."""

    def __init__(
        self,
        audience: Audience,
        *,
        root_certificate: bytes | None = None,
        away_hint: str | None = None,
    ) -> None:
        """Look the way up; nothing is contacted.

        Args:
            audience: the hub's address.
            root_certificate: PEM, trusted besides what the system trusts.
            away_hint: what a person does when the hub cannot answer; None: what is sent waits in
                the outbox.
        """
        self._audience = audience
        self._away_hint = away_hint
        self._connection = HubConnection(
            audience, root_certificate=root_certificate, away_hint=away_hint or BUSY_HINT
        )
        self._key: SigningKey | None = None
        self._token: str | None = None

    @property
    def audience(self) -> Audience:
        """The hub's canonical address; every send compares it with the statement's."""
        return self._audience

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        return self._connection.place

    def watch(self, on_sent: Callable[[int], None]) -> None:
        """Have `on_sent` called with the bytes of each piece that is sent."""
        self._connection.on_sent = on_sent

    def close(self) -> None:
        """Forget the token: no connection outlives a question."""
        self._token = None

    def terms(self) -> PublishedTerms:
        """Return the hub's terms; nothing of them is checked yet."""
        answer = self._ask("GET", "/v1/terms", max_bytes=_MAX_TERMS_BYTES)
        return self._read(answer, PublishedTerms)

    def sign_in(self, key: SigningKey) -> None:
        """Prove a key; what follows is asked in its name.

        What is signed names this hub's address: signed for another it would be good for nothing.

        Raises:
            SignoffError: the key cannot sign now, or the hub does not take it.
        """
        answer = self._ask("POST", "/v1/tokens", _json(**self._proof(key)))
        self._key, self._token = key, self._read(answer, Token).token

    def enrol(self, key: SigningKey, code: str) -> None:
        """Make a key one of a member, by a code that holds once.

        Raises:
            SignoffError: the key cannot sign now, or the hub does not take the code.
        """
        self._ask("POST", "/v1/enrolments", _json(**self._proof(key), code=code))

    def _proof(self, key: SigningKey) -> dict[str, str]:
        """Return the answer of a key to a new challenge of the hub."""
        challenge = self._read(self._ask("POST", "/v1/challenges"), Challenge)
        if challenge.receiver != self._audience:
            raise not_a_hub(self.place, "it calls itself by another address")
        message = f"{LOGIN}\n{self._audience}\n{challenge.nonce}\n".encode("ascii")
        signature = sign_message(
            message,
            key=key.path,
            public_key=key.public_key,
            namespace=LOGIN,
            agent_socket=key.agent_socket,
        )
        return {
            "nonce": challenge.nonce,
            "public_key": public_key_line(key.public_key),
            "signature": signature.decode("ascii"),
        }

    def has_blob(self, sha256: str) -> bool:
        """Tell whether the hub has an episode already.

        Raises:
            HubRefusedError: it was withdrawn there.
        """
        answer = self._ask_signed_in("HEAD", f"/v1/blobs/{sha256}", hoped=(200, 404))
        return answer.status == 200

    def put_blob(self, sha256: str, content: bytes) -> None:
        """Send an episode; one above 8 MiB in parts, and only those that are missing."""
        if len(content) <= PART_BYTES:
            self._ask_signed_in("PUT", f"/v1/blobs/{sha256}", content, kind=_BYTES)
            return
        place = f"/v1/blobs/{sha256}/parts"
        found = self._ask_signed_in("GET", place, hoped=(200, 404), max_bytes=1 << 20)
        there = set(self._read(found, Parts).parts) if found.status == 200 else set[int]()
        for number, at in enumerate(range(0, len(content), PART_BYTES)):
            part = content[at : at + PART_BYTES]
            if number in there:
                self._connection.on_sent(len(part))
                continue
            digest = {"Signoff-Part-Sha256": hashlib.sha256(part).hexdigest()}
            self._ask_signed_in("PUT", f"{place}/{number}", part, kind=_BYTES, headers=digest)
        self._ask_signed_in("POST", place, _json(size_bytes=len(content)))

    def put_sign_off(self, sha256: str, sign_off: SignOff) -> SignOffState:
        """Hand the sign-off in: from its answer on, the hub may read the episode."""
        name = statement_sha256(sign_off.statement)
        body = _json(
            statement=sign_off.statement.decode("utf-8"),
            signature=sign_off.signature.decode("ascii"),
        )
        answer = self._ask_signed_in("PUT", f"/v1/sign-offs/{name}", body)
        return self._state(answer, sha256, name)

    def find_sign_off(self, sha256: str, statement: bytes) -> SignOffState | None:
        """Return what became of a sign-off; None: the hub never got it."""
        name = statement_sha256(statement)
        answer = self._ask_signed_in("GET", f"/v1/sign-offs/{name}", hoped=(200, 404))
        return None if answer.status == 404 else self._state(answer, sha256, name)

    def withdraw(self, tombstone: bytes, *, sha256: str, record_id: str) -> Withdrawn:
        """Hand a withdrawal in: it proves itself, so that nobody has to be signed in."""
        body = _json(tombstone=tombstone.decode("ascii"))
        withdrawn = self._read(self._ask("POST", "/v1/withdrawals", body), Withdrawn)
        if (withdrawn.sha256, withdrawn.record_id) != (sha256, record_id):
            raise not_a_hub(self.place, "it says that it took another episode back")
        return withdrawn

    def mine(self) -> Mine:
        """Return what the hub has of whoever is signed in, and who read it."""
        answer = self._ask_signed_in("GET", "/v1/mine", max_bytes=_MAX_LIST_BYTES)
        return self._read(answer, Mine)

    def export(self, into: Callable[[bytes], object]) -> None:
        """Have `into` called with each piece of a tar: all that the hub has of who is signed in.

        Raises:
            NetworkError: it broke off; what came is worth nothing.
        """
        self._ask_signed_in("GET", "/v1/mine/export", max_bytes=_MAX_EXPORT_BYTES, into=into)

    def page_code(self) -> PageCode:
        """Return what opens the pages of whoever is signed in, once, in a browser."""
        return self._read(self._ask_signed_in("POST", "/v1/page-codes", _json()), PageCode)

    def _state(self, answer: Answer, sha256: str, name: str) -> SignOffState:
        state = self._read(answer, SignOffState)
        if (state.sha256, state.statement_sha256) != (sha256, name):
            raise not_a_hub(self.place, "it answered for another episode than the one sent")
        return state

    def _read(self, answer: Answer, model: type[_M]) -> _M:
        return read_answer(answer, model, self.place)

    def _ask_signed_in(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        kind: str = JSON,
        headers: Mapping[str, str] | None = None,
        hoped: tuple[int, ...] = (),
        max_bytes: int = MAX_ANSWER_BYTES,
        into: Callable[[bytes], object] | None = None,
    ) -> Answer:
        """Ask in the name of the key; sign in again, once, when the token has run out."""
        if self._key is None:
            raise NotSignedError("nobody is signed in at the hub")

        def ask() -> Answer:
            return self._ask(
                method,
                path,
                body,
                kind=kind,
                headers=headers,
                hoped=hoped,
                max_bytes=max_bytes,
                token=self._token,
                into=into,
            )

        try:
            return ask()
        except HubRefusedError as error:
            if error.status != 401:
                raise
            self.sign_in(self._key)
            return ask()

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        kind: str = JSON,
        headers: Mapping[str, str] | None = None,
        hoped: tuple[int, ...] = (),
        max_bytes: int = MAX_ANSWER_BYTES,
        token: str | None = None,
        into: Callable[[bytes], object] | None = None,
    ) -> Answer:
        answer = self._connection.ask(
            method,
            path,
            body=body,
            kind=kind,
            max_bytes=max_bytes,
            headers=headers,
            token=token,
            into=into,
        )
        if answer.status in (hoped or (200, 201, 202)):
            return answer
        raise error_of(answer, self.place, away_hint=self._away_hint)


def _json(**fields: str | int) -> bytes:
    return json.dumps(fields, ensure_ascii=True).encode("ascii")
