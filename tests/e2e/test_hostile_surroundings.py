"""Every verb in a repository and an environment that were built to attack it (threats 1, 7, 33)."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.support.bridge import bridge, enable, sessions
from tests.support.cli import Said, signoff
from tests.support.deadline import deadline
from tests.support.hostile_repository import git, listing
from tests.support.trap import (
    ASTRAL,
    ODD_NAMES,
    PLACES,
    SANE_PATH,
    Trap,
    make_trap,
    provable,
    prove,
)
from tests.support.trap_way import BRIDGE, FORGOTTEN, LAUNCHER, WATCHER, walk

from signoff_collector.cli import DAILY_VERBS, PLUMBING_VERBS
from signoff_collector.programs.children import find_program
from signoff_collector.screen.console import visible
from signoff_schemas.errors import MissingProgramError

pytestmark = pytest.mark.slow

PAGE = Path(__file__).resolve().parents[2] / "docs" / "hostile_surroundings.md"
VERBS = {*DAILY_VERBS, *PLUMBING_VERBS}
NEEDS_NO_HOME = {"check", "completion", "show", "replay", "checkout", "import", "lsp", "hub"}
"""What works on a path alone, or goes on without recording."""
PIPES: tuple[tuple[str, ...], ...] = (
    (".git/HEAD",),
    (".git/config",),
    (".git/index", ".git/logs/HEAD", ".git/info/attributes"),
    (".git/packed-refs", ".git/info/exclude", ".git/logs/refs/heads/main"),
    (".gitignore", ".gitattributes", "deep/.gitignore"),
    (".signoffignore", ".env", "deep/.env.local"),
)
"""In each workspace, what is a pipe; in one more all of them are links to an endless device."""


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return make_trap(tmp_path / "trap")


def test_plain_commands_fire_every_canary(trap: Trap) -> None:
    fired = prove(trap)
    assert provable() - fired == set()
    assert fired <= {place.name for place in PLACES}


def test_no_verb_runs_a_canary_or_touches_the_work_tree(trap: Trap, tmp_path: Path) -> None:
    way = walk(trap, tmp_path)
    assert way.faults == []
    assert {verb: names for verb, names in way.fired.items() if names} == {}
    assert {verb: names for verb, names in way.changed.items() if names} == {}
    for name in ODD_NAMES:
        is_kept = name != FORGOTTEN and not any(char < " " for char in name)
        assert (f" {visible(name)}\n" in way.shown) == is_kept, (name, way.shown)
    assert set(way.ran) == VERBS | {BRIDGE, WATCHER}, "a new verb belongs into this way"


def test_a_home_inside_the_workspace_is_refused_by_every_verb(trap: Trap) -> None:
    root, before = trap.root, listing(trap.root)
    ways = {
        "SIGNOFF_HOME": {"SIGNOFF_HOME": str(root / "own")},
        "XDG_DATA_HOME": {"XDG_DATA_HOME": str(root / "own" / "xdg")},
        "HOME": {"HOME": str(root / "own")},
    }
    arguments = {
        "setup": ["--dry-run"], "task": ["x"], "note": ["x"], "forget": ["--yes", "--all"],
        "discard": ["x"], "sign": ["--to", "file:///x"], "watch": ["x"], "run": ["--", "/bin/true"],
        "uninstall": ["--yes"], "upload": ["--resume"], "shell-init": ["bash"], "shell": ["bash"],
        "find": ["x"], "restore": ["x"], "export": ["--format", "atif", "-o", "/x"],
        "picture": ["-o", "/x.svg"], "film": ["-o", "/x.svg"], "label": ["--list"],
        "dataset": ["plan", "--from", ".", "--purpose", "research", "--k", "1", "-o", "/x"],
    }  # fmt: skip
    for verb in sorted(VERBS - NEEDS_NO_HOME):
        for name, variables in (
            ways.items() if verb in {"status", "enable"} else [*ways.items()][:1]
        ):
            words = [verb, *arguments.get(verb, [])] + (["--yes"] if verb == "enable" else [])
            said = signoff(*words, cwd=root, **variables)
            allowed = {"run": {0}, "shell": {0}, "doctor": {3}}.get(
                verb, {13}
            )  # `doctor` says so and goes on
            assert said.code in allowed, (verb, name, said)
            assert "Traceback" not in said.err, said
    assert listing(root) == before


def test_pipes_and_devices_in_place_of_files_hang_nothing(tmp_path: Path, home: Path) -> None:
    places = _workspaces_of_pipes(tmp_path / "work")
    for place in places:
        enable(place)
    with bridge(cwd=places[0]) as editor:
        editor.initialize(rootUri=places[0].as_uri())
        for place in places:
            for path in (place / "a.py", place / "deep" / "b.py"):
                uri = editor.open(path)
                editor.change(uri, 2, {"text": f"y = '{ASTRAL}'\n"})
                editor.save(uri)
            for name in (".env", ".signoffignore"):
                editor.open(place / name, "never read\n")
        editor.status()
        assert editor.quit() == 0
    for place in places[1], places[-1]:
        for words in (["status"], ["run", "--", "/bin/true"], ["doctor"]):
            _ended_well(signoff(*words, cwd=place))
    for session in sessions():
        _ended_well(signoff("seal", session.id))
    _ended_well(signoff("forget", "--yes", "--all"))


def _ended_well(said: Said) -> None:
    assert said.code in {0, 3, 10}, said
    assert "Traceback" not in said.err, said
    assert "unexpected error" not in said.err, said


def _workspaces_of_pipes(folder: Path) -> list[Path]:
    base = folder / "base"
    (base / "deep").mkdir(parents=True)
    git(base, "init", "-q", "-b", "main")
    for name in ("a.py", "deep/b.py"):
        (base / name).write_text("x = 1\n")
    git(base, "add", ".")
    git(base, "commit", "-q", "-m", "first")
    made: list[Path] = []
    for number, names in enumerate((*PIPES, tuple(itertools.chain(*PIPES)))):
        place = folder / f"work-{number}"
        shutil.copytree(base, place)
        for name in names:
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            if number < len(PIPES):
                os.mkfifo(path)
            elif name not in {".git/HEAD", ".git/config"}:
                path.symlink_to("/dev/zero")
        made.append(place)
    return made


def test_the_launcher_runs_nothing_that_path_offers(trap: Trap) -> None:
    """Editors start it by its full path, in whatever environment the project made."""
    path = {"PATH": f"{trap.root / 'bin'}{os.pathsep}{SANE_PATH}"}
    done = subprocess.run(
        [str(LAUNCHER), "--version"],
        cwd=trap.root,
        env={**os.environ, **path},
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=False,
    )
    assert done.stdout.startswith("signoff "), done
    assert trap.fired() == set()


def test_programs_of_a_workspace_without_git_are_not_run(tmp_path: Path, home: Path) -> None:
    """Also where the system has no such program, and PATH names one in the workspace."""
    place = tmp_path / "plain"
    mark = tmp_path / "mark"
    for name in ("git", "ssh-keygen", "nvim", "emacs", "hx"):
        program = place / "bin" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f'#!/bin/sh\n: >"{mark}"\n')
        program.chmod(0o755)
    enable(place)
    path = {"PATH": f"{place / 'bin'}{os.pathsep}{SANE_PATH}"}
    for words in (["doctor"], ["status"], ["setup", "neovim", "--dry-run"]):
        said = signoff(*words, cwd=place, **path)
        assert "Traceback" not in said.err, said
        assert not mark.exists(), said
    with pytest.raises(MissingProgramError):
        find_program("git", environ={**os.environ, **path, "PATH": str(place / "bin")}, folders=())


def test_the_page_names_the_places_and_the_verbs_that_there_are() -> None:
    page = PAGE.read_text("utf-8")
    places = re.findall(r"^\| (.+?) \| ([·X]+) \|$", page, re.MULTILINE)
    assert [where for where, _ in places] == [place.where for place in PLACES]
    verbs = re.findall(r"^\d+\. `([a-z-]+)`", page, re.MULTILINE)
    assert set(verbs) == VERBS
    columns = len(verbs) + 2
    assert {marks for _, marks in places} == {"·" * columns}
