"""A hub's key and its signed terms, all made from a seed."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signoff_collector.consent.signatures.sshsig import (
    TERMS,
    armour,
    fingerprint,
    signed_data,
    wire_string,
)
from signoff_collector.consent.terms.notices import CURRENT_VERSION
from signoff_schemas.hub import HubTerms, Limits, make_terms
from signoff_schemas.receiver import LawfulBasis
from signoff_schemas.statement import ProhibitedUse, Purpose

HUB = "https://hub.example.org/team"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubKey:
    """An ed25519 key that signs as `ssh-keygen -Y sign` does."""

    seed: str = "hub"

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(self.seed.encode()).digest())

    @property
    def wire(self) -> bytes:
        """The public key as OpenSSH sends it."""
        raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return wire_string(b"ssh-ed25519") + wire_string(raw)

    @property
    def line(self) -> str:
        """The public key as a file holds it, without a comment."""
        return f"ssh-ed25519 {base64.b64encode(self.wire).decode()}"

    def sign(self, content: bytes, namespace: str = TERMS) -> bytes:
        """Return an armoured SSH signature over `content`."""
        value = self._key.sign(signed_data(namespace, "sha512", content))
        parts = (
            self.wire,
            namespace.encode(),
            b"",
            b"sha512",
            wire_string(b"ssh-ed25519") + wire_string(value),
        )
        blob = b"SSHSIG" + (1).to_bytes(4, "big") + b"".join(map(wire_string, parts))
        return armour(blob)


def hub_terms(*, key: HubKey | None = None, **changes: object) -> HubTerms:
    """Return terms of a hub that takes everything, with some fields changed."""
    known = key or HubKey()
    fields: dict[str, object] = {
        "terms_version": 1,
        "receiver": HUB,
        "controller": "Example Research gGmbH, privacy@example.org",
        "jurisdiction": "DE",
        "lawful_basis": LawfulBasis.CONSENT,
        "retention_days": 730,
        "purposes": (Purpose.RESEARCH, Purpose.MODEL_TRAINING),
        "prohibited_uses": tuple(ProhibitedUse),
        "notices": (CURRENT_VERSION,),
        "limits": Limits(max_episode_bytes=64 << 20),
        "language": "en",
        "text": "We keep what you send for two years.\nThen we erase it.\n",
        "receipt_key": known.line,
        "receipt_key_fingerprint": fingerprint(known.wire),
        "valid_from": "2026-11-01T00:00:00Z",
        **changes,
    }
    return HubTerms.model_validate(fields)


def signed_terms(*, key: HubKey | None = None, **changes: object) -> tuple[bytes, bytes]:
    """Return terms as a hub publishes them: the exact bytes, and its signature over them."""
    content = make_terms(hub_terms(key=key, **changes))
    return content, (key or HubKey()).sign(content)
