"""Who may vouch for a key, and who may not."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.consent.signatures.authority import (
    parse_allowed_signers,
    read_allowed_signers,
)
from signoff_collector.consent.signatures.sshsig import SIGN_OFF, wire_string
from signoff_schemas.errors import DamagedError, NotFoundError, RefusedError

BLOB = wire_string(b"ssh-ed25519") + wire_string(bytes(range(32)))
KEY = f"ssh-ed25519 {base64.b64encode(BLOB).decode()}"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def vouches(line: str, key: bytes = BLOB, namespace: str = SIGN_OFF) -> bool:
    return parse_allowed_signers(line.encode()).vouch("ada", key, namespace, NOW).is_so


@pytest.mark.parametrize(
    "line",
    [
        f'ada namespaces="{SIGN_OFF}" {KEY}',
        f'ada,bo namespaces="git,{SIGN_OFF}" {KEY} comment here',
        f'ada NAMESPACES="{SIGN_OFF}" {KEY}',
        f'ada namespaces="{SIGN_OFF}",valid-after="20260101Z" {KEY}',
        f'ada valid-before="20270101000000Z",namespaces="{SIGN_OFF}" {KEY}',
        f'# comment\n\n\nada namespaces="{SIGN_OFF}" {KEY}\n',
        f'nobody bad-line\nada namespaces="{SIGN_OFF}" {KEY}',
    ],
)
def test_a_named_signer_for_this_purpose_vouches(line: str) -> None:
    assert vouches(line)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f'* namespaces="{SIGN_OFF}" {KEY}', "pattern"),
        (f'*@example.org namespaces="{SIGN_OFF}" {KEY}', "pattern"),
        (f'ada,* namespaces="{SIGN_OFF}" {KEY}', "pattern"),
        (f'ada? namespaces="{SIGN_OFF}" {KEY}', "pattern"),
        (f"ada {KEY}", "every purpose"),
        (f'ada namespaces="" {KEY}', "every purpose"),
        (f'bo,adam namespaces="{SIGN_OFF}" {KEY}', "another name"),
        (f'ADA namespaces="{SIGN_OFF}" {KEY}', "another name"),
        (f'ada namespaces="git" {KEY}', "is not for"),
        (f'ada namespaces="*" {KEY}', "is not for"),
        (f'ada namespaces="signoff-*" {KEY}', "is not for"),
        (f'ada cert-authority,namespaces="{SIGN_OFF}" {KEY}', "certificates"),
        (f'ada namespaces="{SIGN_OFF}",valid-after="20270101Z" {KEY}', "at this time"),
        (f'ada namespaces="{SIGN_OFF}",valid-before="20260101Z" {KEY}', "at this time"),
        (f'ada namespaces="{SIGN_OFF}",valid-before="never" {KEY}', "time"),
        (f'ada namespaces="{SIGN_OFF}",namespaces="git" {KEY}', "twice"),
        (f'ada namespaces="{SIGN_OFF}",verify-required {KEY}', "unknown options"),
        (f'"ada namespaces="{SIGN_OFF}" {KEY}', "quoting"),
        (f'ada namespaces="{SIGN_OFF}" ssh-rsa {KEY.split()[1]}', "type"),
        (f'ada namespaces="{SIGN_OFF}" ssh-ed25519 AAAA', "no plain public key"),
        ("ada", "cannot be understood"),
        ("", ""),
    ],
)
def test_every_other_line_vouches_for_nobody(line: str, reason: str) -> None:
    vouched = parse_allowed_signers(line.encode()).vouch("ada", BLOB, SIGN_OFF, NOW)
    assert not vouched.is_so
    assert reason in vouched.fact


def test_another_key_is_not_vouched_for() -> None:
    other = wire_string(b"ssh-ed25519") + wire_string(bytes(32))
    assert not vouches(f'ada namespaces="{SIGN_OFF}" {KEY}', key=other)


def test_a_file_inside_a_repository_may_not_say_who_signs(tmp_path: Path) -> None:
    repository = tmp_path / "project"
    (repository / ".git").mkdir(parents=True)
    inside = repository / "allowed_signers"
    inside.write_text(f'ada namespaces="{SIGN_OFF}" {KEY}\n')
    link = tmp_path / "link"
    link.symlink_to(inside)
    for path in (inside, link):
        with pytest.raises(RefusedError):
            read_allowed_signers(path)


def test_a_missing_or_strange_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        read_allowed_signers(tmp_path / "none")
    with pytest.raises(DamagedError):
        read_allowed_signers(tmp_path)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_and_vouch_for_nobody(content: bytes) -> None:
    assert not parse_allowed_signers(content).vouch("ada", BLOB, SIGN_OFF, NOW).is_so


@given(st.text(alphabet='*ad =",-namespcvli' + KEY[:20], max_size=80))
def test_any_option_text_is_read(text: str) -> None:
    parse_allowed_signers(f"ada {text} {KEY}".encode())
