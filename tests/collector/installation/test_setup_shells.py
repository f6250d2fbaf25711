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

from signoff_collector.installation.account import account_of
from signoff_collector.installation.launcher import launcher_path
from signoff_collector.installation.targets import TARGETS
from signoff_collector.installation.targets.bash import Bash

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


@pytest.mark.parametrize(
    ("said", "is_too_old"),
    [
        ("GNU bash, version 3.2.57(1)-release (arm64-apple-darwin23)", True),
        ("GNU bash, version 4.3.48(1)-release", True),
        ("GNU bash, version 4.4.0(1)-release", False),
        ("GNU bash, version 5.2.15(1)-release", False),
        ("something else", False),
    ],
)
def test_a_bash_that_is_too_old_is_said_with_what_to_do(
    user: Path, tmp_path: Path, said: str, is_too_old: bool
) -> None:
    del user
    program = tmp_path / "system" / "bash"
    put(program, f"#!/bin/sh\necho '{said}'\n".encode(), mode=0o755)
    found = Bash(folders=[str(program.parent)]).find(account_of())
    assert found is not None
    assert found.is_too_old is is_too_old
    assert found.is_used is not is_too_old
    if is_too_old:
        assert f"{program} is bash {said.split()[3][:3]}, too old" in (found.remark or "")
        assert "brew install bash" in (found.remark or "")


def test_setup_and_doctor_say_that_bash_is_too_old(
    user: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del user
    program = tmp_path / "system" / "bash"
    put(program, b"#!/bin/sh\necho 'GNU bash, version 3.2.57(1)-release'\n", mode=0o755)
    bash = next(target for target in TARGETS if isinstance(target, Bash))
    monkeypatch.setattr(bash, "_folders", [str(program.parent)])
    assert "is bash 3.2, too old" in call("setup", "--yes", "bash").out
    rows = [json.loads(line) for line in call("doctor", "--json").out.splitlines()]
    (row,) = [row for row in rows if row["name"] == "bash"]
    assert row["fact"].startswith("set up, but")
    assert "too old" in row["fact"]


def test_the_lines_in_bashrc_read_nothing_of_the_hook_in_an_old_bash(user: Path) -> None:
    assert call("setup", "--yes", "bash").code == 0
    text = (user / ".bashrc").read_text("utf-8")
    asked = user / "asked"
    launcher = user / "launcher"
    put(launcher, f"#!/bin/sh\necho x >>{asked}\n".encode(), mode=0o755)
    text = text.replace(str(launcher_path()), str(launcher))
    bash = shutil.which("bash", path="/usr/bin:/bin:/usr/local/bin")
    assert bash is not None
    for version, is_read in (("3.2", False), ("4.3", False), ("4.4", True), ("5.2", True)):
        asked.unlink(missing_ok=True)
        major, minor = version.split(".")
        # BASH_VERSINFO cannot be set: another array of that shape takes its place.
        old = text.replace("BASH_VERSINFO", "OTHER_VERSINFO")
        script = f"OTHER_VERSINFO=({major} {minor})\n{old}"
        done = subprocess.run(
            [bash, "--norc", "-i", "-c", script],
            capture_output=True,
            timeout=deadline(),
            check=False,
        )
        assert asked.exists() is is_read, (version, done)
