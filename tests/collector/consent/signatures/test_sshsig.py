"""Our reading of SSH signatures against the system's own."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.deadline import deadline
from tests.support.mutations import mutated_signatures

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.ssh_keygen import make_key, parse_public_key
from signoff_collector.consent.signatures.sshsig import (
    NAMESPACES,
    SIGN_OFF,
    armour,
    check_public_key,
    parse_signature,
    unarmour,
    wire_string,
)
from signoff_collector.programs.children import find_program
from signoff_schemas.errors import DamagedError, NotSignedError

MESSAGE = b'{"statement": 1}\n'
KINDS = [
    ("ed25519", "256"),
    ("ecdsa", "256"),
    ("ecdsa", "384"),
    ("ecdsa", "521"),
    ("rsa", "2048"),
]


def keygen(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [find_program("ssh-keygen"), *map(str, arguments)],
        input=stdin,
        capture_output=True,
        timeout=deadline(),
        check=False,
    )


def key_of(kind: str, bits: str, folder: Path) -> Path:
    path = folder / f"key-{kind}-{bits}"
    done = keygen("-q", "-t", kind, "-b", bits, "-N", "", "-C", "", "-f", path)
    assert done.returncode == 0, done.stderr
    return path


def signed(key: Path, namespace: str = SIGN_OFF, *options: str) -> bytes:
    done = keygen("-Y", "sign", "-n", namespace, *options, "-f", key, stdin=MESSAGE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def stock_accepts(text: bytes, folder: Path, message: bytes = MESSAGE) -> bool:
    place = folder / "candidate.sig"
    place.write_bytes(text)
    done = keygen("-Y", "check-novalidate", "-n", SIGN_OFF, "-s", place, stdin=message)
    return done.returncode == 0


def we_accept(text: bytes, message: bytes = MESSAGE) -> bool:
    try:
        verify_signature(message, text, SIGN_OFF)
    except NotSignedError:
        return False
    return True


@pytest.mark.parametrize(("kind", "bits"), KINDS)
def test_mutated_signatures_are_judged_as_ssh_keygen_judges_them(
    kind: str, bits: str, tmp_path: Path
) -> None:
    blob = unarmour(signed(key_of(kind, bits, tmp_path)))
    assert we_accept(armour(blob))
    assert stock_accepts(armour(blob), tmp_path)
    for mutated in mutated_signatures(blob, f"{kind}{bits}"):
        text = armour(mutated)
        assert we_accept(text) == stock_accepts(text, tmp_path), mutated.hex()


@pytest.mark.parametrize("hash_name", ["sha256", "sha512"])
def test_both_hashes_are_read(hash_name: str, tmp_path: Path) -> None:
    key = key_of("ed25519", "256", tmp_path)
    assert we_accept(signed(key, SIGN_OFF, "-O", f"hashalg={hash_name}"))


def test_another_message_is_refused(tmp_path: Path) -> None:
    text = signed(key_of("ed25519", "256", tmp_path))
    assert not we_accept(text, MESSAGE + b" ")
    assert not we_accept(text, b"")


@pytest.mark.parametrize("namespace", ["git", "file", *NAMESPACES[1:]])
def test_a_signature_for_one_purpose_is_none_for_another(namespace: str, tmp_path: Path) -> None:
    text = signed(key_of("ed25519", "256", tmp_path), namespace)
    assert not we_accept(text)
    with pytest.raises(NotSignedError, match="another purpose"):
        verify_signature(MESSAGE, text, SIGN_OFF)
    assert verify_signature(MESSAGE, text, namespace).namespace == namespace.encode()


def test_text_around_the_signature_is_refused_although_ssh_keygen_reads_on(
    tmp_path: Path,
) -> None:
    text = signed(key_of("ed25519", "256", tmp_path))
    lines = text.split(b"\n")
    variants = [
        text + b"Ada Example\n",
        b"\n" + text,
        text.rstrip(b"\n"),
        text.replace(b"\n", b"\r\n"),
        b"\n".join(b" " + line for line in lines),
        b"\n".join([lines[0], lines[1] + lines[2], *lines[3:]]),
        lines[0] + b"\nComment: Ada\n" + b"\n".join(lines[1:]),
    ]
    assert any(stock_accepts(variant, tmp_path) for variant in variants)
    assert not any(we_accept(variant) for variant in variants)


def test_reserved_bytes_are_refused_although_ssh_keygen_ignores_them(tmp_path: Path) -> None:
    blob = unarmour(signed(key_of("ed25519", "256", tmp_path)))
    marker = wire_string(SIGN_OFF.encode()) + wire_string(b"")
    smuggled = blob.replace(marker, wire_string(SIGN_OFF.encode()) + wire_string(b"Ada"))
    assert stock_accepts(armour(smuggled), tmp_path)
    assert not we_accept(armour(smuggled))


def test_a_certificate_is_refused_although_ssh_keygen_takes_it(tmp_path: Path) -> None:
    authority, key = key_of("ed25519", "256", tmp_path), tmp_path / "user"
    make_key(key)
    done = keygen("-q", "-s", authority, "-I", "Ada Example", "-n", "ada", f"{key}.pub")
    assert done.returncode == 0, done.stderr
    text = signed(Path(f"{key}-cert.pub"))
    assert stock_accepts(text, tmp_path)
    assert b"Ada Example" in unarmour(text)
    with pytest.raises(NotSignedError, match="certificate"):
        verify_signature(MESSAGE, text, SIGN_OFF)
    with pytest.raises(DamagedError):
        parse_public_key(Path(f"{key}-cert.pub").read_text())


@pytest.mark.parametrize("application", [b"ssh:ada@example.org", b"", b"ssh"])
def test_a_security_key_for_an_application_of_its_own_is_refused(application: bytes) -> None:
    parts = (b"sk-ssh-ed25519@openssh.com", bytes(32), application)
    with pytest.raises(NotSignedError, match="application"):
        check_public_key(b"".join(map(wire_string, parts)))


def test_a_security_key_for_ssh_is_read() -> None:
    parts = (b"sk-ssh-ed25519@openssh.com", bytes(32), b"ssh:")
    assert check_public_key(b"".join(map(wire_string, parts))) == "sk-ssh-ed25519@openssh.com"


def test_a_short_rsa_key_is_refused() -> None:
    modulus = b"\0\xc0" + bytes(126) + b"\x01"
    parts = (b"ssh-rsa", b"\x01\0\x01", modulus)
    with pytest.raises(NotSignedError, match="too short"):
        check_public_key(b"".join(map(wire_string, parts)))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_signature_or_void(content: bytes) -> None:
    for read in (unarmour, parse_signature, check_public_key):
        with pytest.raises(NotSignedError):
            read(content)
    with pytest.raises(NotSignedError):
        verify_signature(MESSAGE, armour(content), SIGN_OFF)


@given(st.binary(max_size=300))
def test_armour_has_one_spelling(blob: bytes) -> None:
    text = armour(blob)
    assert unarmour(text) == blob
    assert max(len(line) for line in text.split(b"\n")) <= 70
    assert base64.b64encode(blob) == b"".join(text.split(b"\n")[1:-2])
