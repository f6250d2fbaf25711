"""Whether a kept receipt holds: its key against the terms that were signed, its place in the log.

All of it is looked up in this home: no hub is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.consent.hub_terms import find_terms
from signoff_collector.consent.receipts import kept_proof
from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import LOG
from signoff_collector.consent.terms.audience import Audience
from signoff_schemas.errors import DamagedError, NotSignedError
from signoff_schemas.hub_log import (
    EntryKind,
    decode_path,
    parse_entry,
    parse_head,
    parse_inclusion_proof,
)
from signoff_schemas.merkle import proves_inclusion
from signoff_schemas.strict import names_hub

if TYPE_CHECKING:
    from signoff_collector.consent.receipts import Receipt
    from signoff_collector.own_files.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found of one receipt."""

    is_good: bool
    """False only where something contradicts it; what is not kept cannot."""
    fact: str


def judge_receipt(home: Home, receipt: Receipt, terms_sha256: str | None = None) -> Finding:
    """Look a receipt up in the terms and the proof that are kept here.

    Args:
        home: where they are kept.
        receipt: whose signature is good.
        terms_sha256: of the terms in the statement; None: those of its hub that are in force here.
    """
    if not names_hub(receipt.body.receiver):
        return Finding(is_good=True, fact=f"of a store; its key is {receipt.fingerprint}")
    kept = find_terms(home, Audience(receipt.body.receiver), terms_sha256)
    if kept is not None and kept.terms.receipt_key_fingerprint != receipt.fingerprint:
        return Finding(is_good=False, fact="signed by another key than the hub's terms name")
    key = "the terms of its hub are not here" if kept is None else "by the key in the hub's terms"
    content = kept_proof(home, receipt)
    if content is None:
        return Finding(is_good=True, fact=f"{key}, no proof of its place in the log is kept")
    fault = proof_fault(receipt, content)
    if fault is not None:
        return Finding(is_good=False, fact=f"its proof is not good: {fault}")
    return Finding(is_good=True, fact=f"{key}, in the log at {receipt.body.log_index}: proven")


def proof_fault(receipt: Receipt, content: bytes) -> str | None:
    """Return why a proof does not show that the admission is in the hub's log; None: it does.

    Args:
        receipt: of version 2; the proof has to be by its key.
        content: the proof's exact bytes; foreign.
    """
    body = receipt.body
    try:
        proof = parse_inclusion_proof(content)
        head_content = proof.head.encode("ascii")
        head = parse_head(head_content)
        signed = verify_signature(head_content, proof.signature.encode("ascii"), LOG)
        entry = None if proof.entry is None else parse_entry(proof.entry.encode("ascii"))
    except (DamagedError, NotSignedError, UnicodeEncodeError):
        return "it is not one, or the head of the log in it is not signed"
    if entry is None:
        return "it does not show what stands there"
    path, root = decode_path(proof.path), bytes.fromhex(head.root)
    is_in_it = proves_inclusion(proof.leaf_hash(), proof.leaf, head.size, path, root)
    is_admission = (entry.kind, entry.subject) == (EntryKind.ADMITTED, body.statement_sha256)
    questions = (
        (
            signed.fingerprint == receipt.fingerprint,
            "the head of the log in it is signed by another key",
        ),
        (head.receiver == body.receiver, "it is of another hub's log"),
        (proof.leaf == body.log_index, "it is of another place in the log"),
        (is_admission, "what stands there is not the admission of this sign-off"),
        (is_in_it, "its hashes do not lead to the head"),
    )
    return next((fault for is_so, fault in questions if not is_so), None)
