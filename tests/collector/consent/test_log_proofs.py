"""Kept receipts are checked against the terms that were signed, and the hub's log."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.hub_terms import HUB, HubKey, signed_terms
from tests.support.sign_off import call_signoff

from signoff_collector.consent.hub_terms import keep_terms
from signoff_collector.consent.log_proofs import judge_receipt, proof_fault
from signoff_collector.consent.receipts import (
    Receipt,
    ReceiptBody,
    keep_receipt,
    make_receipt,
    parse_receipt,
)
from signoff_collector.consent.signatures.sshsig import LOG, RECEIPT
from signoff_collector.consent.terms.audience import Audience
from signoff_collector.own_files.home import Home, resolve_home
from signoff_schemas.hub_log import (
    EntryKind,
    InclusionProof,
    LogEntry,
    LogHead,
    commitment,
    encode,
    encode_path,
)
from signoff_schemas.merkle import inclusion_path, leaf_hash, node_hash, root_of

SHA, STATEMENT = "ab" * 32, "cd" * 32
NOW = "2026-11-25T12:00:00Z"
AT, SIZE = 5, 11
SALT = hashlib.sha256(b"salt").digest()


def receipt_by(key: HubKey, *, at: int = AT, receiver: str = HUB) -> Receipt:
    body = ReceiptBody(
        receipt_version=2,
        sha256=SHA,
        statement_sha256=STATEMENT,
        received_on=NOW,
        receiver=receiver,
        log_index=at,
    )
    content = make_receipt(body)
    receipt = parse_receipt(SHA, f"{STATEMENT}.json", content, key.sign(content, RECEIPT))
    assert receipt is not None
    return receipt


def proof_by(
    key: HubKey,
    *,
    at: int = AT,
    subject: str = STATEMENT,
    kind: EntryKind = EntryKind.ADMITTED,
    receiver: str = HUB,
    is_open: bool = True,
) -> InclusionProof:
    """Return a proof from a log of eleven leaves, one of which is the admission."""
    entry = encode(LogEntry(kind=kind, subject=subject, on=NOW))
    leaves = [leaf_hash(commitment(SALT, bytes([n]))) for n in range(SIZE)]
    leaves[at] = leaf_hash(commitment(SALT, entry))

    def node(level: int, index: int) -> bytes:
        if level == 0:
            return leaves[index]
        return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))

    head = encode(LogHead(receiver=receiver, size=SIZE, root=root_of(leaves).hex(), on=NOW))
    return InclusionProof(
        leaf=at,
        salt=SALT.hex() if is_open else None,
        entry=entry.decode() if is_open else None,
        commitment=None if is_open else commitment(SALT, entry).hex(),
        path=encode_path(inclusion_path(at, SIZE, node)),
        head=head.decode(),
        signature=key.sign(head, LOG).decode(),
    )


@pytest.fixture
def place(home: Path) -> Home:
    return resolve_home().ensure()


def test_a_proof_leads_from_the_admission_to_the_hubs_signed_head() -> None:
    key = HubKey()
    assert proof_fault(receipt_by(key), encode(proof_by(key))) is None


@pytest.mark.parametrize(
    ("proof", "fault"),
    [
        (proof_by(HubKey(seed="other")), "another key"),
        (proof_by(HubKey(), receiver="https://other.example.org"), "another hub"),
        (proof_by(HubKey(), at=6), "another place"),
        (proof_by(HubKey(), subject="ef" * 32), "not the admission"),
        (proof_by(HubKey(), kind=EntryKind.REFUSED), "not the admission"),
        (proof_by(HubKey()).model_copy(update={"salt": "00" * 32}), "do not lead"),
        (proof_by(HubKey()).model_copy(update={"path": ""}), "do not lead"),
    ],
)
def test_a_proof_of_anything_else_says_what_it_is(proof: InclusionProof, fault: str) -> None:
    found = proof_fault(receipt_by(HubKey()), encode(proof))
    assert found is not None
    assert fault in found


def test_a_proof_without_its_opening_does_not_show_what_stands_there() -> None:
    key = HubKey()
    found = proof_fault(receipt_by(key), encode(proof_by(key, is_open=False)))
    assert found == "it does not show what stands there"


@given(st.data())
def test_a_proof_with_any_byte_changed_is_none(data: st.DataObject) -> None:
    content = bytearray(encode(proof_by(HubKey())))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 6))
    assert proof_fault(receipt_by(HubKey()), bytes(content)) is not None


@given(st.binary(max_size=400))
def test_any_bytes_are_no_proof(content: bytes) -> None:
    assert proof_fault(receipt_by(HubKey()), content) is not None


def test_a_receipt_is_judged_by_the_key_in_the_hubs_terms(place: Home) -> None:
    keep_terms(place, Audience(HUB), *signed_terms())
    good, bad = receipt_by(HubKey()), receipt_by(HubKey(seed="other"))
    assert judge_receipt(place, good).is_good
    assert "no proof" in judge_receipt(place, good).fact
    assert not judge_receipt(place, bad).is_good


def test_receipts_are_listed_with_what_was_found_of_each(place: Home) -> None:
    assert call_signoff("receipts").out == "no receipt is kept here\n"
    keep_terms(place, Audience(HUB), *signed_terms())
    key = HubKey()
    keep_receipt(place, receipt_by(key), proof=encode(proof_by(key)))
    for words in ((), (SHA,), (SHA[:12],)):
        done = call_signoff("receipts", *words)
        assert done.code == 0, done.err
        assert f"in the log at {AT}: proven" in done.out
    (row,) = call_signoff("receipts", "--json").rows()
    assert (row["sha256"], row["good"], row["log_index"]) == (SHA, True, AT)
    missing = call_signoff("receipts", "ef" * 32)
    assert missing.code == 10
    keep_receipt(place, receipt_by(key), proof=encode(proof_by(key, at=6)))
    done = call_signoff("receipts")
    assert done.code == 3
    assert "BAD: its proof is not good: it is of another place in the log" in done.out
    assert not json.loads(call_signoff("receipts", "--json").out)["good"]
