"""`setup` and `doctor` for shells: shown, idempotent, undone to the byte; the lines work."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.deadline import deadline
from tests.support.setup import call, listing, put
from tests.support.shells import SHELLS, needs_shell

from signoff_collector.installation.launcher import launcher_path

BASHRC = b"# mine \xf0\x9f\x8e\x88\xf0\x9f\x8e\x89\nPS1='$ '"
"""Without a newline at its end."""
FILES = {"bash": ".bashrc", "zsh": "dots/.zshrc", "fish": "xdg/fish/conf.d/signoff_setup.fish"}


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with start-up files in all the odd places."""
    folder = tmp_path / "ada"
    folder.mkdir(mode=0o700)
    programs = tmp_path / "programs"
    for name in SHELLS:
        put(programs / name, b"#!/bin/sh\nexit 1\n", mode=0o755)
    put(folder / "dotfiles" / "bashrc", BASHRC, mode=0o640)
    (folder / ".bashrc").symlink_to("dotfiles/bashrc")
    put(folder / "dots" / ".zshrc", b"setopt no_unset\r\n")
    (folder / ".local" / "share").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("ZDOTDIR", str(folder / "dots"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "xdg"))
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}/usr/bin:/bin")
    monkeypatch.setenv("SHELL", "/bin/bash")
    return folder


def states(*argv: str) -> dict[str, object]:
    rows = [json.loads(line) for line in call(*argv, "--json").out.splitlines()]
    return {row["editor"]: row["state"] for row in rows if "editor" in row}


def test_shells_are_set_up_once_and_taken_back_to_the_byte(user: Path) -> None:
    before = listing(user)
    shown = call("setup", "--dry-run", *SHELLS)
    assert shown.code == 0
    assert shown.out.count("shell-init") == len(SHELLS)
    assert listing(user) == before
    assert states("setup", "--yes", *SHELLS) == dict.fromkeys(SHELLS, "changed")
    for name, path in FILES.items():
        assert f"shell-init {name}" in (user / path).read_text()
    assert (user / ".bashrc").is_symlink()
    after = listing(user)
    assert states("setup", "--yes", *SHELLS) == dict.fromkeys(SHELLS, "unchanged")
    assert listing(user) == after
    assert call("uninstall", "--yes").code == 0
    assert listing(user) == before


def test_doctor_says_which_shells_are_wired(user: Path) -> None:
    assert call("setup", "--yes", "zsh").code == 0
    rows = [json.loads(line) for line in call("doctor", "--json").out.splitlines()]
    found = {row["name"]: row for row in rows}
    assert found["zsh"]["fact"].startswith("set up; command lines")
    assert "not set up" in found["bash"]["fact"]
    assert found["bash"]["hint"] == (
        "Run `signoff setup bash`, or `signoff run COMMAND` for a single one."
    )
    assert found["fish"]["level"] == "ok"
    assert found["fish"]["fact"] == (
        "here, not set up: the shell of this account is bash (`signoff setup fish` adds it)"
    )


def test_bash_without_a_start_up_file_gets_one_and_loses_it_again(user: Path) -> None:
    (user / ".bashrc").unlink()
    before = listing(user)
    rows = [json.loads(line) for line in call("doctor", "--json").out.splitlines()]
    assert "not set up" in {row["name"]: row["fact"] for row in rows}["bash"]
    assert states("setup", "--yes", "bash") == {"bash": "changed"}
    assert "shell-init bash" in (user / ".bashrc").read_text("utf-8")
    assert call("uninstall", "--data", "--yes").code == 0
    assert listing(user) == before


def test_a_start_up_folder_inside_a_repository_is_refused(
    user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = user / "project"
    (project / ".git").mkdir(parents=True)
    (project / "dots").mkdir()
    monkeypatch.setenv("ZDOTDIR", str(project / "dots"))
    said = call("setup", "--yes", "zsh")
    assert said.code == 13
    assert not list((project / "dots").iterdir())


@pytest.mark.parametrize("name", SHELLS)
def test_the_lines_define_the_hook_and_survive_a_missing_launcher(
    name: str, user: Path, tmp_path: Path
) -> None:
    shell = needs_real(name)
    assert call("setup", "--yes", name).code == 0
    probe = {
        "bash": [shell, "--rcfile", str(user / ".bashrc"), "-ic", "declare -F __signoff_precmd"],
        "zsh": [shell, "-d", "-ic", "whence -w __signoff_precmd"],
        "fish": [shell, "-ic", "functions __signoff_preexec"],
    }[name]
    assert b"__signoff_" in started(probe)
    path = user / FILES[name]
    path.write_text(path.read_text().replace(str(launcher_path()), str(tmp_path / "gone")))
    said = subprocess.run(
        [*probe[:-1], "echo alive"], capture_output=True, check=False, timeout=deadline()
    )
    assert (said.returncode, said.stdout.strip()) == (0, b"alive")
    assert b"gone" not in said.stderr


def needs_real(name: str) -> str:
    needs_shell(name)
    found = shutil.which(name, path="/usr/bin:/bin:/usr/local/bin")
    if found is None:
        pytest.skip(f"{name} is not in a folder of the system")
    return found


def started(argv: list[str]) -> bytes:
    return subprocess.run(argv, capture_output=True, check=False, timeout=deadline()).stdout


def test_shell_init_prints_a_hook_for_each_shell_and_writes_nothing(home: Path) -> None:
    for name in SHELLS:
        said = signoff("shell-init", name)
        assert said.code == 0
        assert "@" not in "".join(
            line for line in said.out.splitlines() if "__signoff_home=" in line
        )
        assert str(launcher_path()) in said.out
    assert not home.exists()
    assert signoff("shell-init", "tcsh").code == 2
