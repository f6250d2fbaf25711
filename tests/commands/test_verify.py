"""`signoff verify`: three answers, 0 only with authority, and stock tools agree."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.deadline import deadline
from tests.support.sign_off import (
    call_signoff,
    put_episode,
    run_signoff,
    signed_episode,
    small_episode,
)

from signoff_collector.consent.sign_off_files import read_sign_off, signature_path, statement_path
from signoff_collector.consent.signatures.keys import KeyRegister
from signoff_collector.consent.signatures.ssh_keygen import (
    make_key,
    public_key_line,
    read_public_key,
    sign_message,
)
from signoff_collector.consent.signatures.sshsig import (
    SIGN_OFF,
    WITHDRAWAL,
    parse_signature,
    unarmour,
)
from signoff_collector.own_files.home import resolve_home
from signoff_collector.programs.children import find_program
from signoff_schemas.statement import parse_statement


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def path(home: Path, store: Path) -> Path:
    return signed_episode(home, store)


def key_line(path: Path) -> str:
    return public_key_line(parse_signature(unarmour(read_sign_off(path).signature)).public_key)


def test_a_good_sign_off_gets_three_good_answers(path: Path) -> None:
    done = run_signoff("verify", path)
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert [line.split()[:2] for line in lines[:3]] == [
        ["integrity", "good:"],
        ["authenticity", "good:"],
        ["authority", "good:"],
    ]
    assert "1 of 1 checkpoints match" in lines[3]


def test_stock_tools_check_the_same(path: Path, tmp_path: Path) -> None:
    done = call_signoff("verify", path, "--commands")
    commands = done.out.splitlines()[4:]
    assert [word for line in commands for word in line.split()[:1]] == [
        "echo",
        "ssh-keygen",
        "echo",
    ]
    checked = subprocess.run(
        ["/bin/sh", "-ec", "\n".join(commands)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    assert 'Good "signoff-episode-v1" signature' in checked.stdout
    assert ": OK" in checked.stdout
    path.write_bytes(path.read_bytes() + b"x")
    checked = subprocess.run(
        ["/bin/sh", "-ec", "\n".join(commands)],
        cwd=tmp_path,
        capture_output=True,
        timeout=deadline(),
        check=False,
    )
    assert checked.returncode != 0


def test_an_unsigned_episode_is_12(home: Path) -> None:
    place = put_episode(resolve_home().ensure(), small_episode())
    assert call_signoff("verify", place).code == 12


@given(content=st.binary(max_size=200))
@example(content=b"")
@example(content=small_episode()[:10])
@pytest.mark.parametrize("verb", [("verify",), ("upload", "--to", "file:///nowhere")])
def test_what_is_no_episode_is_called_so_and_nobody_is_told_to_sign_it(
    verb: tuple[str, ...], content: bytes, tmp_path_factory: pytest.TempPathFactory, home: Path
) -> None:
    place = tmp_path_factory.mktemp("foreign") / "random 😀𝄞"
    place.write_bytes(content)
    done = call_signoff(verb[0], place, *verb[1:])
    assert done.code == 11, done
    assert "not an episode" in done.err or "is empty" in done.err


def test_a_stranger_without_a_list_of_signers_gets_12(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNOFF_HOME", str(tmp_path / "stranger"))
    done = call_signoff("verify", path)
    assert done.code == 12
    assert [line.split()[1] for line in done.out.splitlines()[:3]] == ["good:", "good:", "BAD:"]


@pytest.mark.parametrize(
    ("line", "audience", "code"),
    [
        ('{name} namespaces="signoff-episode-v1" {key}', "{store}", 0),
        ('bo,{name} namespaces="signoff-episode-v1" {key}', "{store}", 0),
        ('{name} namespaces="signoff-episode-v1" {key}', "{store}-other", 12),
        ('ada namespaces="signoff-episode-v1" {key}', "{store}", 12),
        ('* namespaces="signoff-episode-v1" {key}', "{store}", 12),
        ("{name} {key}", "{store}", 12),
        ('{name} namespaces="git" {key}', "{store}", 12),
        ("", "{store}", 12),
    ],
)
def test_a_list_of_signers_needs_the_name_the_purpose_and_the_audience(  # noqa: PLR0917
    path: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str,
    audience: str, code: int,
) -> None:  # fmt: skip
    monkeypatch.setenv("SIGNOFF_HOME", str(tmp_path / "receiver"))
    signers = tmp_path / "signers"
    name = parse_statement(read_sign_off(path).statement).predicate.contributor
    signers.write_text(line.format(key=key_line(path), name=name) + "\n")
    done = call_signoff(
        "verify", path, "--allowed-signers", signers, "--audience", audience.format(store=store)
    )
    assert done.code == code, done.out


def test_signers_and_audience_go_together(path: Path, tmp_path: Path) -> None:
    assert call_signoff("verify", path, "--audience", "/x").code == 2
    assert call_signoff("verify", path, "--allowed-signers", tmp_path / "x").code == 2


def test_what_lies_in_the_store_can_be_verified_there(path: Path, store: Path) -> None:
    assert call_signoff("upload", path, "--to", store).code == 0
    (blob,) = (store / "blobs").glob("*/*")
    (statement,) = (store / "signoffs").glob("*/*/*.json")
    assert call_signoff("verify", blob, "--sign-off", statement).code == 0
    assert call_signoff("verify", blob, "--sign-off", store / "none").code == 12


def resigned(path: Path, change: Callable[[dict[str, object]], None]) -> None:
    """Write another statement, properly signed with the right key."""
    value = json.loads(read_sign_off(path).statement)
    change(value["predicate"])
    statement = json.dumps(value).encode()
    audience = parse_statement(read_sign_off(path).statement).predicate.audience
    key = KeyRegister(resolve_home()).find_key(audience)  # type: ignore[arg-type]  # canonical
    assert key is not None
    statement_path(path).write_bytes(statement)
    signature_path(path).write_bytes(
        sign_message(statement, key=key.path, public_key=key.public_key, namespace=SIGN_OFF)
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"event_time": "2020-01-01T00:00:00Z", "expires": "2021-01-01T00:00:00Z"},
        {"event_time": "2999-01-01T00:00:00Z", "expires": "3000-01-01T00:00:00Z"},
        {"unknown_field": 1},
        {"purposes": []},
        {"audience": "file:///elsewhere"},
        {"shown_digest": "ab" * 32},
    ],
)
def test_expired_future_and_void_statements_are_12_although_well_signed(
    path: Path, store: Path, changes: dict[str, object]
) -> None:
    resigned(path, lambda predicate: predicate.update(changes))
    assert call_signoff("verify", path).code == 12
    assert call_signoff("upload", path, "--to", store).code in {12, 13}
    assert not store.exists()


def test_a_commit_signature_or_a_withdrawal_is_no_sign_off(path: Path) -> None:
    statement = statement_path(path).read_bytes()
    audience = parse_statement(statement).predicate.audience
    key = KeyRegister(resolve_home()).find_key(audience)  # type: ignore[arg-type]  # canonical
    assert key is not None
    for namespace in ("git", WITHDRAWAL):
        text = sign_message(statement, key=key.path, public_key=key.public_key, namespace=namespace)
        signature_path(path).write_bytes(text)
        assert call_signoff("verify", path).code == 12


def test_the_signature_of_another_key_is_12(path: Path, tmp_path: Path) -> None:
    make_key(tmp_path / "other")
    text = sign_message(
        statement_path(path).read_bytes(),
        key=tmp_path / "other",
        public_key=read_public_key(tmp_path / "other.pub"),
        namespace=SIGN_OFF,
    )
    signature_path(path).write_bytes(text)
    done = call_signoff("verify", path)
    assert done.code == 12
    assert "not one of yours" in done.out


def test_a_repositorys_list_of_signers_is_never_read(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "project"
    git = find_program("git")
    subprocess.run([git, "init", "-q", repository], check=True, timeout=deadline())
    signers = repository / "signers"
    signers.write_text(f'ada namespaces="{SIGN_OFF}" {key_line(path)}\n')
    subprocess.run(
        [git, "-C", repository, "config", "gpg.ssh.allowedSignersFile", signers],
        check=True,
        timeout=deadline(),
    )
    monkeypatch.setenv("SIGNOFF_HOME", str(tmp_path / "stranger"))
    monkeypatch.chdir(repository)
    assert run_signoff("verify", path, cwd=repository).code == 12
    named = call_signoff("verify", path, "--allowed-signers", signers, "--audience", "/x")
    assert named.code == 13


def regions(content: bytes) -> list[int]:
    """Return a byte of every region: head, each sixteenth, tail."""
    return sorted({0, 4, 8, 9, len(content) - 1, *range(0, len(content), len(content) // 16)})


@pytest.mark.parametrize("which", ["episode", "statement", "signature"])
def test_no_changed_byte_anywhere_is_verified_or_sent(path: Path, store: Path, which: str) -> None:
    place = {
        "episode": path,
        "statement": statement_path(path),
        "signature": signature_path(path),
    }[which]
    content = place.read_bytes()
    attacks = [b"", content[:-1], content[: len(content) // 2], content + b"\0", content * 2]
    for at in regions(content):
        changed = bytearray(content)
        changed[at] ^= 1
        attacks.append(bytes(changed))
    for attack in attacks:
        place.write_bytes(attack)
        for verb in (("verify", path), ("upload", path, "--to", store)):
            assert call_signoff(*verb).code in {11, 12, 13}, (verb[0], attack[:40])
    assert not store.exists(), "nothing was sent"
    place.write_bytes(content)
    assert call_signoff("verify", path).code == 0


def test_swapped_files_are_neither_verified_nor_sent(home: Path, path: Path, store: Path) -> None:
    other = signed_episode(home, store, text="other \U0001f600\U00010348\n")
    pairs = [
        (path, other),
        (statement_path(path), statement_path(other)),
        (signature_path(path), signature_path(other)),
    ]
    for mine, theirs in pairs:
        kept = mine.read_bytes()
        mine.write_bytes(theirs.read_bytes())
        assert call_signoff("verify", path).code == 12
        assert call_signoff("upload", path, "--to", store).code == 12
        mine.write_bytes(kept)
    assert not store.exists()


@pytest.mark.parametrize("shape", ["link", "folder", "pipe"])
def test_a_sign_off_that_is_no_plain_file_is_12(path: Path, tmp_path: Path, shape: str) -> None:
    place = signature_path(path)
    kept = place.read_bytes()
    place.unlink()
    if shape == "link":
        (tmp_path / "kept").write_bytes(kept)
        place.symlink_to(tmp_path / "kept")
    elif shape == "folder":
        place.mkdir()
    else:
        os.mkfifo(place)
    assert call_signoff("verify", path).code == 12


def test_json_gives_one_row_also_when_it_does_not_hold(path: Path) -> None:
    (row,) = call_signoff("verify", path, "--json").rows()
    assert row["good"] is True
    signature_path(path).write_bytes(b"")
    done = call_signoff("verify", path, "--json")
    (row,) = done.rows()
    assert row["good"] is False
    assert done.code == 12
