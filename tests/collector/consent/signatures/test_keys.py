"""Keys of our own, and the git key that names its owner."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.deadline import deadline, wait_until

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.git_key import find_git_key
from signoff_collector.consent.signatures.keys import KeyRegister, SigningKey
from signoff_collector.consent.signatures.ssh_keygen import make_key, sign_message
from signoff_collector.consent.signatures.sshsig import SIGN_OFF, parse_signature, unarmour
from signoff_collector.consent.terms.audience import Audience
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.programs.children import find_program
from signoff_schemas.errors import DamagedError, NotFoundError, RefusedError, SignoffError

HERE, THERE = Audience("file:///here"), Audience("file:///there")


@pytest.fixture
def place(home: Path) -> Home:
    return resolve_home().ensure()


@pytest.fixture
def agent() -> Iterator[str]:
    """Run a real ssh-agent in the foreground and give its socket, whose path must be short."""
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder, "s")
        process = subprocess.Popen(
            [find_program("ssh-agent"), "-D", "-a", socket], stdout=subprocess.DEVNULL
        )
        try:
            wait_until(socket.is_socket, "ssh-agent listens")
            yield str(socket)
        finally:
            process.kill()
            process.wait(timeout=deadline())


def add_to_agent(key: Path, socket: str) -> None:
    subprocess.run(
        [find_program("ssh-add"), "-q", key],
        env={**os.environ, "SSH_AUTH_SOCK": socket},
        check=True,
        timeout=deadline(),
        capture_output=True,
    )


def set_git(name: str, value: str) -> None:
    subprocess.run(
        [find_program("git"), "config", "--global", name, value], check=True, timeout=deadline()
    )


def sign(key: SigningKey, message: bytes = b"m") -> bytes:
    return sign_message(
        message,
        key=key.path,
        public_key=key.public_key,
        namespace=SIGN_OFF,
        agent_socket=key.agent_socket,
    )


def test_each_audience_has_a_key_of_its_own_that_says_nothing_else(place: Home) -> None:
    register = KeyRegister(place)
    here, there = register.key_for(HERE), register.key_for(THERE)
    assert here.public_key != there.public_key
    assert register.key_for(HERE).public_key == here.public_key
    assert len(here.path.with_suffix(".pub").read_text().split()) == 2, "a comment names people"
    assert here.path.stat().st_mode & 0o777 == 0o600
    assert register.is_own(HERE, here.public_key)
    assert not register.is_own(THERE, here.public_key)


def test_a_lost_key_stays_our_own_and_a_new_one_is_made(place: Home) -> None:
    register = KeyRegister(place)
    lost = register.key_for(HERE)
    lost.path.unlink()
    assert register.find_key(HERE) is None
    assert register.key_for(HERE).public_key != lost.public_key
    assert register.is_own(HERE, lost.public_key)


@pytest.mark.parametrize("content", ["", "{}", "[1]", '[{"audience": 1}]', "[" * 10_000])
def test_a_damaged_register_is_said(place: Home, content: str) -> None:
    (place.keys / "register.json").write_text(content)
    with pytest.raises(DamagedError):
        KeyRegister(place).keys()


def test_what_is_signed_is_checked_at_once(place: Home) -> None:
    register = KeyRegister(place)
    here, there = register.key_for(HERE), register.key_for(THERE)
    text = sign(here, b"\xf0\x9f\x98\x80")
    assert verify_signature(b"\xf0\x9f\x98\x80", text, SIGN_OFF).public_key == here.public_key
    with pytest.raises(SignoffError, match="another key"):
        sign_message(b"m", key=here.path, public_key=there.public_key, namespace=SIGN_OFF)


def test_a_key_that_cannot_sign_is_said(place: Home) -> None:
    key = KeyRegister(place).key_for(HERE)
    key.path.write_text("no key\n")
    with pytest.raises(SignoffError, match="did not sign"):
        sign(key)


def test_the_git_key_in_a_file_signs(place: Home, tmp_path: Path) -> None:
    make_key(tmp_path / "id")
    set_git("user.signingKey", str(tmp_path / "id.pub"))
    set_git("gpg.format", "ssh")
    key = find_git_key(tmp_path, {})
    assert (key.kind, key.agent_socket, key.path) == ("as-me", None, tmp_path / "id")
    assert parse_signature(unarmour(sign(key))).public_key == key.public_key


def test_the_git_key_held_only_by_an_agent_signs(place: Home, tmp_path: Path, agent: str) -> None:
    make_key(tmp_path / "id")
    add_to_agent(tmp_path / "id", agent)
    (tmp_path / "id").unlink()
    set_git("user.signingKey", str(tmp_path / "id.pub"))
    key = find_git_key(tmp_path, {"SSH_AUTH_SOCK": agent})
    assert key.agent_socket == agent
    assert verify_signature(b"m", sign(key), SIGN_OFF).public_key == key.public_key


def test_a_git_key_written_out_in_the_settings_signs_through_the_agent(
    place: Home, tmp_path: Path, agent: str
) -> None:
    make_key(tmp_path / "id")
    add_to_agent(tmp_path / "id", agent)
    (tmp_path / "id").unlink()
    set_git("user.signingKey", "key::" + (tmp_path / "id.pub").read_text().strip())
    key = find_git_key(tmp_path, {"SSH_AUTH_SOCK": agent})
    assert verify_signature(b"m", sign(key), SIGN_OFF).public_key == key.public_key


def test_no_git_key_or_one_that_is_nowhere_is_said(place: Home, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no signing key"):
        find_git_key(tmp_path, {})
    make_key(tmp_path / "id")
    (tmp_path / "id").unlink()
    set_git("user.signingKey", str(tmp_path / "id.pub"))
    with pytest.raises(NotFoundError, match="neither"):
        find_git_key(tmp_path, {})
    set_git("gpg.format", "openpgp")
    with pytest.raises(RefusedError, match="openpgp"):
        find_git_key(tmp_path, {})


def test_a_repository_cannot_choose_the_key_or_a_program(
    place: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "project"
    subprocess.run([find_program("git"), "init", "-q", repository], check=True, timeout=deadline())
    canary = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\n: > {canary}\n")
    program.chmod(0o755)
    make_key(tmp_path / "theirs")
    for name, value in (
        ("user.signingKey", str(tmp_path / "theirs.pub")),
        ("gpg.ssh.program", str(program)),
    ):
        subprocess.run(
            [find_program("git"), "-C", repository, "config", name, value],
            check=True,
            timeout=deadline(),
        )
    set_git("gpg.ssh.program", str(program))
    monkeypatch.chdir(repository)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(repository / ".git" / "config"))
    with pytest.raises(NotFoundError):
        find_git_key(tmp_path, {})
    make_key(tmp_path / "mine")
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    set_git("user.signingKey", str(tmp_path / "mine"))
    sign(find_git_key(tmp_path, {}))
    assert not canary.exists()
