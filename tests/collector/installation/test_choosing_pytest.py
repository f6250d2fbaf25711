"""Whether plain pytest tells its results is asked in one sentence, and is no until a yes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.support.pseudo_terminal import Terminal
from tests.support.sessions import current_home
from tests.support.setup import call

from signoff_collector.capture.test_results.pytest_results import agree, is_agreed

pytestmark = pytest.mark.usefixtures("home")
QUESTION = b"when you type `pytest` in an enabled folder? [y/N]"
PROGRAM = (sys.executable, "-I", "-m", "signoff_collector", "setup")


def answered(folder: Path, words: Sequence[str], *pairs: tuple[bytes, bytes]) -> bytes:
    """Run `signoff setup` in a terminal, give each answer to its question, return what it shows."""
    with Terminal([*PROGRAM, *words], cwd=folder, env=os.environ, size=(60, 200)) as terminal:
        for question, answer in pairs:
            terminal.wait_for(question)
            terminal.press(answer)
        assert terminal.end() == 0, terminal.shown
        return terminal.shown


@pytest.mark.parametrize(("answer", "is_yes"), [(b"\n", False), (b"n\n", False), (b"y\n", True)])
def test_a_person_is_asked_by_name(tmp_path: Path, answer: bytes, is_yes: bool) -> None:
    shown = answered(tmp_path, ["pytest"], (QUESTION, answer))
    assert is_agreed(current_home()) is is_yes
    assert (b"recorded in enabled folders" in shown) is is_yes


def test_a_person_who_sets_up_a_shell_is_asked_once(tmp_path: Path) -> None:
    change = (b"Make this change? [y/N]", b"y\n")
    shown = answered(tmp_path, ["bash"], change, (QUESTION, b"\n"))
    assert not is_agreed(current_home())
    assert b"signoff run -- pytest" in shown
    assert QUESTION not in answered(tmp_path, ["bash"])


def test_who_agreed_is_asked_whether_to_stop(tmp_path: Path) -> None:
    agree(current_home())
    answered(tmp_path, ["pytest"], (b"Stop that? [y/N]", b"\n"))
    assert is_agreed(current_home())
    answered(tmp_path, ["pytest"], (b"Stop that? [y/N]", b"y\n"))
    assert not is_agreed(current_home())


def test_a_script_is_answered_only_for_what_it_names(tmp_path: Path) -> None:
    call("setup", "--yes", "bash")
    assert not is_agreed(current_home())
    assert call("setup", "pytest").code == 2
    call("setup", "--dry-run", "pytest")
    assert not is_agreed(current_home())
    call("setup", "--yes", "pytest", "zsh")
    assert is_agreed(current_home())


def test_uninstalling_takes_it_back() -> None:
    call("setup", "--yes", "pytest")
    call("uninstall", "--yes")
    assert not is_agreed(current_home())
