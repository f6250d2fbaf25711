"""A line pasted behind a verb is the shell's: nothing that need not be asked takes it."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest
from tests.support.history import live_session, typed
from tests.support.terminal import Terminal

pytestmark = pytest.mark.slow

SIGNOFF = shlex.join([sys.executable, "-I", "-m", "signoff_collector"])


@pytest.fixture
def root(home: Path, tmp_path: Path) -> Path:
    assert not home.exists()
    root = tmp_path / "project"
    live_session(root, typed(root, "a.py", "def wombat():"))
    return root


@pytest.mark.parametrize(
    ("verb", "question"),
    [("find wombat", "replays hit 1"), ("restore a.py", "Number to restore"),
     ("restore .", "Number to restore")],
)  # fmt: skip
def test_a_pasted_line_is_no_answer(root: Path, verb: str, question: str) -> None:
    then = 'read -r line; echo "the shell got $line"'
    argv = ["/bin/sh", "-c", f"read -r first; {SIGNOFF} {verb}; {then}"]
    with Terminal(argv, env=os.environ, cwd=root) as terminal:
        terminal.send("go\n1 pasted 🎉")
        assert question not in terminal.expect("the shell got 1 pasted 🎉")
        assert terminal.end() == 0
    with Terminal(argv, env=os.environ, cwd=root) as terminal:
        terminal.send("go")
        terminal.expect(question)
        terminal.send("")
        terminal.send("typed")
        terminal.expect("the shell got typed")
        assert terminal.end() == 0


@pytest.mark.parametrize("verb", ["find wombat", "restore a.py", "restore ."])
def test_no_ask_lists_and_ends(root: Path, verb: str) -> None:
    argv = ["/bin/sh", "-c", f"{SIGNOFF} {verb} --no-ask"]
    with Terminal(argv, env=os.environ, cwd=root) as terminal:
        assert "Enter ends" not in terminal.expect("  1")
        assert terminal.end() == 0
