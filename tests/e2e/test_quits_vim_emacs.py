"""A real Vim with ALE and a real Emacs with eglot, quit in every way; then a script writes."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from tests.support.bridge import EMOJI, closes, journals, saves, sessions, wait_for_records
from tests.support.cli import signoff
from tests.support.deadline import wait_until
from tests.support.editors import is_gone, need
from tests.support.quits import WORDS, check_saved, check_unsaved, is_watched, typed, work_tree
from tests.support.tmux import Tmux
from tests.support.vscode import LAUNCHER

from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.installation.account import account_of
from signoff_collector.installation.targets.emacs import Emacs
from signoff_collector.installation.targets.vim import Vim

pytestmark = pytest.mark.editors

VIM_SETTINGS = """
set nocompatible nobackup noswapfile encoding=utf-8 hidden viminfo= autoread
set rtp^=/usr/share/vim-ale
let g:ale_linters_explicit = 1
let g:ale_lint_delay = 0
let g:ale_lint_on_text_changed = 'always'
let g:ale_completion_enabled = 0
filetype plugin on
runtime plugin/ale.vim
"""
EMACS = r"""
(let ((default-directory "/usr/share/emacs/site-lisp/elpa/"))
  (when (file-directory-p default-directory)
    (dolist (folder (directory-files default-directory t "^[a-z].*[0-9]$"))
      (add-to-list 'load-path folder))))
(setq make-backup-files nil auto-save-default nil create-lockfiles nil vc-handled-backends nil
      inhibit-startup-screen t user-emacs-directory (getenv "EMACS_PLACE"))
"""
EGLOT = r"""
(require 'eglot)
(require 'project)
(setq eglot-autoreconnect nil eglot-sync-connect 60 eglot-events-buffer-size 0
      eglot-send-changes-idle-time 0)
(add-hook 'project-find-functions (lambda (_) (cons 'transient default-directory)))
(find-file "notes.txt")
(apply #'eglot (eglot--guess-contact))
"""
LSP_MODE = r"""
(setq lsp-session-file (expand-file-name "session" (getenv "EMACS_PLACE")))
(require 'lsp-mode)
(setq lsp-auto-guess-root t lsp-restart 'ignore lsp-enable-snippet nil lsp-client-packages nil
      lsp-enable-file-watchers nil lsp-idle-delay 0.1)
(add-to-list 'lsp-language-id-configuration '(text-mode . "txt"))
(lsp-workspace-folders-add default-directory)
(find-file "notes.txt")
(lsp)
"""


@pytest.fixture
def workspace(tmp_path: Path, home: Path) -> Path:
    return work_tree(tmp_path)


def _ours(target: Vim | Emacs, place: Path) -> str:
    """Return what `signoff setup` writes into the editor's settings."""
    (change,) = target.changes(account_of({"HOME": str(place)}), LAUNCHER)
    assert change.after is not None
    return change.after.decode()


@contextmanager
def _vim(place: Path, folder: Path) -> Iterator[Tmux]:
    program = need(shutil.which("vim"), "Vim")
    (place / "vimrc").write_text(VIM_SETTINGS + _ours(Vim(), place))
    argv = [program, "-N", "-u", str(place / "vimrc"), "notes.txt"]
    with Tmux(place, argv, cwd=folder, variables={"LC_ALL": "C.UTF-8"}) as window:
        _begin(window)
        window.write(f"cc{WORDS}")
        window.press("Escape")
        yield window


@contextmanager
def _emacs(place: Path, folder: Path, client: str = EGLOT) -> Iterator[Tmux]:
    program = need(shutil.which("emacs"), "Emacs")
    (place / "init.el").write_text(EMACS + _ours(Emacs(), place) + client)
    variables = {"EMACS_PLACE": str(place), "LC_ALL": "C.UTF-8"}
    argv = [program, "-nw", "-Q", "-l", str(place / "init.el")]
    with Tmux(place, argv, cwd=folder, variables=variables) as window:
        _begin(window)
        window.press("C-k")
        window.write(WORDS)
        yield window


def _begin(window: Tmux) -> None:
    window.keep_server()
    wait_for_records(RecordKind.LSP, 1)
    wait_until(is_watched, "the watcher to look")


EDITORS = {"Vim": _vim, "Emacs": _emacs, "lsp-mode": partial(_emacs, client=LSP_MODE)}


def _end(words: str, *keys: str) -> Callable[[Tmux], None]:
    def press(window: Tmux) -> None:
        if words:
            window.write(words)
        window.press(*keys)

    return press


def _save_and_kill(window: Tmux) -> None:
    window.press("C-x", "C-s")
    wait_until(saves, "the save")
    _kill(window)


def _kill(window: Tmux) -> None:
    os.kill(window.pid(), signal.SIGKILL)


SAVED: dict[tuple[str, str], tuple[Callable[[Tmux], None], str]] = {
    ("Vim", ":wq"): (_end(":wq", "Enter"), "ended"),
    ("Emacs", "C-x C-s, C-x C-c"): (_end("", "C-x", "C-s", "C-x", "C-c"), "ended"),
    ("lsp-mode", "C-x C-s, C-x C-c"): (_end("", "C-x", "C-s", "C-x", "C-c"), "ended"),
    ("Emacs", "C-x C-s, kill -9"): (_save_and_kill, "lost"),
}
UNSAVED: dict[tuple[str, str], tuple[Callable[[Tmux], None], str]] = {
    ("Vim", ":q!"): (_end(":q!", "Enter"), "ended"),
    ("Vim", "kill -9"): (_kill, "lost"),
    ("Vim", "terminal closed"): (Tmux.close, "lost"),
    ("Emacs", "C-x C-c, no, yes"): (_end("", "C-x", "C-c", "n", "y", "e", "s", "Enter"), "ended"),
    ("Emacs", "kill -9"): (_kill, "lost"),
    ("Emacs", "terminal closed"): (Tmux.close, "lost"),
    ("lsp-mode", "terminal closed"): (Tmux.close, "lost"),
}


def _bridge_pid() -> int:
    (journal,) = [one for one in journals(sessions()[0]) if one.name.startswith("lsp-")]
    header = read_journal(journal).header
    assert header is not None
    return header.pid


@pytest.mark.parametrize("way", SAVED, ids=" ".join)
def test_a_saved_file_whose_editor_was_quit_hides_nothing(
    workspace: Path, tmp_path: Path, way: tuple[str, str]
) -> None:
    leave, reason = SAVED[way]
    with EDITORS[way[0]](tmp_path, workspace) as window:
        leave(window)
        wait_until(lambda: "notes.txt" in closes(), "the bridge to close what was open")
        assert closes() == {"notes.txt": reason}
        wait_until(lambda: is_gone(_bridge_pid()), "the bridge to end")
        assert "cut off" not in signoff("status", cwd=workspace).out
        check_saved(workspace, tmp_path / "old")


@pytest.mark.parametrize("way", UNSAVED, ids=" ".join)
def test_what_was_not_saved_is_had_back_and_hides_nothing(
    workspace: Path, tmp_path: Path, way: tuple[str, str]
) -> None:
    leave, reason = UNSAVED[way]
    with EDITORS[way[0]](tmp_path, workspace) as window:
        wait_until(lambda: EMOJI in typed(), "the bridge to have what was typed")
        leave(window)
        wait_until(lambda: "notes.txt" in closes(), "the bridge to close what was open")
        assert closes() == {"notes.txt": reason}
        check_unsaved(workspace, reason, tmp_path / "old")
