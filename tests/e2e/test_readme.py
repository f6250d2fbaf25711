"""The commands that the README tells a new user to type do what it says beside them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from tests.support.cli import Said, signoff
from tests.support.deadline import wait_until
from tests.support.repository import WorkTree
from tests.support.setup import put

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
OLD = "def parse_header(line):\n    return line.split(':')\n"
NEW = "def parse(line):\n    return line\n"
UNASKED = ("setup", "enable", "forget", "uninstall")
"""Verbs that ask; nobody is there to answer."""


def commands(*headings: str) -> list[list[str]]:
    """Return what stands in the blocks under some headings, without comments."""
    page = (ROOT / "README.md").read_text("utf-8")
    parts = re.split(r"^## (.*)$", page, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    blocks = [re.findall(r"```sh\n(.*?)```", sections[one], re.DOTALL) for one in headings]
    lines = [
        line
        for found in blocks
        for block in found
        for line in block.replace(" && ", "\n").splitlines()
    ]
    return [words for line in lines if (words := shlex.split(line, comments=True))]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WorkTree:
    user = tmp_path / "ada"
    put(tmp_path / "bin" / "pytest", b"#!/bin/sh\necho 1 passed\n", mode=0o755)
    user.mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(user))
    monkeypatch.setenv("SHELL", "/bin/bash")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    tree = WorkTree.create(user / "projects" / "parser")
    tree.commit("first", "src/app.py", OLD)
    return tree


def typed(words: list[str], cwd: Path) -> Said:
    more = ["--yes"] if words[1] in UNASKED or "--n" in words else []
    return signoff(*words[1:], *more, cwd=cwd)


def test_what_the_readme_says_to_type_works(home: Path, project: WorkTree) -> None:
    installing = [words for words in commands("Install") if words[0] == "signoff"]
    assert [words[1] for words in installing] == ["setup", "enable"]
    for words in installing:
        assert typed(words, project.root).code == 0, words
    file = project.root / "src" / "app.py"
    assert signoff("note", "so that a session goes on", cwd=project.root).code == 0
    _wait_for("so that a session", project.root)
    file.write_text(OLD + "# mine\n")
    _wait_for("# mine", project.root)
    file.write_text(NEW)
    _wait_for("def parse(line)", project.root)
    for words in commands("Use"):
        said = typed(words, project.root)
        assert said.code == 0, (words, said)
        if words[1] == "find":
            assert "def parse_header" in said.out
        if "--n" in words:
            assert file.read_text("utf-8") == OLD + "# mine\n"
            file.write_text(NEW + "# again\n")
            _wait_for("# again", project.root)
    for words in commands("Take it away"):
        said = typed(words, project.root)
        assert said.code in ({0, 3} if words[1] == "forget" else {0}), (words, said)


def _wait_for(words: str, folder: Path) -> None:
    wait_until(lambda: words in signoff("find", words, cwd=folder).out, f"{words} to be found")
