from __future__ import annotations

import json
import os
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.forks import put_fork
from tests.support.setup import call, listing, put
from tests.support.terminal import Terminal

from signoff_collector import __version__
from signoff_collector.installation.account import account_of
from signoff_collector.installation.launcher import launcher_path
from signoff_collector.installation.targets.emacs import Emacs
from signoff_collector.installation.targets.vim import Vim
from signoff_collector.installation.targets.vscode import VSCode
from signoff_collector.installation.vscode.vscode_forks import FORKS, find_fork
from signoff_collector.system.far_sides import editor_on_windows, is_on_windows
from signoff_schemas.errors import MissingProgramError

EXTENSION = "signoff.signoff-vscode"


class Machine:
    """An account with editors of this family."""

    def __init__(self, folder: Path) -> None:
        self.user = folder / "ada"
        self.user.mkdir(mode=0o700)
        self.programs = folder / "programs"
        self.programs.mkdir()
        self.folders = {
            "code": self.user / ".vscode" / "extensions",
            "codium": self.user / ".vscode-oss" / "extensions",
            "code-server": self.user / ".local" / "share" / "code-server" / "extensions",
        }

    def put(self, *names: str) -> None:
        for name in names:
            put_fork(self.programs, name, self.folders[name])

    def has(self, name: str) -> dict[str, str]:
        table = self.folders[name] / "extensions.json"
        rows = json.loads(table.read_text()) if table.exists() else []
        return {row["identifier"]["id"]: row["version"] for row in rows}

    def had_before(self, name: str, version: str) -> None:
        row = {"identifier": {"id": EXTENSION}, "version": version}
        put(self.folders[name] / "extensions.json", json.dumps([row]).encode())

    def refuses(self, name: str) -> None:
        put(self.programs.parent / f"{name}.log.refuses", b"")

    def calls(self, name: str) -> list[list[str]]:
        return [arguments for arguments, _ in self.log(name)]

    def log(self, name: str) -> list[tuple[list[str], dict[str, str]]]:
        path = self.programs.parent / f"{name}.log"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def home(self) -> Path:
        return self.user / ".local" / "share" / "signoff"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setenv("HOME", str(made.user))
    monkeypatch.setenv("PATH", f"{made.programs}{os.pathsep}/usr/bin:/bin")
    return made


BUNDLES = {
    "code": "Visual Studio Code.app/Contents/Resources/app/bin/code",
    "code-insiders": "Visual Studio Code - Insiders.app/Contents/Resources/app/bin/code",
    "codium": "VSCodium.app/Contents/Resources/app/bin/codium",
    "cursor": "Cursor.app/Contents/Resources/app/bin/code",
    "windsurf": "Windsurf.app/Contents/Resources/app/bin/windsurf",
}
"""Where the applications of macOS have their command-line programs (Homebrew's casks name them)."""


def test_editors_are_found_in_the_folders_of_applications(tmp_path: Path, machine: Machine) -> None:
    everybody, own = tmp_path / "Applications", machine.user / "Applications"
    programs = {
        name: put((own if name == "cursor" else everybody) / place, b"#!/bin/sh\n", mode=0o755)
        for name, place in BUNDLES.items()
    }
    emacs = put(own / "Emacs.app/Contents/MacOS/Emacs", b"#!/bin/sh\n", mode=0o755)
    vim = put(everybody / "MacVim.app/Contents/bin/vim", b"#!/bin/sh\n", mode=0o755)
    account = replace(
        account_of(), applications=(everybody, own), search_path=(tmp_path / "nothing",)
    )
    found = {fork.program: find_fork(fork, account) for fork in FORKS}
    assert found == {**programs, "code-server": None}
    for target, program in ((Emacs(), emacs), (Vim(), vim)):
        seen = target.find(account)
        assert seen is not None
        assert seen.program == program
    assert not any(find_fork(fork, replace(account, applications=())) for fork in FORKS)
    programs["code"].chmod(0o644)
    assert find_fork(FORKS[0], account) is None, "it cannot be run"
    put_fork(machine.programs, "code", machine.folders["code"])
    with_path = replace(account, search_path=(machine.programs,))
    assert find_fork(FORKS[0], with_path) == machine.programs / "code", "PATH goes first"


def test_applications_are_looked_for_on_macos_alone(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert account_of().applications == ()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert account_of().applications == (Path("/Applications"), machine.user / "Applications")


def state(*argv: str) -> object:
    rows = [json.loads(line) for line in call(*argv, "--json").out.splitlines()]
    return next(row["state"] for row in rows if row.get("editor") == "vscode")


def test_every_fork_gets_it_and_gives_it_back(machine: Machine) -> None:
    machine.put("code", "codium", "code-server")
    assert state("setup", "--yes", "vscode") == "changed"
    for name in machine.folders:
        assert machine.has(name) == {EXTENSION: __version__}
    assert state("setup", "--yes", "vscode") == "unchanged"
    said = call("uninstall", "--yes")
    assert said.code == 0, said
    for name in machine.folders:
        assert machine.has(name) == {}
    assert not machine.home.exists()


def test_nothing_is_run_before_somebody_agreed(machine: Machine) -> None:
    machine.put("code", "codium")
    before = listing(machine.user)
    said = call("setup", "--dry-run", "vscode")
    assert said.code == 0
    assert f"{machine.programs / 'codium'} --install-extension" in said.out
    assert call("setup", "vscode").code == 2
    assert machine.log("code") == machine.log("codium") == []
    assert listing(machine.user) == before


def test_a_no_leaves_all_as_it_is(machine: Machine) -> None:
    machine.put("code")
    before = listing(machine.user)
    argv = [str(launcher_path()), "setup", "vscode", "--wait", "0"]
    with Terminal(argv, env=os.environ) as terminal:
        terminal.expect("Make this change?")
        terminal.send("n")
        terminal.expect("left as it is")
        assert terminal.end() == 0
    assert machine.log("code") == []
    assert listing(machine.user) == before


def test_what_was_there_before_setup_stays(machine: Machine) -> None:
    machine.put("code")
    machine.had_before("code", "0.0.1")
    assert state("setup", "--yes", "vscode") == "changed"
    assert machine.has("code") == {EXTENSION: __version__}
    said = call("uninstall", "--yes")
    assert said.code == 0
    assert "0.0.1 was there before" in said.out
    assert machine.has("code") == {EXTENSION: __version__}
    assert not machine.home.exists()


def test_a_later_release_is_not_put_back(machine: Machine) -> None:
    machine.put("code")
    machine.had_before("code", "999.0.0")
    assert state("setup", "--yes", "vscode") == "unchanged"
    assert machine.has("code") == {EXTENSION: "999.0.0"}


def test_other_extensions_stay(machine: Machine) -> None:
    machine.put("code")
    row = {"identifier": {"id": "someone.else"}, "version": "1.0.0"}
    put(machine.folders["code"] / "extensions.json", json.dumps([row]).encode())
    call("setup", "--yes", "vscode")
    call("uninstall", "--yes")
    assert machine.has("code") == {"someone.else": "1.0.0"}


def test_an_editor_that_refuses_is_named_and_the_others_go_on(machine: Machine) -> None:
    machine.put("code", "codium")
    machine.refuses("code")
    said = call("setup", "--yes", "vscode")
    assert said.code == 3
    assert "super user" in said.out
    assert machine.has("codium") == {EXTENSION: __version__}
    assert call("uninstall", "--yes").code == 0
    assert machine.has("codium") == {}


def test_what_an_editor_does_not_give_back_now_it_can_later(machine: Machine) -> None:
    machine.put("code", "codium")
    call("setup", "--yes", "vscode")
    machine.refuses("code")
    assert call("uninstall", "--yes").code == 3
    assert machine.has("code") == {EXTENSION: __version__}
    assert machine.has("codium") == {}
    (machine.programs.parent / "code.log.refuses").unlink()
    assert call("uninstall", "--yes").code == 0
    assert machine.has("code") == {}
    assert not machine.home.exists()


def test_an_editor_that_is_gone_is_no_hindrance(machine: Machine) -> None:
    machine.put("code")
    call("setup", "--yes", "vscode")
    (machine.programs / "code").unlink()
    assert call("uninstall", "--yes").code == 0
    assert not machine.home.exists()


def test_an_editor_gets_little_of_the_environment(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.put("code")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted \U0001f388\U0001d4b3")
    monkeypatch.setenv("VSCODE_IPC_HOOK_CLI", "/of/a/repository")
    monkeypatch.setenv("NODE_OPTIONS", "--require=./evil.js")
    call("setup", "--yes", "vscode")
    assert len(machine.log("code")) == 3
    for _, environment in machine.log("code"):
        assert environment["HOME"] == str(machine.user)
        assert set(environment) <= {
            "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TERM",
            "PATH", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
        }  # fmt: skip


def test_a_program_of_a_repository_is_not_run(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloned = tmp_path / "cloned"
    (cloned / ".git").mkdir(parents=True)
    put_fork(cloned / "bin", "code", machine.folders["code"])
    monkeypatch.setenv("PATH", f"{cloned / 'bin'}{os.pathsep}/usr/bin:/bin")
    assert state("setup", "--yes", "vscode") == "not_found"
    assert not (cloned / "code.log").exists()


def test_the_program_that_an_editor_lends_its_terminals_is_passed_over(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lent = tmp_path / "server" / "remote-cli"
    put_fork(lent, "code", machine.folders["code"])
    machine.put("code")
    monkeypatch.setenv("PATH", f"{lent}{os.pathsep}{machine.programs}")
    assert state("setup", "--yes", "vscode") == "changed"
    assert machine.calls("code")
    assert not (tmp_path / "server" / "code.log").exists()


def test_a_data_folder_inside_a_repository_is_refused(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.put("code-server")
    (tmp_path / "cloned" / ".git").mkdir(parents=True)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "cloned" / "data"))
    said = call("setup", "--yes", "vscode")
    assert said.code == 13
    assert "inside the repository" in said.err
    assert machine.log("code-server") == []


def test_doctor_names_the_version_in_each_editor(machine: Machine) -> None:
    machine.put("code", "codium")
    machine.had_before("codium", "0.0.1")

    def line() -> str:
        rows = [json.loads(row) for row in call("doctor", "--json").out.splitlines()]
        return next(f"{row['level']} {row['fact']}" for row in rows if row["name"] == "vscode")

    assert line().startswith("note here, and not set up (extension none in VS Code, 0.0.1 in VSC")
    call("setup", "--yes", "vscode")
    assert line().startswith(
        f"ok set up; extension {__version__} in VS Code, {__version__} in VSCodium"
    )


def test_a_server_of_remote_windows_without_a_program_gets_a_file(machine: Machine) -> None:
    (machine.user / ".vscode-server").mkdir()
    said = call("setup", "--yes", "vscode")
    assert said.code == 3
    package = machine.home / "state" / "signoff.vsix"
    assert f"The extension is in {package}: in the editor's window, choose it with \"" in said.out
    assert zipfile.is_zipfile(package)
    assert call("uninstall", "--yes").code == 0
    assert not package.exists()


def test_what_an_editor_refuses_is_given_as_a_file(machine: Machine) -> None:
    machine.put("code")
    machine.refuses("code")
    rows = [json.loads(row) for row in call("setup", "--yes", "vscode", "--json").out.splitlines()]
    (path,) = [row["vsix"] for row in rows if row.get("vsix")]
    assert zipfile.is_zipfile(path)


def test_a_dry_run_writes_no_file(machine: Machine) -> None:
    (machine.user / ".cursor-server").mkdir()
    assert "Cursor Server was here" in call("setup", "--dry-run", "vscode").out
    assert not machine.home.exists()


def test_a_hook_that_is_no_socket_of_ours_asks_no_window(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lent = tmp_path / "server" / "remote-cli"
    put_fork(lent, "code", machine.folders["code"])
    monkeypatch.setenv("PATH", f"{lent}{os.pathsep}/usr/bin:/bin")
    monkeypatch.setenv("VSCODE_IPC_HOOK_CLI", str(put(tmp_path / "no socket", b"")))
    assert call("setup", "--yes", "vscode").code == 3
    assert not (tmp_path / "server" / "code.log").exists()


@pytest.fixture
def windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The drives of Windows as WSL mounts them, with VS Code for one account there."""
    root = tmp_path / "wsl"
    folder = root / "mnt/c/Users/Ada/AppData/Local/Programs/Microsoft VS Code/bin"
    put(folder / "code", b"#!/bin/sh\nexit 9\n", mode=0o755)
    monkeypatch.setenv("WSL_DISTRO_NAME", "Debian")
    return root


def test_in_wsl_one_sentence_says_the_way_to_the_editor_on_windows(
    machine: Machine, windows: Path
) -> None:
    target = VSCode(root=windows)
    found = target.find(account_of())
    assert found is not None
    assert not found.is_used  # `signoff setup` for all that is here goes on without it
    with pytest.raises(MissingProgramError, match="the editor is on Windows") as caught:
        target.changes(account_of(), launcher_path())
    assert caught.value.hint == "Run `code .` here once, then `signoff setup vscode` again."
    server = machine.user / ".vscode-server"
    put_fork(server / "bin" / ("a" * 40) / "bin", "code-server", server / "extensions")
    (change,) = target.changes(account_of(), launcher_path())
    assert change.title == "VS Code Server"


def test_a_program_on_a_drive_of_windows_is_not_run_from_wsl(
    windows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_on_windows(Path("/mnt/c/Users/Ada/bin"))
    assert not is_on_windows(Path("/mnt/cd/bin"))
    assert editor_on_windows(root=windows) is not None
    monkeypatch.delenv("WSL_DISTRO_NAME")
    assert not is_on_windows(Path("/mnt/c/Users/Ada/bin"))
    assert editor_on_windows(root=windows) is None
    kernel = put(windows / "proc/sys/kernel/osrelease", b"6.6.87-microsoft-standard-WSL2\n")
    assert kernel.exists()
    assert editor_on_windows(root=windows) is not None
