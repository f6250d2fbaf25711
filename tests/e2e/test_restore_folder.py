"""A workspace as it was at a moment: real bridge, git and file watcher; and taken back again."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support.bridge import BRIDGE, Client, at, bridge, enable, sessions
from tests.support.cli import Said, forget, signoff
from tests.support.deadline import wait_until
from tests.support.repository import WorkTree
from tests.support.torture import Torture, project
from tests.support.tree_session import Snapshot, snapshot

from signoff_collector.capture.sessions.sessions import end_session
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock

pytestmark = pytest.mark.slow

BEASTS = "\U0001f98a\U0001d11e"


class Day:
    """A repository at work, its tree at one moment remembered, then changed in every way."""

    def __init__(self, torture: Torture, client: Client) -> None:
        self.torture = torture
        self.client = client
        self.then: Snapshot = {}
        self.moment = ""
        self.now: Snapshot = {}

    @property
    def root(self) -> Path:
        return self.torture.root

    def restore(self, *words: str) -> Said:
        return signoff("restore", *words, cwd=self.root)

    def remember(self) -> None:
        """Take the tree as it is, and a moment by which all of it was recorded."""
        self.torture.told_all()
        self.client.status()
        self.then = snapshot(self.root)
        self.moment = f"time:{datetime.now().astimezone().isoformat()}"

    def wreck(self) -> None:
        """Change, add, delete, rename, make executable; commit; add what git ignores."""
        root = self.root
        for name in ("a.py", "src/b.py"):
            (root / name).write_text(f"rewritten by a script {BEASTS}\n")
        (root / "new.py").write_text("was not there\n")
        (root / "bare.txt").unlink()
        (root / "dirty.txt").unlink()
        (root / "moved/d.py").rename(root / "moved/dd.py")
        (root / "tool.sh").chmod(0o644)
        self.torture.told()
        self.torture.git("commit", "-qam", "worse")
        (root / "build").mkdir()
        (root / "build/out.txt").write_text("ignored\n")
        (root / ".env").write_text("KEY=1\n")
        self.torture.told_all()
        self.now = snapshot(root)


def without(tree: Snapshot, *names: str) -> Snapshot:
    return {
        path: held
        for path, held in tree.items()
        if path not in names and not path.startswith("told-")
    }


@pytest.fixture
def day(tmp_path: Path, home: Path) -> Iterator[Day]:
    del home
    tree = project(tmp_path)
    enable(tree.root)
    with bridge(BRIDGE) as client:
        client.initialize()
        client.notify("signoff/hello", {"name": "keyboard", "version": "1", "protocol": 1})
        client.open(tree.root / "a.py")
        made = Day(Torture(tree), client)
        made.torture.told()
        made.remember()
        yield made


LEFT = ("build/out.txt", ".env")


def test_the_workspace_comes_back_and_goes_again(day: Day) -> None:
    day.wreck()
    shown = day.restore(".", "--at", day.moment, "--dry-run")
    assert shown.code == 0, shown
    for line in ("change  a.py", "change  src/b.py", "add     bare.txt", "add     dirty.txt",
                 "add     moved/d.py", "remove  moved/dd.py", "remove  new.py",
                 "change  tool.sh", "8 files: 3 added, 3 changed, 2 removed."):  # fmt: skip
        assert line in shown.out, (line, shown)
    assert snapshot(day.root) == day.now
    assert day.restore(".", "--at", day.moment).code == 2  # nobody to ask
    assert snapshot(day.root) == day.now

    said = day.restore(".", "--at", day.moment, "--yes", "--json")
    assert said.code == 0, said
    assert without(snapshot(day.root), *LEFT) == without(day.then)
    assert (day.root / "build/out.txt").read_text() == "ignored\n"
    assert (day.root / ".env").read_text() == "KEY=1\n"

    undone = day.restore("--undo", "--yes")
    assert undone.code == 0, undone
    assert without(snapshot(day.root)) == without(day.now)
    again = day.restore("--undo", "--yes")  # takes the undo back
    assert again.code == 0, again
    assert without(snapshot(day.root), *LEFT) == without(day.then)


def test_a_session_that_is_over_gives_the_same(day: Day) -> None:
    day.wreck()
    assert signoff("stop", cwd=day.root).code == 0
    (session,) = sessions()
    end_session(resolve_home(), session)
    wait_until(lambda: session.is_over(SystemClock()), "the session to be over")
    said = day.restore(".", "--at", day.moment, "--yes")
    assert said.code == 0, said
    assert without(snapshot(day.root), *LEFT) == without(day.then)
    undone = day.restore("--undo", "--yes")
    assert undone.code == 0, undone
    assert without(snapshot(day.root)) == without(day.now)


def test_a_folder_without_git_comes_back(tmp_path: Path, home: Path) -> None:
    del home
    root = tmp_path / "plain"
    (root / "docs").mkdir(parents=True)
    (root / "docs/a.md").write_text(f"there before {BEASTS}\n")
    (root / "docs/b.md").write_text("also\n")
    enable(root)
    with bridge(BRIDGE) as client:
        client.initialize()
        client.open(root / "docs/a.md")
        day = Day(Torture(WorkTree(root)), client)
        day.remember()
        (root / "docs/a.md").write_text("rewritten\n")
        (root / "docs/b.md").unlink()
        (root / "docs/c.md").write_text("new\n")
        day.torture.told_all()
        said = day.restore("docs", "--at", day.moment, "--yes")
        assert said.code == 0, said
    assert without(snapshot(root)) == without(day.then)


def test_a_folder_is_brought_back_alone(day: Day) -> None:
    day.wreck()
    said = day.restore("src/", "--at", day.moment.removeprefix("time:"), "--yes")
    assert said.code == 0, said
    assert (day.root / "src/b.py").read_bytes() == day.then["src/b.py"][1]
    assert (day.root / "a.py").read_text().startswith("rewritten")
    assert not (day.root / "dirty.txt").exists()


def test_a_folder_that_is_gone_comes_back(day: Day) -> None:
    shutil.rmtree(day.root / "src")
    day.torture.told_all()
    listed = day.restore("src/", "--json")
    assert listed.code == 0, listed
    said = day.restore("src/", "--at", day.moment, "--yes")
    assert said.code == 0, said
    assert without(snapshot(day.root)) == without(day.then)


def _rows(day: Day, path: str) -> list[dict[str, Any]]:
    said = day.restore(path, "--json")
    assert said.code == 0, said
    return [json.loads(line) for line in said.out.splitlines()]


@pytest.mark.parametrize("name", ["clean", "clean/"])
def test_a_deleted_folder_is_listed_and_comes_back(day: Day, name: str) -> None:
    (day.root / "clean/deep").mkdir(parents=True)
    (day.root / "clean/deep/a.txt").write_text("a\n")
    (day.root / "clean/b.txt").write_text("b\n")
    day.torture.told_all()
    shutil.rmtree(day.root / "clean")
    day.torture.told_all()
    (wanted,) = [one for one in _rows(day, name) if "clean" in one["why"] or "2 fi" in one["why"]][
        :1
    ]
    said = day.restore(name, "--at", wanted["at"], "--yes")
    assert said.code == 0, said
    assert (day.root / "clean/deep/a.txt").read_text() == "a\n"
    assert (day.root / "clean/b.txt").read_text() == "b\n"
    assert day.restore("cleaner").code == 10
    (day.root / "clean/deep/own").mkdir()
    assert day.restore("--undo", "--yes").code == 0
    assert [path.name for path in (day.root / "clean").rglob("*")] == ["deep", "own"], "not ours"
    (day.root / "clean/deep/own").rmdir()
    assert day.restore("--undo", "--yes").code == 0
    assert (day.root / "clean/deep/a.txt").exists()
    assert day.restore("--undo", "--yes").code == 0
    assert not (day.root / "clean").exists()


@pytest.mark.parametrize("is_slow", [False, True])
def test_before_git_reset_is_before_its_files_and_a_restore_is_one_row(
    day: Day, *, is_slow: bool
) -> None:
    if is_slow:  # a filter like git-lfs, or a busy disk: the last file is a burst of its own
        day.torture.tree.git("config", "filter.slow.smudge", "sleep 0.36; cat")
        (day.root / ".git/info").mkdir(exist_ok=True)
        (day.root / ".git/info/attributes").write_text("src/8.txt filter=slow\n")
    names = [f"src/{number}.txt" for number in range(9)]
    for name in names:
        (day.root / name).write_text("committed\n")
    day.torture.told_all()
    day.torture.tree.git("add", "-A")
    day.torture.git("commit", "-qm", "nine")
    for name in names:
        (day.root / name).write_text(f"mine {BEASTS} {name}\n")
    day.torture.told_all()
    day.torture.git("reset", "-q", "--hard")
    day.torture.told_all()
    rows = _rows(day, "src")
    (reset,) = [one for one in rows if "git reset" in one["why"]]
    (single,) = [one for one in _rows(day, names[0]) if "git reset" in one["why"]]
    assert reset["at"] == single["at"]
    said = day.restore("src", "--at", reset["at"], "--yes")
    assert said.code == 0, said
    for name in names:
        assert (day.root / name).read_text() == f"mine {BEASTS} {name}\n"
    day.torture.told_all()
    after = _rows(day, "src")
    assert [one["why"] for one in after[1 : len(after) - len(rows) + 1]] == [
        "before a restore: 9 files"
    ]
    said = day.restore("src", "--at", after[1]["at"], "--yes")
    assert said.code == 0, said
    assert {(day.root / name).read_text() for name in names} == {"committed\n"}
    own = [one["why"] for one in _rows(day, names[0])]
    assert "before a restore" in own, own


def test_the_question_for_a_folder_says_what_it_shows(day: Day) -> None:
    said = day.restore(".")
    assert "Shows the files that would change, then asks: signoff restore ." in said.out


def test_work_that_was_never_recorded_is_not_written_over_unless_said(day: Day) -> None:
    day.wreck()
    assert signoff("pause", cwd=day.root).code == 0
    (day.root / "src/b.py").write_text("written while paused\n")
    said = day.restore(".", "--at", day.moment, "--yes")
    assert said.code == 13, said
    assert "src/b.py: holds changes that were never recorded" in said.err
    assert snapshot(day.root) == {**day.now, "src/b.py": ("100644", b"written while paused\n")}
    said = day.restore(".", "--at", day.moment, "--yes", "--overwrite")
    assert said.code == 0, said
    (day.root / "a.py").write_text("newer than the restore\n")
    said = day.restore("--undo", "--yes")
    assert said.code == 13, said
    assert "changed after that restore" in said.err
    said = day.restore("--undo", "--yes", "--overwrite")
    assert said.code == 0, said
    assert (day.root / "src/b.py").read_text() == "written while paused\n"


def test_unsaved_text_in_an_editor_is_named_and_not_written_over(day: Day) -> None:
    day.wreck()
    uri = day.client.open(day.root / "src/b.py")
    day.client.change(uri, 2, at(0, 0, 0, 0, f"typed {BEASTS} "))
    day.client.status()
    said = day.restore("src", "--at", day.moment, "--yes")
    assert said.code == 13, said
    assert "src/b.py: has unsaved text in an editor" in said.err


def test_no_link_is_followed(day: Day, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.copytree(day.root / "src", outside)
    (outside / "b.py").write_text("not ours\n")
    shutil.rmtree(day.root / "src")
    (day.root / "src").symlink_to(outside)
    day.torture.told_all()
    day.restore(".", "--at", day.moment, "--yes", "--overwrite")
    assert (outside / "b.py").read_text() == "not ours\n"


def test_what_a_restore_replaced_is_private_and_forgotten(day: Day) -> None:
    day.wreck()
    assert day.restore(".", "--at", day.moment, "--yes").code == 0
    (kept,) = (resolve_home().state / "undo").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert b"rewritten by a script" in kept.read_bytes()
    (session,) = sessions()
    assert ["signoff", "restore", "."] in [
        list(row.get("argv", ()))[:3]
        for row in map(
            json.loads, signoff("show", "live", "--steps", "--json", cwd=day.root).out.splitlines()
        )
    ]
    assert session.root == day.root
    done = forget("--path", "a.py", "--yes", cwd=day.root)
    assert done.code == 0, done
    assert not kept.exists()
    assert day.restore("--undo").code == 10


def test_one_file_is_taken_back_too(day: Day) -> None:
    day.wreck()
    assert day.restore("a.py", "--at", day.moment, "--yes").code == 0
    assert (day.root / "a.py").read_bytes() == day.then["a.py"][1]
    said = day.restore("--undo", "--yes")
    assert said.code == 0, said
    assert (day.root / "a.py").read_text().startswith("rewritten")
