"""`setup` fixes where git and OpenSSH are; nothing that comes later moves them (threat 1)."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from tests.support.bridge import enable
from tests.support.cli import signoff
from tests.support.pseudo_terminal import Terminal
from tests.support.repository import WorkTree
from tests.support.sessions import current_home
from tests.support.setup import call, put

from signoff_collector.capture.git.git import Git, users_setting
from signoff_collector.health import surroundings
from signoff_collector.health.interface import Level, Surroundings
from signoff_collector.programs.children import find_program, search_program
from signoff_collector.programs.fixed_programs import NAMES, fix_programs, read_fixed
from signoff_schemas.errors import MissingProgramError, SignoffError

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def tree(tmp_path: Path) -> WorkTree:
    """A repository, made before anything is planted."""
    tree = WorkTree.create(tmp_path / "work")
    tree.commit("one 🎈🎉")
    return tree


@pytest.fixture
def planted(tree: WorkTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with other programs of these names, first on PATH; each leaves a mark."""
    folder = tmp_path / "later"
    for name in NAMES:
        put(folder / name, f'#!/bin/sh\n: >"{tmp_path / "ran"}"\n'.encode(), mode=0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return folder


@pytest.fixture
def helix(tmp_path: Path) -> Path:
    """A folder with an editor that `setup` finds."""
    return put(tmp_path / "editors" / "hx", b"#!/bin/sh\n", mode=0o755).parent


def set_up(helix: Path, *more: str) -> dict[str, str]:
    said = signoff("setup", "--yes", "--json", "helix", *more, PATH=f"{helix}:/usr/bin:/bin")
    assert said.code == 0, said
    rows = [json.loads(line) for line in said.out.splitlines()]
    return {row["program"]: row["path"] for row in rows if "program" in row}


def test_what_setup_fixed_is_run_whatever_path_says_later(
    tree: WorkTree, helix: Path, planted: Path, tmp_path: Path
) -> None:
    fixed = set_up(helix)
    assert set(fixed) == set(NAMES)
    assert set_up(helix) == {}, "a second setup finds them as they were"
    for name in NAMES:
        assert str(find_program(name, folders=())) == fixed[name]
        assert search_program(name, folders=()) == planted / name, "PATH would have won"
    assert Git(tree.root).run("rev-parse", "HEAD")
    users_setting("user.name")
    assert not (tmp_path / "ran").exists()


def test_a_dry_run_and_a_declined_change_fix_nothing(helix: Path, home: Path) -> None:
    assert set_up(helix, "--dry-run") == {}
    argv = [sys.executable, "-I", "-m", "signoff_collector", "setup", "helix"]
    env = {**os.environ, "PATH": f"{helix}:/usr/bin:/bin"}
    with Terminal(argv, cwd=helix, env=env, size=(60, 200)) as terminal:
        terminal.wait_for(b"Make this change? [y/N]")
        terminal.press(b"\n")
        assert terminal.end() == 0, terminal.shown
    assert terminal.shown.rstrip().endswith(b"left as it is"), "nothing was set up to wait for"
    assert not home.exists()


def test_a_fixed_program_that_is_gone_is_said_and_not_replaced(
    helix: Path, planted: Path, tmp_path: Path
) -> None:
    place = current_home()
    own = put(tmp_path / "own" / "git", b"#!/bin/sh\necho git version 2.99.0\n", mode=0o755)
    keygen = put(tmp_path / "own" / "ssh-keygen", b"#!/bin/sh\n", mode=0o755)
    fix_programs(place, lambda name: tmp_path / "own" / name)
    assert set(read_fixed(place)) == {"git", "ssh-keygen"}, "there was no ssh-add"
    assert find_program("git") == own
    around = Surroundings(here=tmp_path / "editors")
    assert surroundings.git(around).level is Level.OK
    assert "fixed by `signoff setup`" in surroundings.ssh_keygen(around).fact
    put(own, b"#!/bin/sh\necho git version 2.99.1 \n", mode=0o755)
    changed = surroundings.git(around)
    assert (changed.level, "not the file" in changed.fact) == (Level.NOTE, True)
    for program in (own, keygen):
        program.unlink()
    for name in ("git", "ssh-keygen"):
        with pytest.raises(MissingProgramError, match="does not exist any more") as caught:
            find_program(name)
        assert caught.value.hint is not None
        assert "signoff setup" in caught.value.hint
    gone = surroundings.git(around)
    assert (gone.level, gone.hint) == (Level.BAD, caught.value.hint)
    assert surroundings.ssh_keygen(around).hint == caught.value.hint
    assert set(set_up(helix)) == set(NAMES), "only `setup` fixes another"
    assert find_program("git") != planted / "git"
    assert not (tmp_path / "ran").exists()


def test_a_fixed_program_inside_a_workspace_is_not_run(tmp_path: Path) -> None:
    project = tmp_path / "project"
    own = put(project / "bin" / "git", b"#!/bin/sh\n", mode=0o755)
    fix_programs(current_home(), lambda _: own)
    assert find_program("git") == own
    with pytest.raises(MissingProgramError, match="is inside a workspace"):
        find_program("git", avoid=[project])
    enable(project)
    with pytest.raises(MissingProgramError, match="is inside a workspace"):
        find_program("git")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"version": 2, "programs": {}}',
        b'{"version": 1, "programs": {"git": {"path": "git", "size_bytes": 1, "mtime_ns": 1}}}',
        b'{"version": 1, "programs": {"git": {"path": "/\\u0000", "size_bytes": 1, "mtime_ns": 1}}}',  # noqa: E501
        b'{"version": 1, "programs": {"git": {"path": "/usr/bin/git", "size_bytes": true}}}',
    ],
)
def test_a_damaged_record_runs_nothing_and_setup_mends_it(
    helix: Path, content: bytes, tmp_path: Path
) -> None:
    place = current_home()
    put(place.config / "programs.json", content, mode=0o600)
    with pytest.raises(SignoffError, match="not known"):
        find_program("git")
    assert surroundings.git(Surroundings(here=tmp_path)).level is Level.BAD
    assert set(set_up(helix)) == set(NAMES)
    assert find_program("git").is_absolute()


def test_a_home_that_somebody_else_chose_does_not_choose_programs(
    tree: WorkTree, helix: Path, planted: Path
) -> None:
    """A home in a work tree is refused, and so is what stands in it."""
    set_up(helix)
    record = {"path": str(planted / "git"), "size_bytes": 1, "mtime_ns": 1}
    put(
        tree.root / "own" / "config" / "programs.json",
        json.dumps({"version": 1, "programs": {"git": record}}).encode(),
        mode=0o600,
    )
    (tree.root / "own").chmod(0o700)
    hostile = {**os.environ, "SIGNOFF_HOME": str(tree.root / "own")}
    assert find_program("git", environ=hostile) != planted / "git"


def test_uninstall_takes_the_record_away(helix: Path, home: Path) -> None:
    set_up(helix)
    assert call("uninstall", "--yes").code == 0
    assert not home.exists()
