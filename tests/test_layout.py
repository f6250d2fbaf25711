"""The folders of the tests are those of the code, and no helper has two module names."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"
COMPONENTS = {
    "collector/signoff_collector": "collector",
    "datasets/signoff_datasets": "datasets",
    "hub/signoff_hub": "hub",
    "lsp_bridge/signoff_bridge": "lsp_bridge",
    "schemas/signoff_schemas": "schemas",
}
TESTED_ELSEWHERE = {
    "collector": "its modules are the command line itself: tests/commands and tests/e2e",
    "collector/capture": "`controls.py` alone: tests/commands/test_session_verbs.py",
    "collector/commands": "verbs are run as a person runs them: tests/commands",
    "collector/history/day": "`today` is what shows it: tests/commands/test_today.py",
    "collector/installation/targets": "one module per program: tests/collector/installation",
    "collector/kept": "`restore --undo` is what reads it back: tests/collector/history",
    "collector/redaction/writing": "the last step of masking: tests/collector/redaction",
    "collector/review/desk": "what the fronts of a review share: tests of serving and screens",
    "collector/review/lines": "the dialogue is driven in a terminal: tests/commands/test_review.py",
    "datasets/commands": "verbs are run as a person runs them: tests/commands",
    "hub/commands": "verbs are run as a person runs them: tests/commands",
    "collector/workspaces": "the list of enabled folders: tests/collector/capture/opt_in",
}
"""Rooms without a folder of tests, and who tests them instead."""
OTHER_FOLDERS = {
    *("benchmarks", "commands", "days", "e2e", "experiments", "fuzz", "golden", "platforms"),
    "support",
}
"""Folders of tests that mirror no component."""


def _rooms(component: str) -> set[str]:
    """Return the folders with modules; one with nothing but `__init__.py` is not listed."""
    home = ROOT / component
    found = {path.parent for path in home.rglob("*.py") if path.name != "__init__.py"}
    return {folder.relative_to(home).as_posix() for folder in found}


def _tested(folder: str) -> set[str]:
    home = TESTS / folder
    return {path.parent.relative_to(home).as_posix() for path in home.rglob("test_*.py")}


@pytest.mark.parametrize(("component", "folder"), COMPONENTS.items())
def test_every_room_has_its_folder_of_tests(component: str, folder: str) -> None:
    untested = _rooms(component) - _tested(folder)
    missing = {f"{folder}/{room}".removesuffix("/.") for room in untested}
    allowed = {one for one in TESTED_ELSEWHERE if one.split("/")[0] == folder}
    assert missing == allowed


@pytest.mark.parametrize(("component", "folder"), COMPONENTS.items())
def test_every_folder_of_tests_has_its_room(component: str, folder: str) -> None:
    packages = {path.parent for path in (ROOT / component).rglob("__init__.py")}
    rooms = {package.relative_to(ROOT / component).as_posix() for package in packages}
    assert _tested(folder) <= rooms


def test_there_is_no_other_folder_of_tests() -> None:
    folders = {path.parent.relative_to(TESTS).parts[:1] for path in TESTS.rglob("*.py")}
    assert folders - {()} == {(name,) for name in {*COMPONENTS.values(), *OTHER_FOLDERS}}


def test_helpers_are_imported_under_the_name_that_begins_with_tests() -> None:
    """A second way to import a helper gives a second copy of its classes and its state."""
    own = {path.stem for path in TESTS.iterdir()} - {path.stem for path in ROOT.iterdir()}
    others = [ROOT / "benchmarks", ROOT / "experiments"]
    for path in [path for folder in (TESTS, *others) for path in folder.rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            for name in names:
                assert name.split(".")[0] not in own, f"{path}:{node.lineno}: {name}"


def test_no_file_of_the_tests_is_loaded_as_two_modules() -> None:
    names = defaultdict[str, set[str]](set)
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is not None and Path(file).is_relative_to(TESTS):
            names[file].add(name)
    assert {file: twice for file, twice in names.items() if len(twice) > 1} == {}


def test_the_tests_that_the_makefile_names_are_there() -> None:
    """Of a path that is not there pytest with several workers says "no tests ran"."""
    words = [
        word
        for line in ("check", "test")
        for word in subprocess.run(
            ["make", "--dry-run", line, "CHECKED=yes"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
    ]
    named = {word.removeprefix("--ignore=") for word in words if "tests/" in word}
    assert len(named) > 20
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
