"""Woken by git, and by nothing else; without the kernel's help nothing but the time is lost."""

from __future__ import annotations

import shutil
from pathlib import Path
from threading import Event

import pytest
from tests.support.repository import WorkTree, listing

from signoff_collector.capture.git import git_waking
from signoff_collector.capture.git.git_repository import find_repository
from signoff_collector.capture.git.git_waking import GitWaker

LONG_S = 3600.0
"""A test that waits for it does not end."""


@pytest.fixture
def tree(tmp_path: Path) -> WorkTree:
    made = WorkTree.create(tmp_path / "work 🎈𝄞")
    made.commit("first")
    return made


@pytest.fixture
def waker(tree: WorkTree) -> GitWaker:
    made = GitWaker()
    made.follow(find_repository(tree.root))
    return made


def is_woken(waker: GitWaker) -> bool:
    """Say whether something is told already: the kernel queues an event before the call ends."""
    return waker.wait(0.01, Event())


@pytest.mark.parametrize(
    "operation",
    [
        ("commit", "-q", "--allow-empty", "-m", "second 🎉"),
        ("checkout", "-q", "-b", "topic"),
        ("reset", "-q", "--soft", "HEAD"),
        ("switch", "-q", "--detach"),
    ],
    ids=lambda words: words[0],
)
def test_git_wakes_at_once(tree: WorkTree, waker: GitWaker, operation: tuple[str, ...]) -> None:
    tree.git(*operation)
    before = listing(tree.root / ".git")
    assert waker.wait(LONG_S, Event())
    assert not is_woken(waker), "told once"
    waker.close()
    assert listing(tree.root / ".git") == before


def test_what_moves_no_head_wakes_nobody(tree: WorkTree, waker: GitWaker) -> None:
    tree.write("notes.txt", "dirty 🎉𝄞")
    tree.git("add", ".")
    tree.git("status")
    tree.git("branch", "other")
    tree.git("tag", "v1")
    assert not is_woken(waker)
    waker.close()


def test_a_rebase_wakes_when_it_is_over(tree: WorkTree, waker: GitWaker) -> None:
    tree.git("checkout", "-q", "-b", "topic")
    tree.commit("theirs", text="theirs 🎉\n")
    tree.git("checkout", "-q", "main")
    tree.commit("ours", text="ours 𝄞\n")
    assert waker.wait(LONG_S, Event())
    tree.git("rebase", "topic", may_fail=True)
    assert not is_woken(waker), "it stopped half-way"
    tree.git("rebase", "--abort")
    assert waker.wait(LONG_S, Event())
    waker.close()


def test_a_repository_that_is_made_anew_is_followed(tree: WorkTree, waker: GitWaker) -> None:
    shutil.rmtree(tree.root / ".git")
    assert is_woken(waker), "HEAD is gone"
    tree.git("init", "-q", "-b", "main")
    tree.commit("new 🎉")
    waker.follow(find_repository(tree.root))
    tree.commit("newer 𝄞")
    assert waker.wait(LONG_S, Event())
    waker.close()


def test_locks_that_stay_are_not_waited_for_longer_than_a_look(
    tree: WorkTree, waker: GitWaker
) -> None:
    tree.commit("second 🎉")
    (tree.root / ".git" / "index.lock").touch()
    assert waker.wait(0.05, Event())
    waker.close()


def test_without_inotify_the_time_is_waited_for(
    tree: WorkTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise OSError(24, "too many of them")

    monkeypatch.setattr(git_waking, "Inotify", refuse)
    waker = GitWaker()
    waker.follow(find_repository(tree.root))
    tree.commit("second 🎉")
    assert not is_woken(waker)
    ended = Event()
    ended.set()
    assert not waker.wait(LONG_S, ended)
    waker.close()
