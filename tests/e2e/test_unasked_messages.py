"""What Signoff says unasked in a real Neovim, in a terminal: one line, which takes no key."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.bridge import EMOJI, enable, wait_for_records
from tests.support.deadline import wait_until
from tests.support.repository import WorkTree
from tests.support.tmux import Tmux, neovim_window

from signoff_collector.capture.journal.journal import RecordKind

pytestmark = pytest.mark.editors

SAID = "said so"


@pytest.fixture
def workspace(tmp_path: Path, home: Path) -> Path:
    """Make a project that a program enabled, of which the bridge says so in a long sentence."""
    folder = tmp_path / "project"
    WorkTree.create(folder).commit("first", text="first\n")
    enable(folder, is_confirmed=False)
    return folder


def _say(window: Tmux, text: str, told: Path) -> None:
    """Have the companion say a Lua text in a moment; the file `told` is there once it was asked."""
    window.write(
        f":lua vim.defer_fn(function() require('signoff.state').say({text})"
        f" vim.fn.writefile({{}}, '{told}') end, 1000)"
    )
    window.press("Enter")


def _saved(window: Tmux, workspace: Path, line: str) -> None:
    window.press("Escape")
    window.write(":w")
    window.press("Enter")
    file = workspace / "notes.txt"
    wait_until(lambda: line in file.read_text("utf-8").split("\n"), f"{line!r} to be saved")


def test_what_the_bridge_says_at_the_beginning_takes_no_key(
    workspace: Path, tmp_path: Path
) -> None:
    """Two lines would ask for Enter, and the next key would be lost."""
    with neovim_window(tmp_path / "editor", workspace) as window:
        wait_for_records(RecordKind.LSP, 1)
        shown = window.wait_for("Signoff: ", "(:Signoff status)")
        assert "Press ENTER" not in shown
        window.write(f"o    typed at once {EMOJI}")
        _saved(window, workspace, f"    typed at once {EMOJI}")
        window.write(":Signoff status")
        window.press("Enter")
        assert "not confirmed by a person" in window.wait_for("not confirmed").replace("\n", " ")


@pytest.mark.parametrize("columns", [80, 40, 20])
def test_a_long_message_takes_one_line_of_any_window(
    workspace: Path, tmp_path: Path, columns: int
) -> None:
    told = tmp_path / "told"
    with neovim_window(tmp_path / "editor", workspace) as window:
        wait_for_records(RecordKind.LSP, 1)
        window.wait_for("(:Signoff status)")
        _say(window, f"('{EMOJI} {SAID}\\n'):rep(40)", told)
        window.resize(columns, 24)
        wait_until(told.exists, "the companion to be asked")
        assert "Press ENTER" not in window.wait_for(EMOJI, "…")
        window.write("o    typed after it")
        _saved(window, workspace, "    typed after it")


def test_while_a_command_is_typed_it_waits(workspace: Path, tmp_path: Path) -> None:
    with neovim_window(tmp_path / "editor", workspace) as window:
        wait_for_records(RecordKind.LSP, 1)
        told = tmp_path / "told"
        _say(window, f"'{SAID}'", told)
        window.write(":s/first/second/")
        wait_until(told.exists, "the companion to be asked")
        assert SAID not in window.wait_for(":s/first/second/")
        window.press("Enter")
        window.wait_for(SAID)
        _saved(window, workspace, "second")
