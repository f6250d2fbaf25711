"""Tombstones prove themselves, or are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.sign_off import signed_episode

from signoff_collector.consent.recovery import make_seed, withdrawal_handle, withdrawal_secret
from signoff_collector.consent.sign_off_files import SignOff, read_sign_off
from signoff_collector.consent.signatures.keys import KeyRegister
from signoff_collector.consent.signatures.ssh_keygen import make_key, read_public_key, sign_message
from signoff_collector.consent.signatures.sshsig import SIGN_OFF, WITHDRAWAL
from signoff_collector.consent.withdrawal import Tombstone, parse_tombstone, withdraws
from signoff_collector.own_files.home import resolve_home
from signoff_schemas.statement import parse_statement

SECRET = bytes(range(32))
GOOD = Tombstone(
    sha256="ab" * 32,
    record_id="0" * 32,
    handle=withdrawal_handle(SECRET),
    withdrawn_on="2026-11-22",
    preimage=SECRET.hex(),
)


def changed(**changes: object) -> bytes:
    return json.dumps({**json.loads(GOOD.encode()), **changes}).encode()


def test_a_tombstone_with_the_secret_proves_itself() -> None:
    assert parse_tombstone(GOOD.encode()) == GOOD


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        changed(preimage=None),
        changed(preimage="00" * 32),
        changed(handle="00" * 32),
        changed(signature="no signature", preimage=None),
        changed(signature="\udc80", preimage=None),
        changed(tombstone_version=2),
        changed(text="content"),
        changed(record_id=1),
        GOOD.encode().replace(b'"sha256"', b'"sha256": "", "sha256"'),
    ],
)
def test_without_a_proof_it_is_none(content: bytes) -> None:
    assert parse_tombstone(content) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_a_tombstone_or_none(content: bytes) -> None:
    assert parse_tombstone(content) is None


@given(st.integers(0, len(GOOD.encode()) - 1), st.integers(1, 255))
def test_no_changed_byte_makes_it_name_another_episode_for_the_same_secret(
    at: int, flip: int
) -> None:
    content = bytearray(GOOD.encode())
    content[at] ^= flip
    found = parse_tombstone(bytes(content))
    assert found is None or found.handle == GOOD.handle


@pytest.fixture
def sign_off(home: Path, tmp_path: Path) -> SignOff:
    return read_sign_off(signed_episode(home, tmp_path / "store"))


def of(sign_off: SignOff, **proofs: str | None) -> Tombstone:
    statement = parse_statement(sign_off.statement)
    return Tombstone(
        sha256=statement.sha256,
        record_id=statement.predicate.record_id,
        handle=statement.predicate.withdrawal.handle,
        withdrawn_on="2026-11-22",
        **proofs,
    )


def test_the_signers_key_or_the_secret_takes_a_sign_off_back(sign_off: SignOff) -> None:
    home, statement = resolve_home(), parse_statement(sign_off.statement)
    audience = statement.predicate.audience
    secret = withdrawal_secret(make_seed(home), audience, statement.predicate.record_id)  # type: ignore[arg-type]  # canonical
    assert withdraws(of(sign_off, preimage=secret.hex()), sign_off)
    key = KeyRegister(home).find_key(audience)  # type: ignore[arg-type]  # canonical
    assert key is not None
    for namespace, is_good in ((WITHDRAWAL, True), (SIGN_OFF, False)):
        text = sign_message(
            of(sign_off).message, key=key.path, public_key=key.public_key, namespace=namespace
        )
        assert withdraws(of(sign_off, signature=text.decode()), sign_off) == is_good


def test_another_key_or_secret_does_not(sign_off: SignOff, tmp_path: Path) -> None:
    make_key(tmp_path / "other")
    text = sign_message(
        of(sign_off).message,
        key=tmp_path / "other",
        public_key=read_public_key(tmp_path / "other.pub"),
        namespace=WITHDRAWAL,
    )
    assert not withdraws(of(sign_off, signature=text.decode()), sign_off)
    assert not withdraws(of(sign_off, preimage=SECRET.hex()), sign_off)
    assert not withdraws(of(sign_off), sign_off)
    assert not withdraws(GOOD, sign_off)
