"""Signoff or its Python replaced under an editor that runs: nothing is lost, and it is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.bridge import EMOJI, Client, at, bridge, enable, lsp_records, sessions
from tests.support.cli import signoff
from tests.support.deadline import wait_until
from tests.support.installation import RUINS, install, remove, ruin
from tests.support.repository import WorkTree

from signoff_bridge.process import REPLACED

WAYS = (*RUINS, "another release")
CHANGED = "textDocument/didChange"


def replace(launcher: Path, how: str) -> None:
    """Ruin an installation, or put a release there of which the running one can import nothing."""
    if how != "another release":
        ruin(launcher, how)
        return
    (packages,) = launcher.parents[1].glob("lib/python3*/site-packages")
    for package in packages.glob("signoff_*"):
        files = [file.relative_to(package) for file in package.rglob("*.py")]
        remove(package)
        for file in files:
            (package / file).parent.mkdir(parents=True, exist_ok=True)
            (package / file).write_text("raise AttributeError('of another release')\n")


def type_in(client: Client, uri: str, version: int, text: str) -> None:
    client.change(uri, version, at(0, 0, 0, 0, text))


def install_again(launcher: Path) -> Path:
    place = launcher.parents[1]
    remove(place)
    return install(place)


def records_again(launcher: Path, file: Path) -> None:
    """Start an editor as the next one is started, and see that it records."""
    before = len(lsp_records(CHANGED)) if sessions() else 0
    with bridge([str(launcher), "lsp"]) as client:
        client.initialize()
        type_in(client, client.open(file), 2, "again ")
        wait_until(lambda: len(lsp_records(CHANGED)) > before, "the next editor to record")
        assert client.shown() == []
        assert client.quit() == 0


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Path:
    del home
    root = tmp_path / "project"
    tree = WorkTree.create(root)
    for name in ("one.py", "two.py"):
        tree.commit(name, name, "x\n")
    enable(root)
    return root


@pytest.mark.parametrize("how", WAYS)
def test_what_is_typed_before_and_after_is_kept(project: Path, tmp_path: Path, how: str) -> None:
    launcher = install(tmp_path / "venv")
    with bridge([str(launcher), "lsp"]) as client:
        client.initialize()
        uri = client.open(project / "one.py")
        type_in(client, uri, 2, f"before{EMOJI} ")
        wait_until(lambda: lsp_records(CHANGED), "the first change")
        replace(launcher, how)
        type_in(client, uri, 3, f"after{EMOJI} ")
        other = client.open(project / "two.py")
        type_in(client, other, 2, "other ")
        client.close(other)
        assert client.status()["recording"] is True
        client.close(uri)
        assert client.quit() == 0
        assert client.shown() == []
    launcher = install_again(launcher)
    for words in (["stop"], ["seal"], ["check", "last"]):
        done = signoff(*words, cwd=project)
        assert done.code == 0, done
    done = signoff("checkout", "last", "--at", "end", tmp_path / "out", cwd=project)
    assert done.code == 0, done
    done = signoff("show", "last", "--steps", "--json", cwd=project)
    typed = [row["text"] for row in map(json.loads, done.out.splitlines()) if row["kind"] == "edit"]
    assert typed == [f"before{EMOJI} ", f"after{EMOJI} ", "other "]
    records_again(launcher, project / "one.py")


@pytest.mark.parametrize("how", ["removed", "another release"])
def test_an_editor_that_can_begin_nothing_any_more_says_so_once(
    project: Path, tmp_path: Path, how: str
) -> None:
    """Nothing of a workspace was open when it happened, so parts were not loaded yet."""
    launcher = install(tmp_path / "venv")
    with bridge([str(launcher), "lsp"]) as client:
        client.initialize()
        client.status()
        replace(launcher, how)
        for name in ("one.py", "two.py"):
            type_in(client, client.open(project / name), 2, "lost ")
        wait_until(client.shown, "the sentence")
        assert REPLACED in client.status()["problems"]
        assert client.quit() == 0
        assert client.shown() == [REPLACED]
    assert not sessions()
    records_again(install_again(launcher), project / "one.py")


def test_without_its_python_an_editor_records_what_is_typed_and_names_what_is_not_watched(
    project: Path, tmp_path: Path
) -> None:
    launcher = install(tmp_path / "venv")
    with bridge([str(launcher), "lsp"]) as client:
        client.initialize()
        client.status()
        ruin(launcher, "without Python")
        type_in(client, client.open(project / "one.py"), 2, "kept ")
        wait_until(lambda: lsp_records(CHANGED), "the change")

        def problems() -> list[str]:
            client.ask("workspace/executeCommand", {"command": "signoff.status", "arguments": []})
            return [str(text) for text in client.status()["problems"]]

        wait_until(lambda: any("not watched" in text for text in problems()), "the problem")
        assert client.quit() == 0
    records_again(install_again(launcher), project / "one.py")
