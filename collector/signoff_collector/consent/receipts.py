"""Receipts: signed confirmations of a receiver for an episode (docs/sign_off.md, Receipts).

They are stored beside the outbox, so that a contributor can prove what was accepted, also after a
withdrawal. A receipt proves which key signed it; the owner of the key is published by the receiver.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES, RECEIPT
from signoff_collector.own_files.private_files import (
    make_private_folder,
    read_regular,
    replace_private,
)
from signoff_schemas.errors import NotSignedError, SignoffError
from signoff_schemas.strict import Count, Sha256, Strict, UtcSecond, refuse_ambiguous_json

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.own_files.home import Home

MAX_RECEIPT_BYTES: Final = 16 << 10
MAX_RECEIPTS: Final = 64
"""Limit per episode, since a store could hold any number."""
MAX_PROOF_BYTES: Final = 64 << 10
_NAME: Final = re.compile(r"[0-9a-f]{64}\.json")


class ReceiptBody(Strict):
    """What a receipt says."""

    receipt_version: Literal[1, 2] = 1
    """2: of a receiver with a log."""
    sha256: Sha256
    """Of the episode."""
    statement_sha256: Sha256
    """Of the statement under which it was taken; the receipt's name."""
    received_on: UtcSecond
    receiver: Annotated[str, Field(pattern=r"^[!-~]{1,200}$")]
    """The receiver's address, as it names itself."""
    log_index: Count | None = None
    """Version 2: position of the admission in the receiver's log."""

    @model_validator(mode="after")
    def _has_the_version_of_what_it_says(self) -> Self:
        if (self.receipt_version == 2) != (self.log_index is not None):
            raise ValueError("version 2 of a receipt, and no other, has a position in a log")
        return self

    @field_validator("log_index", mode="before")
    @classmethod
    def _is_left_out_where_there_is_none(cls, found: object, info: ValidationInfo) -> object:
        if found is None and info.mode == "json":
            raise ValueError("there is a position, or no such name")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A valid receipt, and the key that signed it."""

    body: ReceiptBody
    fingerprint: str
    content: bytes
    signature: bytes

    @property
    def name(self) -> str:
        """Under which a store holds it; its signature has `.sig` behind it."""
        return f"{self.body.statement_sha256}.json"


def make_receipt(body: ReceiptBody) -> bytes:
    """Return the exact bytes to sign: the same for the same body, at any time."""
    held = body.model_dump(mode="json", exclude_none=True)
    return json.dumps(held, ensure_ascii=True, indent=1).encode("ascii") + b"\n"


def is_receipt_name(name: str) -> bool:
    """Tell whether a store's object may be a receipt."""
    return _NAME.fullmatch(name) is not None


def parse_receipt(sha256: str, name: str, content: bytes, signature: bytes) -> Receipt | None:
    """Parse and verify a receipt for one episode; None if it is invalid."""
    if len(content) > MAX_RECEIPT_BYTES:
        return None
    try:
        refuse_ambiguous_json(content)
        body = ReceiptBody.model_validate_json(content)
        signed = verify_signature(content, signature, RECEIPT)
    except (NotSignedError, ValidationError):
        return None
    if (body.sha256, f"{body.statement_sha256}.json") != (sha256, name):
        return None
    return Receipt(body=body, fingerprint=signed.fingerprint, content=content, signature=signature)


def keep_receipt(home: Home, receipt: Receipt, *, proof: bytes | None = None) -> None:
    """Store a receipt in the home; storing it twice has no effect.

    Args:
        home: where.
        receipt: what a receiver signed.
        proof: that its position in the log holds this very admission, as the receiver gave it;
            a later one replaces it.
    """
    folder = _folder(home, receipt.body.sha256)
    make_private_folder(folder)
    if proof is not None:
        replace_private(_proof_path(folder, receipt), proof)
    replace_private(folder / f"{receipt.name}.sig", receipt.signature)
    replace_private(folder / receipt.name, receipt.content)


def kept_receipts(home: Home, sha256: str) -> tuple[Receipt, ...]:
    """Return the stored receipts of an episode; damaged ones are skipped."""
    folder = _folder(home, sha256)
    names = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
    found = [_read(folder / name, sha256) for name in names if is_receipt_name(name)]
    return tuple(receipt for receipt in found if receipt is not None)


def all_receipts(home: Home) -> tuple[Receipt, ...]:
    """Return every stored receipt, oldest first; damaged ones are skipped."""
    place = home.state / "receipts"
    names = sorted(p.name for p in place.iterdir()) if place.is_dir() else []
    found = [one for name in names for one in kept_receipts(home, name)]
    return tuple(sorted(found, key=lambda one: (one.body.received_on, one.name)))


def kept_proof(home: Home, receipt: Receipt) -> bytes | None:
    """Return the proof of inclusion that was kept with a receipt, unproven, or None."""
    place = _proof_path(_folder(home, receipt.body.sha256), receipt)
    try:
        return read_regular(place, max_bytes=MAX_PROOF_BYTES)
    except SignoffError:
        return None


def _proof_path(folder: Path, receipt: Receipt) -> Path:
    return folder / f"{receipt.body.statement_sha256}.proof.json"


def _folder(home: Home, sha256: str) -> Path:
    return home.state / "receipts" / sha256


def _read(path: Path, sha256: str) -> Receipt | None:
    try:
        content = read_regular(path, max_bytes=MAX_RECEIPT_BYTES)
        signature = read_regular(path.with_name(f"{path.name}.sig"), max_bytes=MAX_SIGNATURE_BYTES)
    except SignoffError:
        return None
    return parse_receipt(sha256, path.name, content, signature)
