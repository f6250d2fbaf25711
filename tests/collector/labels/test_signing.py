"""Signatures over label sets: by the key for labels alone, checked by stock tools too."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.schemas.test_labels import small_set
from tests.support.labels import home_at

from signoff_collector.consent.signatures.authority import parse_allowed_signers
from signoff_collector.consent.signatures.ssh_keygen import public_key_line, sign_message
from signoff_collector.consent.signatures.sshsig import LABELS, NAMESPACES
from signoff_collector.labels.signing import LabelKey, label_key, sign_set, verify_set, vouch_for
from signoff_schemas.errors import DamagedError, NotSignedError
from signoff_schemas.labels import label_set_bytes

NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> LabelKey:
    return label_key(home_at(tmp_path_factory.mktemp("labeller") / "home"))


def content_by(key: LabelKey) -> bytes:
    return label_set_bytes(small_set().model_copy(update={"labeller": key.labeller}))


def test_the_key_of_a_home_stays_the_same_and_is_none_of_another(
    tmp_path: Path, key: LabelKey
) -> None:
    home = home_at(tmp_path / "home")
    assert label_key(home) == label_key(home)
    assert label_key(home).labeller != key.labeller
    assert not (home.keys / "register.json").exists()


def test_a_signed_set_verifies_here_and_with_ssh_keygen(tmp_path: Path, key: LabelKey) -> None:
    content = content_by(key)
    signature = sign_set(content, key)
    assert verify_set(content, signature).found.labeller == key.labeller
    allowed = tmp_path / "allowed"
    line = f'{key.labeller} namespaces="{LABELS}" {public_key_line(key.public_key)}\n'
    allowed.write_text(line)
    (tmp_path / "sig").write_bytes(signature)
    argv = ["ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", key.labeller, "-n", LABELS,
            "-s", str(tmp_path / "sig")]  # fmt: skip
    done = subprocess.run(argv, input=content, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_set_of_another_labeller_is_not_signed(key: LabelKey) -> None:
    with pytest.raises(NotSignedError, match="another labeller"):
        sign_set(label_set_bytes(small_set()), key)


def test_a_signature_over_another_labellers_name_does_not_hold(key: LabelKey) -> None:
    content = label_set_bytes(small_set())
    signature = sign_message(content, key=key.path, public_key=key.public_key, namespace=LABELS)
    with pytest.raises(NotSignedError, match="another labeller"):
        verify_set(content, signature)


@pytest.mark.parametrize("namespace", ["git", *sorted(set(NAMESPACES) - {LABELS})])
def test_a_signature_for_another_purpose_is_none_for_labels(key: LabelKey, namespace: str) -> None:
    content = content_by(key)
    signature = sign_message(content, key=key.path, public_key=key.public_key, namespace=namespace)
    with pytest.raises(NotSignedError, match="another purpose"):
        verify_set(content, signature)


def test_damage_is_found_wherever_it_is(key: LabelKey) -> None:
    content = content_by(key)
    signature = sign_set(content, key)
    changed = content.replace(b'"value": "good"', b'"value": "mistake"')
    assert changed != content
    with pytest.raises(NotSignedError, match="not over these bytes"):
        verify_set(changed, signature)
    with pytest.raises(DamagedError):
        verify_set(content[:-2], signature)
    for place in range(40, len(signature) - 40, 7):
        broken = signature[:place] + b"A" + signature[place + 1 :]
        if broken != signature:
            with pytest.raises(NotSignedError):
                verify_set(content, broken)


def test_only_a_line_for_this_key_name_and_purpose_vouches(key: LabelKey) -> None:
    content = content_by(key)
    signed = verify_set(content, sign_set(content, key))
    line = public_key_line(key.public_key)
    right = f'{key.labeller} namespaces="{LABELS}" {line}'
    wrong = [f'ada namespaces="{LABELS}" {line}', f'{key.labeller} namespaces="git" {line}',
             f"{key.labeller} {line}", f'* namespaces="{LABELS}" {line}']  # fmt: skip
    assert vouch_for(signed, key.public_key, None, NOW).is_so
    assert not vouch_for(signed, None, None, NOW).is_so
    assert vouch_for(signed, None, parse_allowed_signers(right.encode()), NOW).is_so
    for one in wrong:
        assert not vouch_for(signed, None, parse_allowed_signers(one.encode()), NOW).is_so
