"""Withdrawals and the tombstones they leave (docs/withdrawal.md; threat 28).

A tombstone holds no content: digest, record id, handle and proofs. It proves itself by
the secret behind the handle, or by a signature of the key that signed the statement, so
that nobody else can make one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, ValidationError

from signoff_collector.consent.recovery import (
    withdrawal_handle,
)
from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES, SIGN_OFF, WITHDRAWAL
from signoff_schemas.errors import NotSignedError
from signoff_schemas.statement import (
    RandomId,
    Sha256,
    Strict,
    parse_statement,
    refuse_ambiguous_json,
)

if TYPE_CHECKING:
    from signoff_collector.consent.sign_off_files import SignOff

MAX_TOMBSTONE_BYTES: Final = 32 << 10


class Tombstone(Strict):
    """What a store keeps of a withdrawn episode, for ever."""

    tombstone_version: Literal[1] = 1
    sha256: Sha256
    """Of the episode that is not to come back."""
    record_id: RandomId
    handle: Sha256
    withdrawn_on: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    """UTC date."""
    preimage: Sha256 | None = None
    """The secret whose SHA-256 is the handle."""
    signature: Annotated[str, Field(max_length=MAX_SIGNATURE_BYTES)] | None = None
    """Over `message`, in namespace signoff-withdrawal-v1."""

    @property
    def message(self) -> bytes:
        """The bytes that a withdrawing key signs."""
        return withdrawal_message(self.sha256, self.record_id, self.handle)

    def encode(self) -> bytes:
        """Return the tombstone as a store holds it: ASCII JSON and a newline."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=True).encode() + b"\n"


def withdrawal_message(sha256: str, record_id: str, handle: str) -> bytes:
    """Return what is signed to withdraw one sign-off."""
    return f"{WITHDRAWAL}\n{sha256}\n{record_id}\n{handle}\n".encode("ascii")


def parse_tombstone(content: bytes) -> Tombstone | None:
    """Return the tombstone in these bytes, or None when they are none that proves itself."""
    try:
        refuse_ambiguous_json(content)
        tombstone = Tombstone.model_validate_json(content)
    except (NotSignedError, ValidationError):
        return None
    return tombstone if _proves_itself(tombstone) else None


def withdraws(tombstone: Tombstone, sign_off: SignOff) -> bool:
    """Tell whether a tombstone takes this very sign-off back, and may."""
    try:
        statement = parse_statement(sign_off.statement)
        signer = verify_signature(sign_off.statement, sign_off.signature, SIGN_OFF).public_key
    except NotSignedError:
        return False
    predicate = statement.predicate
    names_it = (tombstone.sha256, tombstone.record_id, tombstone.handle) == (
        statement.sha256,
        predicate.record_id,
        predicate.withdrawal.handle,
    )
    return names_it and (_has_preimage(tombstone) or withdrawing_key(tombstone) == signer)


def withdrawing_key(tombstone: Tombstone) -> bytes | None:
    """Return the wire form of the key that signed a tombstone, or None."""
    if tombstone.signature is None:
        return None
    try:
        text = tombstone.signature.encode("ascii")
        return verify_signature(tombstone.message, text, WITHDRAWAL).public_key
    except (NotSignedError, UnicodeEncodeError):
        return None


def _proves_itself(tombstone: Tombstone) -> bool:
    return _has_preimage(tombstone) or withdrawing_key(tombstone) is not None


def _has_preimage(tombstone: Tombstone) -> bool:
    if tombstone.preimage is None:
        return False
    return withdrawal_handle(bytes.fromhex(tombstone.preimage)) == tombstone.handle
