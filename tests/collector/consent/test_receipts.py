"""Receipts: fetched after an upload, kept, and shown with the key that made them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.sign_off import call_signoff, signed_episode

from signoff_collector.consent.receipts import (
    MAX_RECEIPT_BYTES,
    ReceiptBody,
    keep_receipt,
    kept_proof,
    kept_receipts,
    make_receipt,
    parse_receipt,
)
from signoff_collector.consent.sign_off_files import statement_path, take_snapshot
from signoff_collector.consent.signatures.ssh_keygen import make_key, read_public_key, sign_message
from signoff_collector.consent.signatures.sshsig import RECEIPT, SIGN_OFF, fingerprint
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.upload.stores.layout import receipt_folder
from signoff_schemas.statement import statement_sha256

SHA, STATEMENT = "ab" * 32, "cd" * 32


V1 = (
    f'{{"receipt_version": 1, "sha256": "{SHA}", "statement_sha256": "{STATEMENT}",'
    ' "received_on": "2026-11-22T10:00:00Z", "receiver": "https://hub.example"}\n'
).encode()
"""As receivers without a log wrote them, and may for ever."""


def body_of(sha256: str = SHA, statement: str = STATEMENT, log_index: int | None = None) -> bytes:
    body = ReceiptBody(
        receipt_version=1 if log_index is None else 2,
        sha256=sha256,
        statement_sha256=statement,
        received_on="2026-11-22T10:00:00Z",
        receiver="https://hub.example",
        log_index=log_index,
    )
    return make_receipt(body)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    make_key(tmp_path / "receiver")
    return tmp_path / "receiver"


def sign(content: bytes, key: Path, namespace: str = RECEIPT) -> bytes:
    public = read_public_key(key.with_suffix(".pub"))
    return sign_message(content, key=key, public_key=public, namespace=namespace)


def test_a_receipt_is_fetched_kept_and_shown(home: Path, tmp_path: Path, key: Path) -> None:
    store = tmp_path / "store"
    path = signed_episode(home, store)
    assert call_signoff("upload", path, "--to", store).code == 0
    sha256 = take_snapshot(path).sha256
    name = statement_sha256(statement_path(path).read_bytes())
    folder = store / receipt_folder(sha256)
    folder.mkdir(parents=True)
    content = body_of(sha256, name)
    (folder / f"{name}.json").write_bytes(content)
    (folder / f"{name}.json.sig").write_bytes(sign(content, key))
    (folder / f"{'ef' * 32}.json").write_bytes(b"no receipt \xf0\x9f\x98\x80")
    (folder / "..json").write_bytes(content)
    assert call_signoff("upload", path, "--to", store).code == 0, "asks again"
    (receipt,) = kept_receipts(resolve_home(), sha256)
    assert receipt.fingerprint == fingerprint(read_public_key(key.with_suffix(".pub")))
    said = call_signoff("verify", path)
    assert said.code == 0
    assert f"by https://hub.example, {receipt.fingerprint}" in said.out
    assert call_signoff("withdraw", "--yes", path).code == 0
    assert not folder.exists() or not list(folder.glob("*.json*")), "erased at the store"
    assert kept_receipts(resolve_home(), sha256) == (receipt,), "and kept here"


def test_what_is_not_signed_as_a_receipt_is_none(key: Path) -> None:
    good = body_of()
    assert parse_receipt(SHA, f"{STATEMENT}.json", good, sign(good, key)) is not None
    for content, signature, name in (
        (good, sign(good, key, SIGN_OFF), STATEMENT),
        (good, sign(good + b" ", key), STATEMENT),
        (good, b"", STATEMENT),
        (good, sign(good, key), "ef" * 32),
        (body_of("ef" * 32), sign(body_of("ef" * 32), key), STATEMENT),
        (good[:-3] + b', "more": 1}\n', sign(good[:-3] + b', "more": 1}\n', key), STATEMENT),
        (bytes(MAX_RECEIPT_BYTES + 1), b"", STATEMENT),
    ):
        assert parse_receipt(SHA, f"{name}.json", content, signature) is None


def test_both_versions_are_read_and_each_has_its_own_fields(key: Path) -> None:
    name = f"{STATEMENT}.json"
    old = parse_receipt(SHA, name, V1, sign(V1, key))
    assert old is not None
    assert (old.body.receipt_version, old.body.log_index) == (1, None)
    new = parse_receipt(SHA, name, body_of(log_index=0), sign(body_of(log_index=0), key))
    assert new is not None
    assert (new.body.receipt_version, new.body.log_index) == (2, 0)
    for one, other in (
        (b'"receipt_version": 1', b'"receipt_version": 2'),
        (b'"receipt_version": 1', b'"receipt_version": 3'),
        (b'"receipt_version": 1', b'"receipt_version": 1, "log_index": 4'),
        (b'"receipt_version": 1', b'"receipt_version": 1, "log_index": null'),
        (b'"receipt_version": 1', b'"receipt_version": 2, "log_index": -1'),
        (b'"receipt_version": 1', b'"receipt_version": 2, "log_index": true'),
    ):
        mixed = V1.replace(one, other)
        assert mixed != V1
        assert parse_receipt(SHA, name, mixed, sign(mixed, key)) is None


def test_a_proof_is_kept_beside_its_receipt_and_renewed(home: Path, key: Path) -> None:
    where = Home(root=home)
    content = body_of(log_index=7)
    receipt = parse_receipt(SHA, f"{STATEMENT}.json", content, sign(content, key))
    assert receipt is not None
    keep_receipt(where, receipt)
    assert kept_proof(where, receipt) is None
    for proof in (b"{}", b'{"size": 9}'):
        keep_receipt(where, receipt, proof=proof)
        assert kept_proof(where, receipt) == proof
    keep_receipt(where, receipt)
    assert kept_proof(where, receipt) == b'{"size": 9}', "without a new one the old one stays"
    assert kept_receipts(where, SHA) == (receipt,)


@given(st.binary(max_size=300), st.binary(max_size=300))
@settings(max_examples=60)
def test_any_bytes_are_a_receipt_or_none(content: bytes, signature: bytes) -> None:
    assert parse_receipt(SHA, f"{STATEMENT}.json", content, signature) is None
