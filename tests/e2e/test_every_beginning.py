"""However a session begins, its disk and git are watched from then on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.collector.capture.git.test_git_watch_process import is_watched
from tests.support.agents import FakeAgent
from tests.support.bridge import EMOJI, at, bridge, enable
from tests.support.cli import signoff
from tests.support.deadline import wait_until
from tests.support.repository import WorkTree
from tests.support.shells import Shell, needs_shell

from signoff_collector.capture.sessions.sessions import Session, list_sessions
from signoff_collector.installation.agent_hooks import hook_command
from signoff_collector.installation.launcher import launcher_path
from signoff_collector.own_files.home import Home, resolve_home

pytestmark = pytest.mark.slow

Beginning = Callable[[Path, Path], Iterator[None]]


@contextmanager
def by_task(folder: Path, _: Path) -> Iterator[None]:
    assert signoff("task", "mend it", cwd=folder).code == 0
    yield


@contextmanager
def by_note(folder: Path, _: Path) -> Iterator[None]:
    assert signoff("note", EMOJI, cwd=folder).code == 0
    yield


@contextmanager
def by_run(folder: Path, _: Path) -> Iterator[None]:
    assert signoff("run", "--", "true", cwd=folder).code == 0
    yield


@contextmanager
def by_shell(folder: Path, place: Path) -> Iterator[None]:
    needs_shell("bash")
    with Shell("bash", folder, place / "rc") as shell:
        shell.said("echo typed", b"typed")
        yield


@contextmanager
def by_agent(folder: Path, _: Path) -> Iterator[None]:
    told = FakeAgent(name="claude-code", cwd=folder).payload("SessionStart", source="startup")
    command = hook_command(launcher_path(), "claude-code")
    import json

    subprocess.run(["sh", "-c", command], input=json.dumps(told).encode(), check=True, cwd=folder)
    yield


@contextmanager
def by_editor(folder: Path, _: Path) -> Iterator[None]:
    with bridge() as client:
        client.initialize()
        uri = client.open(folder / "shop.py")
        client.change(uri, 2, at(0, 0, 0, 0, EMOJI))
        yield
        client.quit()


BEGINNINGS = (by_task, by_note, by_run, by_shell, by_agent, by_editor)


@pytest.fixture
def tree(tmp_path: Path) -> WorkTree:
    made = WorkTree.create(tmp_path / "work")
    made.commit("first", "shop.py", f"one {EMOJI}\n")
    return made


@pytest.mark.parametrize("begin", BEGINNINGS, ids=lambda begin: begin.__name__)
def test_what_is_stashed_then_can_be_restored(
    home: Path, tree: WorkTree, tmp_path: Path, begin: Beginning
) -> None:
    """Edit with a program that tells nothing, `git stash`, `restore`: the words are there."""
    enable(tree.root)
    with begin(tree.root, tmp_path):  # type: ignore[attr-defined]
        session = wait_until(lambda: _session(resolve_home()), "a session to begin")
        wait_until(lambda: is_watched(session), "the watcher to hold its lock")
        wait_until((session.folder / "watch.json").exists, "the watcher to look")
        (tree.root / "shop.py").write_text(f"lost words {EMOJI}\n")
        wait_until(lambda: _kept(session, "lost words"), "the text to be kept")
        tree.git("stash")
        wait_until(
            lambda: "lost words" in signoff("find", "lost words", "--deleted", cwd=tree.root).out,
            "the words to be found",
        )
        said = signoff("restore", "shop.py", cwd=tree.root)
        assert "nothing was recorded" not in said.out + said.err
        assert said.code == 0, said
    signoff("stop", cwd=tree.root)


def _session(home: Home) -> Session | None:
    return next(iter(list_sessions(home)), None)


def _kept(session: Session, words: str) -> bool:
    return any(
        words.encode() in path.read_bytes()
        for path in session.folder.rglob("*")
        if path.is_file() and os.access(path, os.R_OK)
    )
