"""The hub's key: kept, private, and stock `ssh-keygen` agrees with its signatures."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_hub.place.hub_key import open_hub_key
from signoff_schemas.errors import DamagedError, NotSignedError

if TYPE_CHECKING:
    from pathlib import Path

MESSAGE = "head \U0001f333\U0001f512".encode()


def test_it_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    first = open_hub_key(tmp_path / "hub")
    assert open_hub_key(tmp_path / "hub").fingerprint == first.fingerprint
    assert (tmp_path / "hub").stat().st_mode & 0o777 == 0o600


def test_a_signature_holds_for_its_message_and_its_namespace_alone(tmp_path: Path) -> None:
    key = open_hub_key(tmp_path / "hub")
    signature = key.sign(MESSAGE, "signoff-receipt-v1")
    found = verify_signature(MESSAGE, signature, "signoff-receipt-v1")
    assert found.fingerprint == key.fingerprint
    for message, namespace in (
        (b"head", "signoff-receipt-v1"),
        (MESSAGE, "signoff-login-v1"),
    ):
        with pytest.raises(NotSignedError):
            verify_signature(message, signature, namespace)


def test_stock_ssh_keygen_agrees(tmp_path: Path) -> None:
    key = open_hub_key(tmp_path / "hub")
    (tmp_path / "sig").write_bytes(key.sign(b"message", "signoff-receipt-v1"))
    (tmp_path / "allowed").write_text(f"hub {key.public_line}\n")
    argv = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", "hub", "-s", "sig"]
    argv += ["-n", "signoff-receipt-v1"]
    assert subprocess.run(argv, cwd=tmp_path, input=b"message", check=False).returncode == 0
    assert subprocess.run(argv, cwd=tmp_path, input=b"massage", check=False).returncode != 0


@pytest.mark.parametrize("content", [b"", b"no key", b"\xff" * 100])
def test_a_damaged_key_is_named_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "hub").write_bytes(content)
    with pytest.raises(DamagedError):
        open_hub_key(tmp_path / "hub")
    assert (tmp_path / "hub").read_bytes() == content
