"""`setup` in a terminal: what it asks, what it leaves out, when it waits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.setup import call, put
from tests.support.terminal import Terminal

from signoff_collector.own_files.home import resolve_home

SETUP = [sys.executable, "-I", "-m", "signoff_collector", "setup"]
WAITS = "Now type in your editor"
ASKS = "Make this change? [y/N]"


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An account of bash with Emacs, Vim without a language client, zsh and fish."""
    folder = tmp_path / "ada"
    folder.mkdir(mode=0o700)
    programs = tmp_path / "programs"
    for name in ("emacs", "vim", "bash", "zsh", "fish"):
        put(programs / name, b"#!/bin/sh\nexit 1\n", mode=0o755)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("SHELL", "/bin/bash")
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr("signoff_collector.installation.account._SYSTEM_FOLDERS", (str(programs),))
    return folder


@pytest.fixture
def project(user: Path) -> Path:
    folder = user / "project"
    (folder / "deep").mkdir(parents=True)
    subprocess.run(["/usr/bin/git", "init", "--quiet", folder], check=True)
    return folder


def states(*argv: str) -> dict[str, object]:
    rows = [json.loads(line) for line in call(*argv, "--json").out.splitlines()]
    return {row["editor"]: row["state"] for row in rows if "editor" in row}


MISSING = "neither ALE nor vim-lsp was found, so nothing typed in Vim is recorded until one is"


def test_vim_without_a_plugin_is_told_by_every_view(user: Path, project: Path) -> None:
    assert signoff("enable", "--yes", cwd=project).code == 0
    for _ in range(2):
        assert MISSING in call("setup", "--yes", "vim").out, "also where it is set up already"
    for verb in ("doctor", "status"):
        assert MISSING in signoff(verb, cwd=project).out, verb
    put(user / ".vimrc", b'" packadd! ale\n')
    assert MISSING in signoff("status", cwd=project).out, "a comment loads nothing"
    put(user / ".vim" / "pack" / "any" / "start" / "ale" / "plugin" / "ale.vim", b"")
    for verb in ("doctor", "status"):
        assert MISSING not in signoff(verb, cwd=project).out, verb
    assert MISSING not in call("setup", "--yes", "vim").out


def test_what_cannot_help_is_left_out_by_name(user: Path) -> None:
    asked = states("setup", "--yes")
    assert asked == {"emacs": "changed", "bash": "changed"}
    said = call("setup", "--yes")
    assert (f"Left out: vim ({MISSING} installed). `signoff setup vim` adds it.") in said.out
    assert (
        "Left out: zsh, fish (the shell of this account is bash). "
        "`signoff setup zsh fish` adds them."
    ) in said.out
    assert states("setup", "--yes", "vim", "zsh") == {"vim": "changed", "zsh": "changed"}
    assert set(states("setup", "--yes")) == {"emacs", "bash", "vim", "zsh"}, "ours are kept up"
    (user / ".vim" / "plugin" / "signoff_setup.vim").write_text(
        (user / ".vim" / "plugin" / "signoff_setup.vim").read_text().replace("getcwd()", "''")
    )
    assert states("setup", "--yes")["vim"] == "changed", "lines of an older release are mended"


def test_only_what_was_changed_is_to_be_started_again(user: Path, tmp_path: Path) -> None:
    with Terminal([*SETUP, "vim", "emacs"], env=os.environ, cwd=tmp_path) as setup:
        setup.expect("Emacs")
        setup.expect(ASKS)
        setup.send("y")
        setup.expect("Vim")
        setup.expect(ASKS)
        setup.send("n")
        assert setup.end() == 0
        assert "Start Emacs again" in setup.output
        assert "Start Vim again" not in setup.output
        assert setup.output.count("Nothing is recorded before") == 1
        assert WAITS not in setup.output, "no folder is recorded, so nothing would come"


def test_a_new_shell_is_asked_for_once(user: Path, tmp_path: Path) -> None:
    with Terminal([*SETUP, "bash", "zsh", "fish"], env=os.environ, cwd=tmp_path) as setup:
        for _ in range(3):
            setup.expect(ASKS)
            setup.send("y")
        setup.expect("Record which tests passed and failed")
        setup.send("n")
        assert setup.end() == 0
        assert setup.output.count("Open a new shell") == 1


@pytest.mark.parametrize("answer", ["y", "n"])
def test_in_a_repository_recording_is_offered(user: Path, project: Path, answer: str) -> None:
    with Terminal([*SETUP, "emacs"], env=os.environ, cwd=project / "deep") as setup:
        setup.expect(ASKS)
        setup.send("y")
        setup.expect(f"Signoff would record your work in {project}.")
        setup.expect("It decides only whether it can be uploaded.")
        setup.send("opne")
        setup.expect("Not an owner: opne. Answer with one of mine, open-source, employer, unknown")
        setup.expect("Enter: unknown)")
        setup.send("Open")
        setup.expect(f"Record in {project}? [y/N]")
        setup.send(answer)
        if answer == "y":
            setup.expect(f"Enabled: {project}")
            setup.expect("owner open-source")
            setup.expect(WAITS)
            return
        setup.expect("not enabled: the answer was no")
        assert setup.end() == 0
        assert WAITS not in setup.output
    assert json.loads(signoff("status", "--json", cwd=project).out)["state"] == "off"


def test_where_recording_goes_on_already_nothing_more_is_asked(user: Path, project: Path) -> None:
    assert signoff("enable", "--yes", cwd=project).code == 0
    with Terminal([*SETUP, "emacs"], env=os.environ, cwd=project) as setup:
        setup.expect(ASKS)
        setup.send("y")
        setup.expect("Start Emacs again")
        setup.expect(WAITS)
        assert "Whose code" not in setup.output


@pytest.mark.parametrize("is_all", [False, True])
def test_uninstall_with_a_no_says_what_is_kept_and_how_to_go_on(user: Path, is_all: bool) -> None:
    assert call("setup", "--yes", "vim", "emacs").code == 0
    words = ["--data"] if is_all else []
    with Terminal([*SETUP[:-1], "uninstall", *words], env=os.environ, cwd=user) as uninstall:
        for answer in "ny":
            uninstall.expect("Take this back? [y/N]")
            uninstall.send(answer)
        assert uninstall.end() == 3
        again = f"`{' '.join(['signoff uninstall', *words])}` asks again."
        assert f"1 left as it is; {again}" in uninstall.output
        assert "All data are kept" in uninstall.output
        assert str(resolve_home().root) in uninstall.output
    assert resolve_home().exists
