"""Verbs that print lines show colours on a terminal, and nowhere else."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.history import BEASTS, live_session, typed
from tests.support.pseudo_terminal import Terminal

pytestmark = pytest.mark.slow

_COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
VERBS = (
    ("find", "needle", "--no-ask"),
    ("restore", "a.py", "--n", "1", "--dry-run"),
    ("restore", ".", "--n", "1", "--dry-run"),
    ("today", "--since", "2000-01-01"),
    ("list",),
    ("status",),
    ("doctor",),
)


def on_a_terminal(words: tuple[str, ...], cwd: Path, **environment: str) -> bytes:
    argv = [sys.executable, "-I", "-m", "signoff_collector", *words]
    env = {**os.environ, "TERM": "xterm-256color", **environment}
    with Terminal(argv, cwd=cwd, env=env, size=(50, 120)) as terminal:
        terminal.end()
        return terminal.shown


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_colours_are_for_terminals_alone(
    words: tuple[str, ...], home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del home
    monkeypatch.delenv("NO_COLOR", raising=False)
    root = tmp_path / "project"
    live_session(root, typed(root, "a.py", f"a needle {BEASTS}"))
    (root / "a.py").write_text("other\n")
    shown = on_a_terminal(words, root)
    assert _COLOUR.search(shown), shown
    if words[0] == "find":
        assert b"\x1b[1;33mneedle\x1b[0m" in shown
    without = on_a_terminal(words, root, NO_COLOR="1")  # but what is slow says how far it is
    assert not _COLOUR.search(without), without
    assert b"\x1b[" not in on_a_terminal(words, root, TERM="dumb")
    for more in ((), ("--json",)):
        piped = signoff(*words, *more, cwd=root, TERM="xterm-256color")
        assert "\x1b[" not in piped.out + piped.err
