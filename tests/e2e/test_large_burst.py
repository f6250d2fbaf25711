"""One git operation over thousands of files: one step that is git's, and nothing of mine lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.deadline import wait_until
from tests.support.repository import WorkTree

from signoff_collector.capture.files.file_settling import MAX_BULK_ITEMS
from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.sessions import Session, open_session
from signoff_collector.capture.sessions.starting_watcher import ensure_watcher
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.live import recorded
from signoff_collector.system.clock import SystemClock
from signoff_schemas.steps import FilesStep, GitStep, StepBase
from signoff_schemas.words import ActorClass, Owner

pytestmark = pytest.mark.slow

FILES = 3_000
MINE = "mine = 'quokka 🎉𝄞'\n"
PACKAGE = "node_modules/package-7/file 307.js"


@pytest.fixture
def tree(tmp_path: Path, home: Path) -> WorkTree:
    del home
    made = WorkTree.create(tmp_path / "work")
    made.write("src/app.py", "first = 1\n")
    made.git("add", ".")
    made.git("commit", "-q", "-m", "first")
    made.git("branch", "bare")
    for number in range(FILES):
        made.write(f"node_modules/package-{number % 50}/file {number}.js", f"value = {number}\n")
    made.git("add", ".")
    made.git("commit", "-q", "-m", "packages")
    return made


def told(session: Session, kind: RecordKind = RecordKind.FILES) -> list[dict[str, object]]:
    """Return what the file watcher told of so far."""
    return [
        dict(record.fields)
        for journal in session.journals
        if journal.name.startswith("files-")
        for record in read_journal(journal).records
        if record.kind == kind
    ]


def with_git_steps(session: Session, count: int) -> list[StepBase]:
    """Return the steps so far once that many are git's."""
    steps = list(recorded(session).steps)
    return steps if sum(isinstance(step, GitStep) for step in steps) == count else []


def test_a_checkout_of_thousands_of_files_is_one_step_of_git(tree: WorkTree) -> None:
    home, clock = resolve_home().ensure(), SystemClock()
    workspace = Workspaces(home).enable(tree.root, owner=Owner.MINE, is_confirmed=True)
    session = open_session(home, workspace, clock)
    ensure_watcher(session, home)
    wait_until(lambda: told(session, RecordKind.TREE), "the watcher")
    for number, path in enumerate(("src/app.py", PACKAGE), start=1):
        tree.write(path, MINE)
        wait_until(lambda number=number: len(told(session)) == number, f"{path} is told of")
    tree.git("checkout", "-q", "-f", "bare")
    wait_until(lambda: len(told(session)) == 3, "the checkout is told of")
    tree.git("checkout", "-q", "main")
    wait_until(lambda: len(told(session)) == 4, "the way back is told of")

    episode = wait_until(lambda: with_git_steps(session, 2), "both of git's steps")
    moved = [s for s in episode if isinstance(s, FilesStep) and (s.changed_count or 0) > 2]
    assert [(step.changed_count, step.actor.cls) for step in moved] == [
        (FILES + 1, ActorClass.GIT),
        (FILES, ActorClass.GIT),
    ]
    assert all(len(step.changed) <= MAX_BULK_ITEMS for step in moved)
    assert len(episode) < 60
    searched = recorded(session, is_hashed=False).steps
    assert [(step.seq, step.kind) for step in searched] == [
        (step.seq, step.kind) for step in episode
    ], "a moment has one name in all verbs"

    said = signoff("restore", PACKAGE, "--json", cwd=tree.root)
    points = [json.loads(line) for line in said.out.splitlines()]
    assert any("git checkout" in point["why"] for point in points), said
    back = tree.root.parent / "back.js"
    at = next(point["at"] for point in points if "git checkout" in point["why"])
    assert signoff("restore", PACKAGE, "--at", at, "--to", back, cwd=tree.root).code == 0
    assert back.read_text(encoding="utf-8") == MINE
    said = signoff("find", "quokka", "--deleted", "--json", cwd=tree.root)
    hits = [json.loads(line) for line in said.out.splitlines()]
    assert {hit["path"] for hit in hits} == {"src/app.py", PACKAGE}, said
