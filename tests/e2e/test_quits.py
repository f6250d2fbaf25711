"""A real Neovim in a terminal, quit in every way; then a script writes what it had open."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.bridge import EMOJI, closes, wait_for_records
from tests.support.deadline import wait_until
from tests.support.editors import is_gone
from tests.support.quits import (
    WORDS,
    check_saved,
    check_unsaved,
    editor_pid,
    is_watched,
    typed,
    work_tree,
)
from tests.support.tmux import Tmux, neovim_window

from signoff_collector.capture.journal.journal import RecordKind

pytestmark = pytest.mark.editors


@pytest.fixture
def workspace(tmp_path: Path, home: Path) -> Path:
    return work_tree(tmp_path)


@pytest.fixture
def editor(tmp_path: Path, workspace: Path) -> Iterator[Tmux]:
    with neovim_window(tmp_path / "editor", workspace) as window:
        wait_for_records(RecordKind.LSP, 1)
        wait_until(is_watched, "the watcher to look")
        window.write(f"cc{WORDS}")
        window.press("Escape")
        wait_until(lambda: EMOJI in typed(), "the bridge to have what was typed")
        yield window


def _line(keys: str) -> Callable[[Tmux], None]:
    def enter(window: Tmux) -> None:
        for line in keys.split("\n"):
            window.write(line)
            window.press("Enter")

    return enter


def _keys(keys: str) -> Callable[[Tmux], None]:
    return lambda window: window.write(keys)


def _close_terminal(window: Tmux) -> None:
    window.close()


def _kill_with(number: signal.Signals) -> Callable[[Tmux], None]:
    return lambda _: os.kill(editor_pid(), number)


SAVED: dict[str, Callable[[Tmux], None]] = {
    ":wq": _line(":wq"),
    "ZZ": _keys("ZZ"),
    ":w, :qa": _line(":w\n:qa"),
}
UNSAVED: dict[str, tuple[Callable[[Tmux], None], str]] = {
    ":q!": (_line(":q!"), "ended"),
    "ZQ": (_keys("ZQ"), "ended"),
    ":cq": (_line(":cq"), "ended"),
    "terminal closed": (_close_terminal, "lost"),  # Neovim still says `shutdown` and `exit`
    "kill -HUP": (_kill_with(signal.SIGHUP), "lost"),
    "kill -9": (_kill_with(signal.SIGKILL), "lost"),
}


def _quit(editor: Tmux, way: Callable[[Tmux], None]) -> None:
    pid = editor_pid()
    way(editor)
    wait_until(lambda: is_gone(pid), "Neovim to end")
    wait_until(lambda: "notes.txt" in closes(), "the bridge to close what was open")


@pytest.mark.parametrize("way", SAVED)
def test_a_saved_file_whose_editor_was_quit_hides_nothing(
    editor: Tmux, workspace: Path, tmp_path: Path, way: str
) -> None:
    _quit(editor, SAVED[way])
    assert closes() == {"notes.txt": "ended"}
    check_saved(workspace, tmp_path / "old")


@pytest.mark.parametrize("way", UNSAVED)
def test_what_was_not_saved_is_had_back_and_hides_nothing(
    editor: Tmux, workspace: Path, tmp_path: Path, way: str
) -> None:
    leave, reason = UNSAVED[way]
    _quit(editor, leave)
    assert closes() == {"notes.txt": reason}
    check_unsaved(workspace, reason, tmp_path / "old")
