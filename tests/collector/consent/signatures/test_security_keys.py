"""Signatures by security keys, made in software, against the system's own reading of them."""

from __future__ import annotations

import hashlib
import random
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.deadline import deadline
from tests.support.ssh_agent import TOUCHED, VERIFIED, SoftwareKey, agent_with, software_key

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.git_key import find_git_key
from signoff_collector.consent.signatures.ssh_keygen import sign_message
from signoff_collector.consent.signatures.sshsig import (
    SIGN_OFF,
    WITHDRAWAL,
    armour,
    signed_data,
    unarmour,
    wire_string,
)
from signoff_collector.programs.children import find_program
from signoff_schemas.errors import NotFoundError, NotSignedError, SignoffError

MESSAGE = '{"statement": "\U0001f600\U00010348"}\n'.encode()
KINDS = ("ed25519", "ecdsa")


def signed(key: SoftwareKey, namespace: str = SIGN_OFF, message: bytes = MESSAGE) -> bytes:
    """Return a whole signature in its text form."""
    parts = (key.public, namespace.encode(), b"", b"sha512")
    value = key.sign(signed_data(namespace, "sha512", message))
    head = b"SSHSIG\0\0\0\x01"
    return armour(head + b"".join(map(wire_string, (*parts, value))))


def stock_accepts(text: bytes, folder: Path) -> bool:
    place = folder / "candidate.sig"
    place.write_bytes(text)
    argv = [find_program("ssh-keygen"), "-Y", "check-novalidate", "-n", SIGN_OFF, "-s", place]
    done = subprocess.run(argv, input=MESSAGE, capture_output=True, timeout=deadline(), check=False)
    return done.returncode == 0


def we_accept(text: bytes) -> bool:
    try:
        verify_signature(MESSAGE, text, SIGN_OFF)
    except NotSignedError:
        return False
    return True


@pytest.mark.parametrize("flags", [TOUCHED, TOUCHED | VERIFIED])
@pytest.mark.parametrize("kind", KINDS)
def test_a_touched_key_is_accepted_as_ssh_keygen_accepts_it(
    kind: str, flags: int, tmp_path: Path
) -> None:
    key = software_key(kind)
    key.flags = flags
    text = signed(key)
    assert stock_accepts(text, tmp_path)
    assert verify_signature(MESSAGE, text, SIGN_OFF).public_key == key.public


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_that_nobody_touched_is_refused(kind: str) -> None:
    key = software_key(kind)
    for flags in (0, VERIFIED):
        key.flags = flags
        with pytest.raises(NotSignedError, match="nobody touched"):
            verify_signature(MESSAGE, signed(key), SIGN_OFF)


@pytest.mark.parametrize("kind", KINDS)
def test_flags_and_counter_are_signed_too(kind: str, tmp_path: Path) -> None:
    key = software_key(kind)
    blob = unarmour(signed(key))
    for at in range(len(blob) - 5, len(blob)):  # flags, then the counter
        changed = bytearray(blob)
        changed[at] ^= 4
        text = armour(bytes(changed))
        assert not we_accept(text)
        assert not stock_accepts(text, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_signatures_are_judged_as_ssh_keygen_judges_them(kind: str, tmp_path: Path) -> None:
    blob = unarmour(signed(software_key(kind)))
    chance = random.Random(f"security {kind}")  # noqa: S311
    for _ in range(40):
        mutated = bytearray(blob)
        at = chance.randrange(len(blob))
        match chance.randrange(4):
            case 0:
                del mutated[at:]
            case 1:
                mutated.insert(at, chance.randrange(256))
            case _:
                mutated[at] ^= 1 << chance.randrange(8)
        text = armour(bytes(mutated))
        if we_accept(text):
            assert stock_accepts(text, tmp_path), bytes(mutated).hex()
        assert not we_accept(text), "nothing but what was signed is accepted"


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_for_one_purpose_is_none_for_another(kind: str) -> None:
    assert not we_accept(signed(software_key(kind), WITHDRAWAL))


@given(counter=st.integers(0, 2**32 - 2), message=st.binary(max_size=40))
@settings(max_examples=60)
def test_any_counter_and_message_are_read_back(counter: int, message: bytes) -> None:
    key = software_key("ed25519", seed=counter)
    key.counter = counter
    text = signed(key, message=message)
    assert verify_signature(message, text, SIGN_OFF).public_key == key.public
    if message != MESSAGE:
        assert not we_accept(text)


def test_a_plain_key_cannot_pass_for_a_security_key(tmp_path: Path) -> None:
    key = software_key("ed25519")
    assert isinstance(key.private, ed25519.Ed25519PrivateKey)
    data = signed_data(SIGN_OFF, "sha512", MESSAGE)
    value = wire_string(b"ssh-ed25519") + wire_string(key.private.sign(data))
    parts = (key.public, SIGN_OFF.encode(), b"", b"sha512", value)
    text = armour(b"SSHSIG\0\0\0\x01" + b"".join(map(wire_string, parts)))
    assert not we_accept(text)
    assert not stock_accepts(text, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_security_key_in_the_agent_signs_as_me(kind: str, home: Path, tmp_path: Path) -> None:
    key = software_key(kind)
    use_for_git(key, tmp_path)
    with agent_with(key, tmp_path / "agent") as place:
        found = find_git_key(tmp_path, {"SSH_AUTH_SOCK": place})
        text = sign_message(
            MESSAGE,
            key=found.path,
            public_key=found.public_key,
            namespace=SIGN_OFF,
            agent_socket=found.agent_socket,
        )
    assert verify_signature(MESSAGE, text, SIGN_OFF).public_key == key.public
    digest = hashlib.sha512(MESSAGE).digest()
    assert digest in key.asked[0], "the key was asked about this statement"


@pytest.mark.parametrize(
    ("flags", "refuses", "said"), [(TOUCHED, True, "did not sign"), (0, False, "nobody touched")]
)
def test_a_security_key_that_refuses_or_is_not_touched_is_said(
    flags: int, refuses: bool, said: str, home: Path, tmp_path: Path
) -> None:
    key = software_key("ed25519")
    key.flags = flags
    use_for_git(key, tmp_path)
    with agent_with(key, tmp_path / "agent", refuses=refuses) as place:
        found = find_git_key(tmp_path, {"SSH_AUTH_SOCK": place})
        with pytest.raises(SignoffError, match=said) as raised:
            sign_message(
                MESSAGE,
                key=found.path,
                public_key=found.public_key,
                namespace=SIGN_OFF,
                agent_socket=found.agent_socket,
            )
    assert raised.value.hint is not None


def test_a_security_key_that_is_not_plugged_in_is_said(home: Path, tmp_path: Path) -> None:
    use_for_git(software_key("ed25519"), tmp_path)
    with pytest.raises(NotFoundError, match="neither in a file nor in ssh-agent"):
        find_git_key(tmp_path, {})


def test_a_provider_from_the_environment_is_never_loaded(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # ssh-keygen would load this library as the driver of security keys
    monkeypatch.setenv("SSH_SK_PROVIDER", str(tmp_path / "evil.so"))
    monkeypatch.setenv("SSH_ASKPASS", str(tmp_path / "evil"))
    monkeypatch.setenv("SSH_ASKPASS_REQUIRE", "force")
    from signoff_collector.programs.children import child_environment

    assert not {name for name in child_environment() if name.startswith("SSH_")}


def use_for_git(key: SoftwareKey, folder: Path) -> None:
    """Make it the user's git signing key."""
    place = folder / "id_sk.pub"
    place.write_text(key.line + "\n")
    for name, value in (("gpg.format", "ssh"), ("user.signingKey", str(place))):
        subprocess.run(
            [find_program("git"), "config", "--global", name, value],
            check=True,
            timeout=deadline(),
        )
