"""From `setup` in a fresh account to a first recorded step in a real editor, and back again."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.support.bridge import EMOJI, enable, lsp_records, sessions
from tests.support.cli import signoff
from tests.support.deadline import deadline, wait_until
from tests.support.editors import Neovim, need, neovim_program, run_emacs, terminal
from tests.support.setup import listing, put
from tests.support.terminal import Terminal

pytestmark = pytest.mark.editors

ATTACHED = "local ok, s = pcall(require, 'signoff') return ok and s.is_attached(0)"
ALE = Path("/usr/share/vim-ale")
ELPA = Path("/usr/share/emacs/site-lisp/elpa")


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home folder with a few settings; editors keep what is theirs elsewhere."""
    user = tmp_path / "ada"
    user.mkdir(mode=0o700)
    put(user / ".config" / "nvim" / "init.lua", b"vim.o.swapfile = false\n")
    monkeypatch.setenv("HOME", str(user))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return user


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    put(folder / "notes.txt", f"one {EMOJI}\n".encode())
    return folder


def lend_neovim(real: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put `nvim` on PATH, whatever package it comes from."""
    put(folder / "nvim", f'#!/bin/sh\nexec "{real}" "$@"\n'.encode(), mode=0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin:/bin")


@contextmanager
def started_by_a_person(file: Path, place: Path) -> Iterator[Neovim]:
    """Run Neovim with the account's own settings, as `nvim FILE` would."""
    program = shutil.which("nvim")
    assert program is not None
    process = subprocess.Popen(
        [program, "--headless", "--listen", str(place), str(file)],
        cwd=file.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(deadline())

    def connects() -> bool:
        with suppress(OSError):
            connection.connect(str(place))
            return True
        return False

    try:
        wait_until(connects, "Neovim to listen")
        yield Neovim(process, connection)
    finally:
        connection.close()
        process.kill()
        process.wait(deadline())


def test_from_setup_to_a_recorded_step_and_back(
    account: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = need(neovim_program(), "Neovim 0.10 or newer")
    wrapper = put(
        tmp_path / "bin" / "nvim", f'#!/bin/sh\nexec "{real}" "$@"\n'.encode(), mode=0o755
    )
    monkeypatch.setenv("PATH", f"{wrapper.parent}{os.pathsep}/usr/bin:/bin")
    subprocess.run(["nvim", "--headless", "+qa"], timeout=deadline(), check=True)
    before = listing(account)  # with the folders that Neovim makes for itself
    argv = [sys.executable, "-I", "-m", "signoff_collector", "setup", "neovim", "--wait", "600"]
    with Terminal(argv, env=os.environ, cwd=project) as setup:
        shown = setup.expect("Make this change? [y/N]")
        assert "+++" in shown
        assert "signoff_setup.lua" in shown
        setup.send("y")
        setup.expect("Now type in your editor")
        assert signoff("enable", project, "--yes", "--owner", "mine").code == 0
        with started_by_a_person(project / "notes.txt", tmp_path / "socket") as editor:
            wait_until(lambda: editor.lua(ATTACHED), "the bridge")
            editor.press(f"A typed {EMOJI}<Esc>")
            setup.expect("It works: Neovim")
            setup.expect("Show the last minute now?")
            setup.send("y")
            setup.expect("notes.txt")
            assert setup.end() == 0, setup.output
            assert "upload" not in setup.output
            rows = {
                row["name"]: row
                for row in map(json.loads, signoff("doctor", "--json").out.splitlines())
            }
            assert rows["neovim"]["level"] == "ok"
            assert "each key" in rows["neovim"]["fact"]
            assert "recording now" in rows["bridges"]["fact"]
            editor.quit()
    wait_until(lambda: signoff("uninstall", "--data", "--yes").code == 0, "the deletion")
    assert listing(account) == before
    with started_by_a_person(project / "notes.txt", tmp_path / "socket2") as editor:
        assert editor.lua("return vim.fn.exists(':Signoff')") == 0


def test_neovim_stays_silent_when_the_program_is_gone(
    account: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = need(neovim_program(), "Neovim 0.10 or newer")
    wrapper = put(
        tmp_path / "bin" / "nvim", f'#!/bin/sh\nexec "{real}" "$@"\n'.encode(), mode=0o755
    )
    monkeypatch.setenv("PATH", f"{wrapper.parent}{os.pathsep}/usr/bin:/bin")
    assert signoff("setup", "--yes", "neovim").code == 0
    file = account / ".config" / "nvim" / "plugin" / "signoff_setup.lua"
    text = file.read_text("utf-8")
    launcher = text.split('"')[1]
    file.write_text(text.replace(launcher, "/gone/bin/signoff"), "utf-8")
    with started_by_a_person(project / "notes.txt", tmp_path / "socket") as editor:
        assert editor.lua("return vim.fn.execute('messages')").strip() == ""
        assert editor.lua("return #vim.lsp.get_clients()") == 0


EMACS = r"""
(let ((default-directory "ELPA/"))
  (when (file-directory-p default-directory)
    (dolist (folder (directory-files default-directory t "^[a-z].*[0-9]$"))
      (add-to-list 'load-path folder))))
(setq make-backup-files nil auto-save-default nil create-lockfiles nil vc-handled-backends nil
      lsp-session-file (expand-file-name "session" (getenv "EMACS_PLACE")))
(load (expand-file-name "~/.emacs.d/init.el"))
(defvar file (getenv "EDITED_FILE"))
(defun is-kept ()
  (seq-some (lambda (journal)
              (with-temp-buffer
                (insert-file-contents-literally journal)
                (search-forward "textDocument/didChange" nil t)))
            (file-expand-wildcards (concat (getenv "SIGNOFF_HOME")
                                           "/state/sessions/2*/lsp-*.journal"))))
(defun wait-until (condition)
  (let ((end (+ (float-time) 60)))
    (while (and (< (float-time) end) (not (funcall condition)))
      (accept-process-output nil 0.02))))
"""
EGLOT = r"""
(require 'eglot)
(require 'project)
(setq eglot-autoreconnect nil eglot-sync-connect 60)
(add-hook 'project-find-functions (lambda (_) (cons 'transient (file-name-directory file))))
(find-file file) (text-mode)
(apply #'eglot (eglot--guess-contact))
(goto-char (point-max)) (insert "EMOJI") (eglot--signal-textDocument/didChange)
(wait-until #'is-kept)
(kill-emacs 0)
"""
LSP_MODE = r"""
(require 'lsp-mode)
(setq lsp-auto-guess-root t lsp-restart 'ignore lsp-enable-snippet nil lsp-client-packages nil
      lsp-enable-file-watchers nil)
(lsp-workspace-folders-add (file-name-directory file))
(find-file file) (text-mode)
(lsp)
(wait-until (lambda () (seq-find (lambda (w) (eq 'initialized (lsp--workspace-status w)))
                                 (lsp-workspaces))))
(goto-char (point-max)) (insert "EMOJI")
(run-hooks 'lsp--on-idle) (lsp--flush-delayed-changes)
(wait-until #'is-kept)
(kill-emacs 0)
"""


@pytest.mark.parametrize("client", [EGLOT, LSP_MODE], ids=["eglot", "lsp-mode"])
def test_emacs_records_with_the_lines_of_setup(
    account: Path, project: Path, home: Path, client: str
) -> None:
    need(shutil.which("emacs"), "Emacs")
    enable(project)
    assert signoff("setup", "--yes", "emacs").code == 0
    script = (EMACS + client).replace("EMOJI", EMOJI).replace("ELPA", str(ELPA))
    said = run_emacs(script, project, {"EDITED_FILE": str(project / "notes.txt")})
    assert sessions(), said
    assert any(EMOJI in str(params) for _, params in lsp_records("textDocument/didChange")), said


def test_vim_with_ale_records_with_the_file_of_setup(
    account: Path, project: Path, home: Path
) -> None:
    program = need(shutil.which("vim") if ALE.is_dir() else None, "Vim with ALE")
    enable(project)
    put(
        account / ".vimrc",
        b"set nocompatible nobackup noswapfile encoding=utf-8 viminfo=\n"
        b"set rtp^=/usr/share/vim-ale\nlet g:ale_lint_delay = 0\nlet g:ale_linters_explicit = 1\n"
        b"filetype plugin on\n",
    )
    assert signoff("setup", "--yes", "vim").code == 0
    with terminal([program, str(project / "notes.txt")], project, {}) as screen:
        wait_until(lambda: lsp_records("textDocument/didOpen"), "ALE to open the file")
        screen.keys(f"A {EMOJI}", literal=True)
        screen.keys("Escape")
        wait_until(
            lambda: any(EMOJI in str(said) for _, said in lsp_records("textDocument/didChange")),
            "ALE to tell of the change",
        )
        screen.keys(":qa!", literal=True)
        screen.keys("Enter")
        wait_until(
            lambda: not list(sessions()[0].folder.glob("bridge-*.json")), "the bridge to end"
        )
