"""A hub that keeps the contract, but for the one answer that a test gives it to tell.

What a client does about a hub that lies, stalls or leads elsewhere cannot be had from a real one.
The ways with an honest hub are gone with a real one (tests/e2e/test_hub.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.hub_terms import HubKey, signed_terms
from tests.support.sign_off import TYPED, signed_episode
from tests.support.spoken_hub import Asked, SpokenHub, problem, said, spoken_hub

from signoff_collector.consent.receipts import ReceiptBody, make_receipt
from signoff_collector.consent.recovery import find_seed, withdrawal_handle, withdrawal_secret
from signoff_collector.consent.sign_off_files import SignOff, read_sign_off, write_sign_off
from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.keys import KeyRegister
from signoff_collector.consent.signatures.ssh_keygen import parse_public_key, sign_message
from signoff_collector.consent.signatures.sshsig import LOGIN, RECEIPT, SIGN_OFF
from signoff_collector.consent.terms.audience import Audience
from signoff_collector.consent.withdrawal import parse_tombstone
from signoff_collector.own_files.home import resolve_home
from signoff_collector.upload.outbox.outbox import Outbox
from signoff_schemas.hub import receiver_of
from signoff_schemas.statement import Withdrawal, make_statement, parse_statement

NOW = "2026-11-25T12:00:00Z"
Lie = Callable[[Asked], bytes | None]


@dataclass(slots=True, kw_only=True)
class ScriptedHub:
    """What a hub has, in memory."""

    spoken: SpokenHub = field(default_factory=lambda: SpokenHub(audience=Audience("")))
    key: HubKey = field(default_factory=HubKey)
    blobs: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)
    sign_offs: dict[str, bytes] = field(default_factory=dict)
    """Statement, by its SHA-256."""
    withdrawn: dict[str, str] = field(default_factory=dict)
    """Digest to record id."""
    nonces: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    lie: Lie = lambda _: None
    """Returns another answer than the honest one, or None."""
    changed: Callable[[dict[str, object]], None] = lambda _: None
    """Changes the state of a sign-off before it is told."""
    terms_changes: dict[str, object] = field(default_factory=dict)

    @property
    def audience(self) -> Audience:
        """Its address."""
        return self.spoken.audience

    def paths(self, method: str) -> list[str]:
        """Return what was asked with a method, in order."""
        return [one.path for one in self.spoken.asked if one.method == method]

    def answer(self, asked: Asked) -> bytes:
        """Answer one question."""
        lie = self.lie(asked)
        if lie is not None:
            return lie
        word, _, rest = asked.path.removeprefix("/v1/").partition("/")
        match asked.method, word:
            case "GET", "terms":
                fields = {"receiver": self.audience, **self.terms_changes}
                content, signature = signed_terms(key=self.key, **fields)
                return said(200, {"terms": content.decode(), "signature": signature.decode()})
            case "POST", "challenges":
                nonce = hashlib.sha256(f"nonce {len(self.nonces)}".encode()).hexdigest()
                self.nonces.add(nonce)
                body = {"nonce": nonce, "expires_at": NOW, "receiver": self.audience}
                return said(201, body)
            case "POST", "tokens":
                return self._token(asked.fields)
            case "POST", "withdrawals":
                return self._withdraw(asked.fields["tombstone"].encode())
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return problem(401, "no_token")
        match asked.method, word:
            case "POST", "page-codes":
                return said(201, {"code": "c" * 43, "expires_at": NOW})
            case "GET", "mine" if rest == "export":
                return said(200, bytes(1024), kind="application/x-tar")  # a tar of nothing
            case "GET", "mine":
                own = [self._state(name) for name in sorted(self.sign_offs)]
                rows = [{**one, "received_on": NOW, "uses": []} for one in own]
                return said(200, {"sign_offs": rows})
            case _, "blobs":
                return self._blob(asked, rest)
            case "PUT", "sign-offs":
                self.sign_offs[rest] = asked.fields["statement"].encode()
                return said(201, self._state(rest))
            case "GET", "sign-offs":
                known = rest in self.sign_offs
                return said(200, self._state(rest)) if known else problem(404, "not_found")
        return problem(404, "not_found")

    def _token(self, fields: dict[str, str]) -> bytes:
        if fields["nonce"] not in self.nonces:
            return problem(401, "bad_nonce")
        self.nonces.discard(fields["nonce"])
        message = f"signoff-login-v1\n{self.audience}\n{fields['nonce']}\n".encode()
        signed = verify_signature(message, fields["signature"].encode(), LOGIN)
        assert signed.public_key == parse_public_key(fields["public_key"])
        token = hashlib.sha256(f"token {len(self.tokens)}".encode()).hexdigest()
        self.tokens.add(token)
        return said(201, {"token": token, "expires_at": NOW, "scopes": ["upload", "mine"]})

    def _blob(self, asked: Asked, rest: str) -> bytes:
        sha256, _, part = rest.partition("/")
        if sha256 in self.withdrawn:
            return said(410) if asked.method == "HEAD" else problem(410, "withdrawn")
        there = self.parts.setdefault(sha256, {})
        match asked.method, part.partition("/"):
            case "HEAD", _:
                return said(200 if sha256 in self.blobs else 404).partition(b"\r\n\r\n")[0] + (
                    b"\r\n\r\n"
                )
            case "GET", ("parts", "", ""):
                return said(200, {"parts": sorted(there)})
            case "PUT", ("parts", "/", number):
                digest = hashlib.sha256(asked.body).hexdigest()
                assert asked.headers["signoff-part-sha256"] == digest
                there[int(number)] = asked.body
                return said(201)
            case "POST", ("parts", "", ""):
                whole = b"".join(content for _, content in sorted(there.items()))
            case _:
                whole = asked.body
        if hashlib.sha256(whole).hexdigest() != sha256:
            return problem(422, "digest_mismatch")
        self.blobs[sha256] = whole
        return said(201)

    def _state(self, name: str) -> dict[str, object]:
        statement = parse_statement(self.sign_offs[name])
        body = ReceiptBody(
            receipt_version=2,
            sha256=statement.sha256,
            statement_sha256=name,
            received_on=NOW,
            receiver=self.audience,
            log_index=7,
        )
        content = make_receipt(body)
        signature = self.key.sign(content, RECEIPT)
        is_gone = statement.sha256 in self.withdrawn
        receipt = {"content": content.decode(), "signature": signature.decode()}
        state: dict[str, object] = {
            "statement_sha256": name,
            "sha256": statement.sha256,
            "state": "withdrawn" if is_gone else "admitted",
            "reason": None,
            "receipt": None if is_gone else receipt,
            "proof": None,
        }
        self.changed(state)
        return state

    def _withdraw(self, content: bytes) -> bytes:
        tombstone = parse_tombstone(content)
        if tombstone is None:
            return problem(403, "proof")
        self.withdrawn[tombstone.sha256] = tombstone.record_id
        self.blobs.pop(tombstone.sha256, None)
        body = {"record_id": tombstone.record_id, "sha256": tombstone.sha256}
        return said(202, {**body, "state": "withdrawn", "erase_by": "2026-11-26T12:00:00Z"})


@contextmanager
def scripted_hub() -> Iterator[ScriptedHub]:
    """Listen for the time of the block."""
    hub = ScriptedHub()
    with spoken_hub(hub.answer) as spoken:
        hub.spoken = spoken
        yield hub


def signed_for_hub(home_folder: Path, hub: ScriptedHub, text: str = TYPED) -> Path:
    """Make and review an episode, and sign it for a hub under the terms that it publishes."""
    home = resolve_home({"SIGNOFF_HOME": str(home_folder)}).ensure()
    other_store = home_folder.parent / "other-store"
    other_store.mkdir(exist_ok=True)
    path = signed_episode(home_folder, other_store, text=text)
    fields = {"receiver": hub.audience, **hub.terms_changes}
    terms, _ = signed_terms(key=hub.key, **fields)
    statement = parse_statement(read_sign_off(path).statement)
    seed, record_id = find_seed(home), hashlib.sha256(text.encode()).hexdigest()[:32]
    assert seed is not None
    handle = withdrawal_handle(withdrawal_secret(seed, hub.audience, record_id))
    changes = {
        "audience": hub.audience,
        "receiver": receiver_of(terms),
        "record_id": record_id,
        "withdrawal": Withdrawal(handle=handle),
    }
    content = make_statement(statement.sha256, statement.predicate.model_copy(update=changes))
    key = KeyRegister(home).key_for(hub.audience)
    signature = sign_message(content, key=key.path, public_key=key.public_key, namespace=SIGN_OFF)
    write_sign_off(path, SignOff(statement=content, signature=signature))
    with Outbox.open(home) as outbox:
        outbox.add_record(record_id, statement.sha256, hub.audience)
    return path
