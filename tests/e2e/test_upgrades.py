"""Signoff or its Python upgraded, moved, removed: editors and shells start silently."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.e2e.test_setup_to_step import ALE, ELPA, lend_neovim, started_by_a_person
from tests.support.deadline import deadline, wait_until
from tests.support.editors import need, neovim_program, run_emacs, terminal
from tests.support.installation import RUINS, call, install, ruin
from tests.support.setup import put
from tests.support.shells import Shell, needs_shell

pytestmark = pytest.mark.editors
ANSWERED = """
local clients = vim.lsp.get_clients({ name = 'signoff' })
return #clients == 1 and clients[1].initialized == true
"""
LINES_OF_OLD = """\
-- >>> signoff setup >>> (`signoff uninstall` takes these lines away)
local launcher, companion = "{launcher}", "{packages}/signoff_collector/editor_extensions/neovim"
if vim.fn.has('nvim-0.10') == 1 and vim.fn.executable(launcher) == 1 then
  vim.opt.runtimepath:append(companion)
  dofile(companion .. '/plugin/signoff.lua')
  require('signoff').setup({{ cmd = {{ launcher, 'lsp' }} }})
end
-- <<< signoff setup <<<
"""


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    user = tmp_path / "ada"
    user.mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(user))
    for name in ("STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    return user


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return put(tmp_path / "project" / "notes.py", b"one = 1\n")


def looked(launcher: Path) -> dict[str, dict[str, str]]:
    rows = map(json.loads, call(launcher, "doctor", "--json").splitlines())
    return {row["name"]: row for row in rows}


@pytest.mark.parametrize("how", [*RUINS, "without a part"])
def test_neovim_starts_silently(
    account: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    lend_neovim(need(neovim_program(), "Neovim 0.10 or newer"), tmp_path / "bin", monkeypatch)
    launcher = install(tmp_path / "venv")
    call(launcher, "setup", "--yes", "neovim")
    lines = (account / ".config" / "nvim" / "plugin" / "signoff_setup.lua").read_text("utf-8")
    assert "lib/python" not in lines
    ruin(launcher, how)
    with started_by_a_person(file, tmp_path / "socket") as editor:
        if how == "removed":
            assert editor.lua("return vim.fn.exists(':Signoff')") == 0
        else:
            wait_until(lambda: editor.lua(ANSWERED), "the launcher to answer")
        editor.press("A typed<Esc>")
        editor.command("write")
        assert "typed" in editor.text()
        said = editor.lua("return vim.fn.execute('messages')").strip()
        assert re.sub(r'^".*written$', "", said, flags=re.MULTILINE).strip() == ""
        editor.command("edit other.py")
        assert editor.lua("return vim.v.errmsg") == ""


def test_a_companion_that_is_half_there_says_nothing(
    account: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lend_neovim(need(neovim_program(), "Neovim 0.10 or newer"), tmp_path / "bin", monkeypatch)
    launcher = install(tmp_path / "venv")
    call(launcher, "setup", "--yes", "neovim")
    (tmp_path / "venv/share/signoff-companions/neovim/lua/signoff/init.lua").unlink()
    with started_by_a_person(file, tmp_path / "socket") as editor:
        assert editor.lua("return vim.fn.execute('messages')").strip() == ""
        assert editor.lua("return #vim.lsp.get_clients()") == 0
    assert looked(launcher)["neovim"]["fact"].startswith("the companion for Neovim is missing")


def test_lines_of_an_older_release_are_named_and_mended(
    account: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lend_neovim(need(neovim_program(), "Neovim 0.10 or newer"), tmp_path / "bin", monkeypatch)
    launcher = install(tmp_path / "venv")
    (packages,) = (tmp_path / "venv").glob("lib/python3*/site-packages")
    place = account / ".config" / "nvim" / "plugin" / "signoff_setup.lua"
    put(place, LINES_OF_OLD.format(launcher=launcher, packages=tmp_path / "lib/python3.0").encode())
    found = looked(launcher)["neovim"]
    assert found["level"] == "note"
    assert found["fact"].startswith("Neovim starts a Signoff that is gone, so it records nothing")
    assert found["hint"] == "Run `signoff setup neovim`."
    shutil.copytree(
        tmp_path / "venv/share/signoff-companions/neovim",
        packages / "signoff_collector/editor_extensions/neovim",
    )
    put(place, LINES_OF_OLD.format(launcher=launcher, packages=packages).encode())
    assert looked(launcher)["neovim"]["fact"] == "Neovim starts an older Signoff"
    call(launcher, "setup", "--yes", "neovim")
    assert looked(launcher)["neovim"]["level"] == "ok"
    assert "lib/python" not in place.read_text("utf-8")


def test_two_installations_are_told_apart(
    account: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of pipx, one of a project: the second does not take the editors over unasked."""
    put(tmp_path / "bin" / "claude", b"#!/bin/sh\n", mode=0o755)
    lend_neovim(need(neovim_program(), "Neovim 0.10 or newer"), tmp_path / "bin", monkeypatch)
    first, second = install(tmp_path / "pipx"), install(tmp_path / "venv")
    targets = ("neovim", "bash", "claude-code")
    call(first, "setup", "--yes", *targets)
    for name in targets:
        assert looked(first)[name]["level"] == "ok"
        found = looked(second)[name]
        assert f"starts another Signoff, {first}; this one is {second}" in found["fact"]
        assert found["hint"] == f"Run `signoff setup {name}`."
    ruin(first, "removed")
    for name in targets:
        assert "starts a Signoff that is gone" in looked(second)[name]["fact"]
    call(second, "setup", "--yes")
    assert {looked(second)[name]["level"] for name in targets} == {"ok"}


EMACS = r"""
(let ((default-directory "ELPA/"))
  (when (file-directory-p default-directory)
    (dolist (folder (directory-files default-directory t "^[a-z].*[0-9]$"))
      (add-to-list 'load-path folder))))
(setq make-backup-files nil auto-save-default nil create-lockfiles nil vc-handled-backends nil
      lsp-session-file (expand-file-name "session" (getenv "EMACS_PLACE")))
(load (expand-file-name "~/.emacs.d/init.el") nil t)
(defvar file (getenv "EDITED_FILE"))
(defun wait-until (condition)
  (let ((end (+ (float-time) 60)))
    (while (and (< (float-time) end) (not (funcall condition)))
      (accept-process-output nil 0.02))
    (unless (funcall condition) (princ "waited in vain"))))
"""
LSP_MODE = r"""
(require 'lsp-mode)
(dolist (part '(lsp-modeline lsp-headerline lsp-lens lsp-diagnostics lsp-completion))
  (require part nil t))  ; Debian's package has no autoloads for them
(setq lsp-auto-guess-root t lsp-enable-snippet nil lsp-client-packages nil
      lsp-enable-file-watchers nil)
(lsp-workspace-folders-add (file-name-directory file))
(find-file file) (text-mode)
(lsp)
(wait-until (lambda () (seq-find (lambda (w) (eq 'initialized (lsp--workspace-status w)))
                                 (lsp-workspaces))))
"""
EGLOT = r"""
(require 'eglot)
(require 'project)
(setq eglot-autoreconnect nil eglot-sync-connect 60)
(add-hook 'project-find-functions (lambda (_) (cons 'transient (file-name-directory file))))
(find-file file) (text-mode)
(apply #'eglot (eglot--guess-contact))
(wait-until #'eglot-current-server)
"""


@pytest.mark.parametrize("client", [EGLOT, LSP_MODE], ids=["eglot", "lsp-mode"])
@pytest.mark.parametrize("how", RUINS)
def test_emacs_starts_silently(
    account: Path, file: Path, tmp_path: Path, client: str, how: str
) -> None:
    need(shutil.which("emacs"), "Emacs")
    launcher = install(tmp_path / "venv")
    call(launcher, "setup", "--yes", "emacs")
    ruin(launcher, how)
    script = EMACS if how == "removed" else EMACS + client
    said = run_emacs(
        script.replace("ELPA", str(ELPA)) + "(kill-emacs 0)",
        file.parent,
        {"EDITED_FILE": str(file), "HOME": str(account)},
    )
    for complaint in ("exited", "restart", "Error", "in vain", "ignoff setup"):
        assert complaint not in said, said


@pytest.mark.parametrize("how", RUINS)
def test_vim_starts_silently(account: Path, file: Path, tmp_path: Path, how: str) -> None:
    vim = need(shutil.which("vim"), "Vim")
    launcher = install(tmp_path / "venv")
    call(launcher, "setup", "--yes", "vim")
    put(account / ".vimrc", f"set rtp+={ALE}\nset noswapfile\nfiletype on\n".encode())
    ruin(launcher, how)
    with terminal([vim, str(file)], file.parent, {"HOME": str(account)}) as screen:
        wait_until(lambda: "one = 1" in screen.screen(), "Vim to show the file")
        screen.keys("A typed", literal=True)
        screen.keys("Escape")
        wait_until(lambda: "typed" in screen.screen(), "Vim to take what is typed")
        screen.keys(f":redir! > {tmp_path}/said | silent messages | redir END", literal=True)
        screen.keys("Enter")
        said = wait_until(lambda: _read(tmp_path / "said"), "the messages of Vim")
        assert not re.search(r"E\d+:|rror|ignoff|Press ENTER", said + screen.screen())


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") + " " if path.exists() else None


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("how", RUINS)
def test_shells_start_silently(account: Path, tmp_path: Path, name: str, how: str) -> None:
    shell = needs_shell(name)
    put(account / ".zshrc", b"\n")

    def started() -> str:
        done = subprocess.run(
            [shell, "-i", "-c", "echo ready"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=deadline(),
            check=False,
        )
        assert done.returncode == 0
        return done.stdout + done.stderr

    without = started()
    launcher = install(tmp_path / "venv")
    call(launcher, "setup", "--yes", name)
    ruin(launcher, how)
    assert started() == without


def test_a_person_is_told_what_to_do(tmp_path: Path) -> None:
    launcher = install(tmp_path / "venv")
    for how in ("half removed", "without Python", "under another Python"):
        ruin(launcher, how)
        for verb in ("status", "doctor", "restore"):
            done = subprocess.run([launcher, verb], capture_output=True, text=True, check=False)
            assert done.returncode == 127
            assert done.stdout == ""
            assert "a part of it or its Python is gone" in done.stderr
            assert "Traceback" not in done.stderr
            assert "hint: Install Signoff again: pipx reinstall signoff" in done.stderr


def test_a_moved_installation_runs_and_says_so(account: Path, tmp_path: Path) -> None:
    launcher = install(tmp_path / "venv")
    call(launcher, "setup", "--yes", "bash")
    (tmp_path / "venv").rename(tmp_path / "moved")
    moved = tmp_path / "moved" / "bin" / "signoff"
    assert "starts a Signoff that is gone" in looked(moved)["bash"]["fact"]
    call(moved, "setup", "--yes", "bash")
    assert looked(moved)["bash"]["level"] == "ok"


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("how", RUINS)
def test_a_shell_that_is_open_stays_silent(
    account: Path, home: Path, tmp_path: Path, name: str, how: str
) -> None:
    """The hook of a shell outlives the program: it asks for a session, and nobody answers."""
    launcher = install(tmp_path / "venv")
    project = tmp_path / "project"
    project.mkdir()
    call(launcher, "enable", "--yes", str(project))
    call(launcher, "setup", "--yes", name)
    lines = {
        "bash": account / ".bashrc",
        "zsh": account / ".zshrc",
        "fish": account / ".config/fish/conf.d/signoff_setup.fish",
    }[name].read_text("utf-8")
    with Shell(name, project, tmp_path / "rc", is_hooked=False, after=lines) as shell:
        shell.said("echo $__signoff_home", str(home).encode())
        ruin(launcher, how)
        for word in ("one", "two"):
            shell.said(f"echo {word}''d", f"{word}d".encode())
            shell.wait_for(b"ready> ")
        shown = shell.shown.decode("utf-8", "replace")
        for complaint in ("ignoff", "rror", "o such file", "ommand not found", "Done", "Exit"):
            assert complaint not in shown, shown
        assert shell.leave() == 0
