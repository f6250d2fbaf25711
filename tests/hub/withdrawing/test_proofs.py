"""Proofs of a withdrawal: altered anywhere, it takes nothing else back."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.datasets import Person, words

from signoff_collector.consent.recovery import withdrawal_handle
from signoff_collector.consent.signatures.sshsig import WITHDRAWAL, fingerprint
from signoff_collector.consent.withdrawal import Tombstone
from signoff_hub.place.faults import HubFault
from signoff_hub.withdrawing.endings import SignedRow
from signoff_hub.withdrawing.proofs import read_tombstone, taken_back

OWNER, STRANGER = Person(number=1), Person(number=2)
SECRET = bytes.fromhex(words("secret", 64))
ROW = SignedRow(
    statement=words("statement", 64),
    episode=words("episode", 64),
    record=words("record"),
    handle=withdrawal_handle(SECRET),
    fingerprint=fingerprint(OWNER.public_key),
    account=words("account"),
    state="admitted",
    ended_at=None,
)
UNSIGNED = Tombstone(
    sha256=ROW.episode, record_id=ROW.record, handle=ROW.handle, withdrawn_on="2026-12-01"
)


@cache
def proven(*, secret: bool, key: bool, by: int = 1) -> bytes:
    signature = Person(number=by).signature(UNSIGNED.message, WITHDRAWAL).decode("ascii")
    changes = {
        "preimage": SECRET.hex() if secret else None,
        "signature": signature if key else None,
    }
    return UNSIGNED.model_copy(update=changes).encode()


def takes_back(content: bytes) -> bool:
    try:
        return taken_back(read_tombstone(content), [ROW]) is not None
    except HubFault:
        return False


@pytest.mark.parametrize(("secret", "key"), [(True, False), (False, True), (True, True)])
def test_either_proof_is_enough(secret: bool, key: bool) -> None:
    assert takes_back(proven(secret=secret, key=key))


def test_a_strangers_signature_is_none_also_beside_a_secret_that_is_none() -> None:
    assert not takes_back(proven(secret=False, key=True, by=2))
    signature = STRANGER.signature(UNSIGNED.message, WITHDRAWAL).decode("ascii")
    changed = UNSIGNED.model_copy(update={"signature": signature, "preimage": "1" * 64})
    assert not takes_back(changed.encode())


def test_a_tombstone_has_no_room_for_other_words() -> None:
    whole = proven(secret=True, key=False)
    assert takes_back(whole)
    for words_of_somebody in ("hello", "\U0001f333\U00010348"):
        changed = UNSIGNED.model_copy(
            update={"preimage": SECRET.hex(), "signature": words_of_somebody}
        )
        assert not takes_back(changed.encode())
    assert not takes_back(whole.replace(b", ", b" , "))
    assert not takes_back(whole + b"\n")


def test_a_signature_for_another_purpose_is_none() -> None:
    signature = OWNER.signature(UNSIGNED.message).decode("ascii")
    assert not takes_back(UNSIGNED.model_copy(update={"signature": signature}).encode())


@given(at=st.integers(0, 5_000), byte=st.integers(0, 255), secret=st.booleans(), cut=st.booleans())
def test_altered_bytes_take_back_this_sign_off_or_nothing(
    at: int, byte: int, *, secret: bool, cut: bool
) -> None:
    whole = proven(secret=secret, key=not secret)
    at %= len(whole)
    content = whole[:at] if cut else whole[:at] + bytes([byte]) + whole[at + 1 :]
    if takes_back(content):
        found = read_tombstone(content)
        assert (found.record_id, found.handle) == (ROW.record, ROW.handle)
        if not secret:
            assert found.sha256 == ROW.episode


@given(content=st.binary(max_size=400))
def test_foreign_bytes_take_nothing_back(content: bytes) -> None:
    assert not takes_back(content)
