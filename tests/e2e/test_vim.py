"""A real Vim with ALE, which sends whole texts: its changes come back from the journal."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.bridge import EMOJI, enable, folded, lsp_records, saves, sessions
from tests.support.deadline import wait_until
from tests.support.editors import need, terminal

from signoff_collector.text.positions import Encoding

pytestmark = pytest.mark.editors

ALE = Path("/usr/share/vim-ale")
SETTINGS = """
set nocompatible nobackup noswapfile encoding=utf-8 hidden viminfo=
set rtp^=/usr/share/vim-ale
let g:ale_linters_explicit = 1
let g:ale_lint_delay = 0
let g:ale_lint_on_text_changed = 'always'
let g:ale_completion_enabled = 0
filetype plugin on
runtime plugin/ale.vim
call ale#linter#Define('text', {'name': 'signoff', 'lsp': 'stdio', 'language': 'text',
  \\ 'executable': $BRIDGE_PYTHON, 'command': '%e -I -m signoff_bridge',
  \\ 'project_root': {buffer -> $PROJECT}})
let g:ale_linters = {'text': ['signoff']}
let g:ale_lsp_show_message_severity = 'warning'
"""


def vim() -> str:
    """Return a Vim that ALE can run in: with jobs, and ALE installed."""
    program = shutil.which("vim")
    if program is not None:
        said = subprocess.run([program, "--version"], capture_output=True, timeout=60, check=False)
        if b"+job" not in said.stdout or not ALE.is_dir():
            program = None
    return need(program, "Vim with ALE")


@pytest.mark.parametrize("ending", ["quit", "kill"])
def test_a_vim_session_is_replayed(tmp_path: Path, home: Path, ending: str) -> None:
    program = vim()
    folder = tmp_path / "project"
    folder.mkdir()
    enable(folder)
    file = folder / "demo.txt"
    file.write_text(f"a = 1\nb = '{EMOJI}é'\nc = 3\n")
    settings = tmp_path / "vimrc"
    settings.write_text(SETTINGS)
    environ = {"BRIDGE_PYTHON": sys.executable, "PROJECT": str(folder)}
    argv = [program, "-N", "-u", str(settings), str(file)]
    uri = file.as_uri()
    with terminal(argv, folder, environ) as screen:
        wait_until(lambda: lsp_records("textDocument/didOpen"), "ALE to open the file")
        for keys in ("2GfésX", "ggO# top " + EMOJI, "Gdd", ":w\n"):
            before = len(lsp_records("textDocument/didChange")) + len(saves())
            screen.keys(keys.rstrip("\n"), literal=True)
            screen.keys("Enter" if keys.endswith("\n") else "Escape")
            wait_until(
                lambda before=before: (
                    len(lsp_records("textDocument/didChange")) + len(saves()) > before
                ),
                f"ALE to tell of {keys!r}",
            )
        wait_until(saves, "the save")
        assert folded(uri, Encoding.UTF16) == file.read_text()
        if ending == "kill":
            os.kill(screen.pid(), signal.SIGKILL)
        else:
            screen.keys(":qa!", literal=True)
            screen.keys("Enter")
        wait_until(
            lambda: not list(sessions()[0].folder.glob("bridge-*.json")),
            "the bridge to end after Vim",
        )
    assert all(save["matches"] for save in saves())
    changes = [params for _, params in lsp_records("textDocument/didChange")]
    assert all("range" in change for params in changes for change in params["contentChanges"])
    assert EMOJI + "X" in file.read_text()


def test_vim_shows_an_announcement_once_and_nothing_when_it_quits(
    tmp_path: Path, home: Path
) -> None:
    """`signoff enable --yes` by a program: the person hears of it in the editor."""
    program = vim()
    folder = tmp_path / "project"
    folder.mkdir()
    enable(folder, is_confirmed=False)
    file = folder / "demo.txt"
    file.write_text(f"a = '{EMOJI}'\n")
    (tmp_path / "vimrc").write_text(SETTINGS)
    environ = {"BRIDGE_PYTHON": sys.executable, "PROJECT": str(folder)}
    argv = [program, "-N", "-u", str(tmp_path / "vimrc"), str(file)]
    with terminal(argv, folder, environ) as screen:

        def times_said() -> int:
            """ALE opens a preview window for what is longer than a line; it stays."""
            return "".join(screen.screen().split()).count("notconfirmedbyaperson")

        wait_until(lambda: lsp_records("textDocument/didOpen"), "ALE to open the file")
        wait_until(times_said, "the announcement")
        screen.keys("ggOx", literal=True)
        screen.keys("Escape")
        wait_until(lambda: lsp_records("textDocument/didChange"), "ALE to tell of the change")
        assert times_said() == 1
        screen.keys(":qa!", literal=True)
        screen.keys("Enter")
        wait_until(
            lambda: not list(sessions()[0].folder.glob("bridge-*.json")),
            "the bridge to end after Vim",
        )
