"""What becomes of an episode's tasks: an instance, a candidate, or a refusal that says why."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from tests.support.random_work import OPENED, work
from tests.support.repository import WorkTree
from tests.support.runs_of_tests import run_tests
from tests.support.stated_task import ASTRAL, FIX, GREEN, RED, STATEMENT, URL, StatedTask

from signoff_collector.episode.content import Episode
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.trees.whole_tree import whole_tree
from signoff_datasets.exports.swebench import task_repository
from signoff_datasets.exports.swebench.base_clone import BaseClone
from signoff_datasets.exports.swebench.task_repository import (
    Made,
    Source,
    make_instances,
    write_task_repository,
)
from signoff_schemas.errors import NotFoundError, SignoffError, UsageError
from signoff_schemas.header import Base
from signoff_schemas.steps import FilesStep
from signoff_schemas.untyped import fields_of

SHA = "ab" * 32


def made(task: StatedTask, *, base: str | None = None, is_named: bool = True) -> Made:
    source = Source(repository=task.tree.root, base=base)
    return make_instances(task.episode(is_named=is_named), SHA, source)


def test_without_runs_there_are_candidates_and_no_lists(tmp_path: Path) -> None:
    task = StatedTask.begin(tmp_path / "gauge").all()
    found = made(task)
    write_task_repository(found, tmp_path / "out")
    (one,) = found.unverified
    home = tmp_path / "out" / "candidates" / one.instance_id
    told = fields_of(json.loads((home / "signoff.json").read_text("utf-8")))
    assert told["verified"] is False
    assert told["recorded_fail_to_pass"] == [RED]
    assert told["recorded_pass_to_pass"] == [GREEN]
    assert not (home / "tests.json").exists()
    assert not (tmp_path / "out" / "tasks").exists()
    assert (home / "problem_statement.md").read_text("utf-8") == STATEMENT
    assert "return sum(prices) - discount" in (home / "gold.patch").read_text("utf-8")
    assert "test_discount" in (home / "test.patch").read_text("utf-8")
    assert f"--depth 1 {URL} {task.base}" in (home / "Dockerfile").read_text("utf-8")
    assert "FROM python:3.11.7-slim" in (home / "Dockerfile").read_text("utf-8")
    with pytest.raises(ValueError, match="no lists"):
        one.row()


def test_the_work_tree_and_the_repository_stay_as_they_are(tmp_path: Path) -> None:
    task = StatedTask.begin(tmp_path / "gauge").all()
    before = task.tree.git("status", "--porcelain"), task.tree.git("count-objects", "-v")
    made(task)
    assert before == (task.tree.git("status", "--porcelain"), task.tree.git("count-objects", "-v"))


def test_the_same_episode_gives_the_same_bytes(tmp_path: Path) -> None:
    task = StatedTask.begin(tmp_path / "gauge").all()
    for name in ("one", "other"):
        write_task_repository(made(task), tmp_path / name)
    files = [
        {path.relative_to(tmp_path / name): path.read_bytes() for path in found if path.is_file()}
        for name in ("one", "other")
        for found in [sorted((tmp_path / name).rglob("*"))]
    ]
    assert files[0] == files[1]
    assert str(tmp_path).encode() not in b"".join(files[0].values())


def unstated(task: StatedTask) -> None:
    task.open()
    task.write_test()
    task.fix()


def stated_in_review(task: StatedTask) -> None:
    task.stated = "review"
    task.state()
    unstated(task)


def stated_by_commit(task: StatedTask) -> None:
    task.state(origin="commit")
    unstated(task)


def statement_with_the_fix(task: StatedTask) -> None:
    task.state(f"write `return sum(prices) - discount` {ASTRAL}")
    unstated(task)


def nothing_changed(task: StatedTask) -> None:
    task.state()
    task.open()
    run_tests(task.typist, {GREEN: "passed"})


def only_tests(task: StatedTask) -> None:
    task.state()
    task.open()
    task.write_test()


def no_test_run(task: StatedTask) -> None:
    task.state()
    task.open()
    task.typist.edit("shop.py", *FIX)
    task.typist.save("shop.py")


def other_runner(task: StatedTask) -> None:
    no_test_run(task)
    run_tests(task.typist, {"TestShop": "passed"}, framework="go")


def content_missing(task: StatedTask) -> None:
    task.state()
    unstated(task)
    changed = ({"path": "gone.bin", "sha256": "0" * 64, "without_content": True},)
    task.typist.add(FilesStep, changed=changed, changed_count=1)


def no_unicode(task: StatedTask) -> None:
    task.state()
    unstated(task)
    blob = task.typist.blob("caf\u00e9\n".encode("latin-1"))
    task.typist.add(FilesStep, changed=({"path": "a.txt", "blob": blob},), changed_count=1)


def holds_a_marker(task: StatedTask) -> None:
    task.state()
    task.open()
    task.write_test("\n\ndef test_discount():\n    print('>>>>> End Test Output')\n")
    task.fix()


@pytest.mark.parametrize(
    ("reason", "way"),
    [
        ("no_statement", unstated),
        ("stated_late", stated_in_review),
        ("stated_late", stated_by_commit),
        ("statement_tells", statement_with_the_fix),
        ("patch_empty", nothing_changed),
        ("test_only", only_tests),
        ("no_tests", no_test_run),
        ("other_runner", other_runner),
        ("contents_missing", content_missing),
        ("unreadable", no_unicode),
        ("unreadable", holds_a_marker),
    ],
)
def test_what_can_be_no_instance_is_refused_with_the_reason(
    tmp_path: Path, reason: str, way: Callable[[StatedTask], None]
) -> None:
    task = StatedTask.begin(tmp_path / "gauge")
    way(task)
    found = made(task)
    assert found.left_out() == {reason: 1}, found.refused
    assert not found.unverified
    write_task_repository(found, tmp_path / "out")
    told = json.loads((tmp_path / "out" / "refused.json").read_text("utf-8"))
    assert [one["reason"] for one in told] == [reason]


def test_words_that_came_after_the_first_edit_are_refused(tmp_path: Path) -> None:
    task = StatedTask.begin(tmp_path / "gauge")
    task.stated = "during"
    task.open()
    task.write_test()
    task.state()
    task.fix()
    assert made(task).left_out() == {"no_statement": 1, "stated_late": 1}


def test_a_start_that_was_not_the_commit_is_refused(tmp_path: Path) -> None:
    task = StatedTask.begin(tmp_path / "gauge")
    blob = task.typist.blob(f"dirty {ASTRAL}\n".encode())
    changed = ({"path": "README.md", "blob": blob},)
    task.typist.add(FilesStep, changed=changed, changed_count=1, is_base=True)
    task.state()
    unstated(task)
    assert made(task).left_out() == {"start_differs": 1}


def test_without_a_named_repository_the_base_has_to_be_given(tmp_path: Path) -> None:
    task = StatedTask.begin(tmp_path / "gauge").all()
    true, task.base = task.base, "commit-0123456789ab"
    assert made(task, is_named=False).left_out() == {"base_unknown": 1}
    (one,) = made(task, base=true, is_named=False).unverified
    assert one.repo == "signoff/workspace-0123456789ab"
    assert "COPY repository /testbed" in one.dockerfile()


SECRET = f"key = 'not to be seen {ASTRAL}'\n"


@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize("way", ["placeholder", "by a command"])
def test_what_the_episode_masks_or_never_saw_is_in_no_patch(
    tmp_path: Path, way: str, is_named: bool
) -> None:
    """A file of the commit holds a secret; the episode shows a mask, or the file without it."""
    task = StatedTask.begin(tmp_path / "gauge")
    task.tree.write("keys.py", SECRET)
    task.tree.git("add", "-A")
    task.tree.git("commit", "-q", "-m", "Keys")
    task.base = task.tree.head
    task.state()
    unstated(task)
    text = "key = 'MASK-1'\n" if way == "placeholder" else "key = None\n"
    changed = ({"path": "keys.py", "blob": task.typist.blob(text.encode())},)
    task.typist.add(FilesStep, changed=changed, changed_count=1)
    episode = task.episode(is_named=is_named)
    header = episode.header.model_copy(update={"masks": {"MASK-1": "rule"}})
    source = Source(repository=task.tree.root, base=task.base)
    found = make_instances(replace(episode, header=header), SHA, source)
    is_public = is_named and way != "placeholder"
    assert found.left_out() == ({} if is_public else {"masked": 1})
    if not is_public:
        write_task_repository(found, tmp_path / "out")
        written = b"".join(p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file())
        assert b"not to be seen" not in written


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> WorkTree:
    """Make a repository that random work begins with."""
    with pytest.MonkeyPatch.context() as patch:
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "Ada Example")
            patch.setenv(f"GIT_{who}_EMAIL", "ada@example.org")
        tree = WorkTree.create(tmp_path_factory.mktemp("opened") / "repo")
        for path, text in OPENED.items():
            tree.write(path, text)
        tree.git("add", "-A")
        tree.git("commit", "-q", "-m", "first")
    return tree


@pytest.mark.slow
@settings(max_examples=40)
@given(episode=work() | work(is_task=True))
def test_both_patches_of_any_work_lead_to_its_recorded_files(
    opened: WorkTree, episode: Episode
) -> None:
    source = Source(repository=opened.root, base=opened.head)
    base = Base(commit=opened.head, repository=URL)
    header = episode.header.model_copy(update={"base": base})
    found = make_instances(replace(episode, header=header), SHA, source)
    for reason in ("an instance" if found.unverified else "", *found.left_out()):
        event(reason)
    for one in found.unverified:
        moments = Moments(episode)
        with tempfile.TemporaryDirectory() as folder:
            clone = BaseClone.take(opened.root, opened.head, Path(folder, "clone"))
            end = whole_tree(moments, one.candidate.task.last, clone, is_disk=True)
            recorded = clone.tree_of(end.files)
            clone.apply(one.candidate.patch)
            clone.apply(one.candidate.test_patch)
            clone.git("add", "-A")
            assert clone.git("write-tree").decode().strip() == recorded
        assert one.candidate.patch
        assert one.candidate.task.statement not in one.candidate.patch


def test_where_there_is_no_repository_it_is_said(tmp_path: Path) -> None:
    task = StatedTask.begin(tmp_path / "gauge").all()
    with pytest.raises(NotFoundError, match="not a git repository"):
        make_instances(task.episode(), SHA, Source(repository=tmp_path / "nothing"))


def test_a_fault_while_writing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = StatedTask.begin(tmp_path / "gauge").all()
    found = made(task)
    home = tmp_path / "home"
    home.mkdir()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(task_repository.os, "replace", full)
    with pytest.raises(SignoffError, match="No space left"):
        write_task_repository(found, home / "out")
    assert list(home.iterdir()) == []
    (home / "out").mkdir()
    (home / "out" / "mine").write_text(ASTRAL, "utf-8")
    with pytest.raises(UsageError, match="not empty"):
        write_task_repository(found, home / "out")
    assert [path.name for path in home.rglob("*")] == ["out", "mine"]
