"""Lists on a terminal of 60 columns are broken between words, never within one."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from tests.support.history import BEASTS, live_session, typed
from tests.support.pseudo_terminal import Terminal

from signoff_collector.screen.line_wrapping import cell_width, cut_at_word, wrapped

COLUMNS = 60
TEXT = f"a needle {BEASTS} and then many more words that no narrow terminal shows on one line"
VERBS = (
    ("find", "needle", "--no-ask"),
    ("restore", "a.py", "--n", "1", "--dry-run"),
    ("restore", "."),
    ("today", "--since", "2000-01-01"),
    ("list",),
)


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_no_word_is_parted(words: tuple[str, ...], home: Path, tmp_path: Path) -> None:
    del home
    root = tmp_path / "project"
    journal = typed(root, "a.py", TEXT)
    journal.step("command", line=f"echo {TEXT}", argv=["echo"], exit_code=1, output_state="none")
    journal.step("note", text=TEXT, stated="live")
    live_session(root, journal)
    argv = [sys.executable, "-I", "-m", "signoff_collector", *words]
    env = {**os.environ, "NO_COLOR": "1", "TERM": "xterm-256color"}
    with Terminal(argv, cwd=root, env=env, size=(50, COLUMNS)) as terminal:
        if words == ("restore", "."):
            terminal.wait_for(b"Enter ends")
            terminal.press(b"\n")
        terminal.end()
        shown = terminal.shown.decode()
    rows = [line for line in shown.splitlines() if re.match(r" {3,}\S| +\d", line)]
    assert rows or words[0] in {"list", "restore"}, shown
    for row in rows:
        assert cell_width(row) <= COLUMNS or len(row.split()) == 1, shown


def test_a_line_keeps_its_words_and_styles() -> None:
    parts = [("  1  when  ", "dim"), (f"one two {BEASTS}", "red"), ("three four", "")]
    lines = wrapped(parts, 18, hang=5)
    said = ["".join(text for text, _ in line) for line in lines]
    assert said == ["  1  when  one two", f"     {BEASTS}three", "     four"]
    assert lines[1][1:] == [(BEASTS, "red"), ("three", "")]
    assert wrapped(parts, 80, hang=5) == [parts]
    assert wrapped([("x" * 30, "")], 20, hang=5) == [[("x" * 30, "")]]


def test_what_is_cut_ends_with_a_whole_word() -> None:
    assert cut_at_word("before the agent began to work", 20) == "before the agent…"
    assert cut_at_word("x" * 30, 20) == "x" * 19 + "…"
    assert cut_at_word("short", 20) == "short"
