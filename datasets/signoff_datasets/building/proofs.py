"""The folder `proofs/`: statements, signatures and receipts, as they were signed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_schemas.dataset import Proof

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_datasets.screening.terms import Agreed
    from signoff_schemas.dataset import Manifest


def statement_path(statement_sha256: str) -> str:
    """Return where a statement lies in a data set; its signature has `.sig` behind it."""
    return f"proofs/{statement_sha256[:2]}/{statement_sha256}.json"


def receipt_path(statement_sha256: str) -> str:
    """Return where the receipt for a statement lies; its signature has `.sig` behind it."""
    return f"proofs/{statement_sha256[:2]}/{statement_sha256}.receipt.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What the manifest says of one episode's proofs."""

    statement: Proof
    receipt: Proof | None


def proven(one: Agreed) -> tuple[Proven, dict[str, bytes]]:
    """Return what to say of an episode's proofs, and the files by their paths."""
    statement = _proof(one.sign_off.statement, one.sign_off.signature)
    place = statement_path(statement.sha256)
    files = {place: one.sign_off.statement, f"{place}.sig": one.sign_off.signature}
    if one.receipt is None:
        return Proven(statement=statement, receipt=None), files
    receipt = _proof(one.receipt.content, one.receipt.signature)
    place = receipt_path(statement.sha256)
    files |= {place: one.receipt.content, f"{place}.sig": one.receipt.signature}
    return Proven(statement=statement, receipt=receipt), files


def files_of(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Yield path and SHA-256 of every file of a data set but the manifest and its signature."""
    for file in manifest.files:
        yield file.path, file.sha256
    for one in manifest.episodes:
        places = [(statement_path(one.statement.sha256), one.statement)]
        if one.receipt is not None:
            places.append((receipt_path(one.statement.sha256), one.receipt))
        for place, proof in places:
            yield place, proof.sha256
            yield f"{place}.sig", proof.signature_sha256


def _proof(content: bytes, signature: bytes) -> Proof:
    return Proof(
        sha256=hashlib.sha256(content).hexdigest(),
        signature_sha256=hashlib.sha256(signature).hexdigest(),
    )
