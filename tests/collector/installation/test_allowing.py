"""What a person allows at setup is asked once, said aloud, and taken back."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tests.support.leaks import random_secret
from tests.support.pseudo_terminal import Terminal
from tests.support.sessions import current_home
from tests.support.setup import call

from signoff_collector.known_values.credential_stores import allowed_stores, was_asked


@pytest.fixture
def user(home: Path) -> Path:
    """A home folder with an editor's settings and two stores."""
    folder = Path(os.environ["HOME"])
    (folder / ".codex").mkdir()
    (folder / ".aws").mkdir()
    (folder / ".aws/credentials").write_text(f"aws_secret_access_key = {random_secret(1)}\n")
    (folder / ".netrc").write_text(f"machine h login u password {random_secret(2)}\n")
    return folder


def test_without_a_terminal_the_answer_is_no(user: Path) -> None:
    call("setup", "--yes", "codex")
    assert not was_asked(current_home())
    call("setup", "--yes", "--credential-stores", "all", "codex")
    assert set(allowed_stores(current_home())) == {user / ".netrc", user / ".aws/credentials"}
    call("setup", "--yes", "--credential-stores", "none", "codex")
    assert allowed_stores(current_home()) == ()


def test_uninstalling_takes_it_back(user: Path) -> None:
    call("setup", "--yes", "--credential-stores", "all", "codex")
    call("uninstall", "--yes")
    assert not was_asked(current_home())


@pytest.mark.parametrize("answer", [b"\n", b"y\n"])
def test_the_files_are_named_and_a_person_is_asked_once(
    user: Path, tmp_path: Path, answer: bytes
) -> None:
    argv = [sys.executable, "-I", "-m", "signoff_collector", "setup", "codex"]
    argv += ["--agent-words", "none"]
    with Terminal(argv, cwd=tmp_path, env=os.environ, size=(60, 200)) as terminal:
        terminal.wait_for(b"Make this change? [y/N]")
        terminal.press(b"y\n")
        terminal.wait_for(b"Read them for that? [y/N]")
        terminal.press(answer)
        assert terminal.end() == 0, terminal.shown
    assert bytes(user / ".netrc") in terminal.shown
    assert random_secret(1).encode() not in terminal.shown
    assert len(allowed_stores(current_home())) == (2 if answer == b"y\n" else 0)
    assert was_asked(current_home())
    with Terminal(argv, cwd=tmp_path, env=os.environ, size=(60, 200)) as again:
        assert again.end() == 0, again.shown
    assert b"Read them" not in again.shown
