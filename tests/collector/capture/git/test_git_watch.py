"""The watcher's eyes: every operation of real git, in every kind of repository."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.repository import WorkTree, listing

from signoff_collector.capture.git.git import Git
from signoff_collector.capture.git.git_facts import read_status, work_tree_facts
from signoff_collector.capture.git.git_operations import GitOperation
from signoff_collector.capture.git.git_refs import reflog_from_git
from signoff_collector.capture.git.git_repository import find_repository, read_reflog
from signoff_collector.capture.git.git_watch import SETTLING_LOOKS, GitWatcher, step_fields
from signoff_schemas.steps import parse_step


@pytest.fixture
def tree(tmp_path: Path) -> WorkTree:
    made = WorkTree.create(tmp_path / "work")
    made.commit("first")
    return made


def seen(tree: WorkTree, *actions: Callable[[], object]) -> list[GitOperation]:
    """Return what one look finds after some actions."""
    watcher = GitWatcher(tree.root)
    for action in actions:
        action()
    return list(watcher.look().operations)


def names(found: list[GitOperation]) -> list[str]:
    return [item.operation for item in found]


def test_nothing_is_seen_when_nothing_happens(tree: WorkTree) -> None:
    tree.git("status")
    tree.git("log")
    assert seen(tree, lambda: tree.write("notes.txt", "changed"), lambda: tree.git("diff")) == []


def test_a_commit_is_seen_once(tree: WorkTree) -> None:
    before = tree.head
    watcher = GitWatcher(tree.root)
    after = tree.commit("second 🎉")
    (found,) = watcher.look().operations
    assert (found.operation, found.head_before, found.head_after) == ("commit", before, after)
    assert found.branch == "main"
    assert watcher.look().operations == ()


def test_a_commit_carries_parents_message_index_tree_and_counts(tree: WorkTree) -> None:
    before = tree.head
    watcher = GitWatcher(tree.root)
    tree.commit("second 🎉\n\nwith a body 𝄞")
    tree.write("untracked.txt")
    tree.write("notes.txt", "dirty")
    (body,) = step_fields(Git(tree.root), watcher.look())
    assert body["parents"] == [before]
    assert body["message"] == "second 🎉\n\nwith a body 𝄞"
    assert body["index_tree"] == tree.git("rev-parse", "HEAD^{tree}")
    assert body["dirty"] == {"staged": 0, "unstaged": 1, "untracked": 1, "conflicted": 0}
    step = parse_step({"seq": 0, "t_ns": 0, "source": "git", **body})
    assert step.model_dump()["operation"] == "commit"


def test_the_index_tree_is_what_git_would_write(tree: WorkTree) -> None:
    for name in ("a/b/c.txt", "a.txt", "a/b.txt", "a-b/x.txt", "é 🎉.txt"):
        tree.write(name)
    tree.write("run.sh").chmod(0o755)
    tree.git("add", ".")
    facts = work_tree_facts(Git(tree.root), tree.head)
    assert facts["index_tree"] == tree.git("write-tree")


def test_amend(tree: WorkTree) -> None:
    assert names(seen(tree, lambda: tree.git("commit", "--amend", "-q", "-m", "other"))) == [
        "amend"
    ]


def test_checkout_of_a_branch_that_exists(tree: WorkTree) -> None:
    tree.git("branch", "topic")
    (found,) = seen(tree, lambda: tree.git("checkout", "-q", "topic"))
    assert (found.operation, found.branch) == ("checkout", "topic")


def test_a_branch_made_by_checking_it_out_is_one_step(tree: WorkTree) -> None:
    (found,) = seen(tree, lambda: tree.git("switch", "-q", "-c", "feature/one"))
    assert (found.operation, found.branch) == ("checkout", "feature/one")


def test_detached_head_has_no_branch(tree: WorkTree) -> None:
    tree.commit("second")
    (found,) = seen(tree, lambda: tree.git("checkout", "-q", "HEAD~1"))
    assert (found.operation, found.branch) == ("checkout", None)


def test_branch_made_moved_deleted(tree: WorkTree) -> None:
    tree.commit("second")
    watcher = GitWatcher(tree.root)
    said = []
    for arguments in (("topic",), ("-f", "topic", "HEAD~1"), ("-D", "topic")):
        tree.git("branch", "-q", *arguments)
        (found,) = watcher.look().operations
        said.append((found.operation, found.message, found.branch))
    assert said == [
        ("branch", "created: topic", "main"),
        ("branch", "moved: topic", "main"),
        ("branch", "deleted: topic", "main"),
    ]


def test_renaming_the_branch_is_one_step(tree: WorkTree) -> None:
    found = seen(tree, lambda: tree.git("branch", "-m", "trunk"))
    assert [(item.operation, item.branch) for item in found] == [("branch", "trunk")]


def diverge(tree: WorkTree) -> None:
    tree.git("switch", "-q", "-c", "topic")
    tree.commit("on topic", "topic.txt")
    tree.commit("more on topic", "more.txt")
    tree.git("switch", "-q", "main")
    tree.commit("on main", "main.txt")


def test_merge_with_and_without_a_commit(tree: WorkTree) -> None:
    diverge(tree)
    (merged,) = seen(tree, lambda: tree.git("merge", "-q", "--no-edit", "topic"))
    assert merged.operation == "merge"
    tree.git("switch", "-q", "topic")
    (forwarded,) = seen(tree, lambda: tree.git("merge", "-q", "main"))
    assert (forwarded.operation, forwarded.branch) == ("merge", "topic")


def test_rebase_is_one_step_and_ends_on_its_branch(tree: WorkTree) -> None:
    diverge(tree)
    tree.git("switch", "-q", "topic")
    before = tree.head
    (found,) = seen(tree, lambda: tree.git("rebase", "-q", "main"))
    assert (found.operation, found.branch) == ("rebase", "topic")
    assert (found.head_before, found.head_after) == (before, tree.head)


def conflict(tree: WorkTree) -> None:
    tree.git("switch", "-q", "-c", "topic")
    tree.commit("on topic", text="topic 🎉\n")
    tree.git("switch", "-q", "main")
    tree.commit("on main", text="main 𝄞\n")
    tree.git("switch", "-q", "topic")


def test_a_rebase_that_stops_is_told_after_a_while_and_its_abort_too(tree: WorkTree) -> None:
    conflict(tree)
    watcher = GitWatcher(tree.root)
    tree.git("rebase", "main", may_fail=True)
    looks = [watcher.look().operations for _ in range(20)]
    assert [names(list(found)) for found in looks if found] == [["rebase"]]
    assert looks[0] == ()
    tree.git("rebase", "--abort")
    (aborted,) = watcher.look().operations
    assert (aborted.operation, aborted.branch) == ("rebase", "topic")


def test_a_merge_with_conflict_is_a_merge_when_it_is_committed(tree: WorkTree) -> None:
    conflict(tree)
    watcher = GitWatcher(tree.root)
    tree.git("merge", "main", may_fail=True)
    assert watcher.look().operations == ()
    assert work_tree_facts(Git(tree.root), tree.head)["dirty"] == {
        "staged": 0,
        "unstaged": 0,
        "untracked": 0,
        "conflicted": 1,
    }
    tree.write("notes.txt", "both\n")
    tree.git("commit", "-q", "-a", "--no-edit")
    (found,) = watcher.look().operations
    assert found.operation == "merge"


def test_reset_revert_and_cherry_pick(tree: WorkTree) -> None:
    second = tree.commit("second", "two.txt")
    actions = {
        "revert": lambda: tree.git("revert", "--no-edit", "HEAD"),
        "reset": lambda: tree.git("reset", "-q", "--hard", "HEAD~2"),
        "cherry-pick": lambda: tree.git("cherry-pick", second),
    }
    for name, action in actions.items():
        assert names(seen(tree, action)) == [name]


def test_stash_push_is_one_step_and_pop_another(tree: WorkTree) -> None:
    watcher = GitWatcher(tree.root)
    tree.write("notes.txt", "half done 🎉")
    tree.git("stash", "push", "-q", "-m", "later")
    (pushed,) = watcher.look().operations
    assert (pushed.operation, pushed.message) == ("stash", "On main: later")
    tree.git("stash", "pop", "-q")
    (popped,) = watcher.look().operations
    assert (popped.operation, popped.message) == ("stash", "drop: On main: later")


def test_a_stash_that_is_seen_half_done_is_one_step_when_it_is_whole(tree: WorkTree) -> None:
    tree.write("notes.txt", "half done 🎉")
    made = tree.git("stash", "create", "later").strip()
    watcher = GitWatcher(tree.root)
    tree.git("stash", "store", "-m", "On main: later", made)  # as far as `git stash` comes first
    assert watcher.look().operations == ()
    assert watcher.is_waiting
    tree.git("reset", "-q", "--hard")  # and what it does last
    (pushed,) = watcher.look().operations
    assert (pushed.operation, pushed.message) == ("stash", "On main: later")
    assert not watcher.is_waiting
    tree.git("reset", "-q", "--hard")
    assert names(list(watcher.look().operations)) == ["reset"]


def test_a_stash_of_some_paths_is_told_though_nothing_is_reset_for_it(tree: WorkTree) -> None:
    watcher = GitWatcher(tree.root)
    tree.write("notes.txt", "half done 🎉")
    tree.git("stash", "push", "-q", "-m", "later", "--", "notes.txt")
    looks = [watcher.look().operations for _ in range(SETTLING_LOOKS + 1)]
    (pushed,) = looks[-1]
    assert (pushed.operation, pushed.message) == ("stash", "On main: later")
    assert not any(looks[:-1])


def test_the_second_stash_and_dropping_the_first(tree: WorkTree) -> None:
    for number in (1, 2):
        tree.write("notes.txt", f"stash {number}")
        tree.git("stash", "push", "-q", "-m", f"number {number}")
    (found,) = seen(tree, lambda: tree.git("stash", "drop", "-q", "stash@{1}"))
    assert found.message == "drop: On main: number 1"


def test_tags_of_both_kinds(tree: WorkTree) -> None:
    watcher = GitWatcher(tree.root)
    tree.git("tag", "v1")
    tree.git("tag", "-a", "v2/rc", "-m", "two 🎉")
    assert [item.message for item in watcher.look().operations] == ["created: v1", "created: v2/rc"]
    tree.git("tag", "-d", "v1")
    assert [item.message for item in watcher.look().operations] == ["deleted: v1"]


def test_pull_forward_and_pull_with_rebase(tree: WorkTree, tmp_path: Path) -> None:
    tree.git("clone", "-q", str(tree.root), str(tmp_path / "clone"))
    clone = WorkTree(tmp_path / "clone")
    upstream = tree.commit("upstream")
    watcher = GitWatcher(clone.root)
    clone.git("pull", "-q", "--ff-only")
    (forward,) = (seen_now := watcher.look()).operations
    assert forward.operation == "pull"
    assert step_fields(Git(clone.root), seen_now)[0]["merge_base"] == upstream
    tree.commit("upstream again", "up.txt")
    clone.commit("mine", "mine.txt")
    (found,) = seen(clone, lambda: clone.git("pull", "-q", "--rebase"))
    assert (found.operation, found.branch) == ("pull", "main")


def test_packed_refs_change_nothing_and_hide_nothing(tree: WorkTree) -> None:
    tree.git("branch", "topic")
    watcher = GitWatcher(tree.root)
    tree.git("pack-refs", "--all")
    assert watcher.look().operations == ()
    tree.git("branch", "-D", "topic")
    assert [item.message for item in watcher.look().operations] == ["deleted: topic"]
    tree.commit("after packing")
    assert names(list(watcher.look().operations)) == ["commit"]


def test_garbage_collection_and_reflog_expiry_are_no_operations(tree: WorkTree) -> None:
    tree.commit("second")
    watcher = GitWatcher(tree.root)
    tree.git("reflog", "expire", "--expire=now", "--all")
    tree.git("gc", "-q", "--prune=now")
    assert watcher.look().operations == ()
    tree.commit("third")
    assert names(list(watcher.look().operations)) == ["commit"]


def test_a_linked_work_tree_sees_its_own_head(tree: WorkTree, tmp_path: Path) -> None:
    tree.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = WorkTree(tmp_path / "side")
    main_watcher, side_watcher = GitWatcher(tree.root), GitWatcher(side.root)
    side.commit("in the side tree")
    assert [(i.operation, i.branch) for i in side_watcher.look().operations] == [("commit", "side")]
    assert names(list(main_watcher.look().operations)) == ["branch"]


def test_a_submodule_is_opaque(tree: WorkTree, tmp_path: Path) -> None:
    other = WorkTree.create(tmp_path / "other")
    other.commit("of the module")
    tree.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other.root), "mod")
    tree.git("commit", "-q", "-m", "add module")
    watcher = GitWatcher(tree.root)
    inner = WorkTree(tree.root / "mod")
    inner.commit("inside the module")
    assert watcher.look().operations == ()
    assert read_status(Git(tree.root)).tracked_paths == ()


def test_the_first_commit_of_an_empty_repository(tmp_path: Path) -> None:
    tree = WorkTree.create(tmp_path / "empty")
    (found,) = seen(tree, lambda: tree.commit("first"))
    assert (found.operation, found.head_before, found.branch) == ("commit", None, "main")


def test_no_repository_and_one_made_later(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    watcher = GitWatcher(folder)
    assert watcher.look().operations == ()
    tree = WorkTree.create(folder)
    tree.commit("first")
    assert names(list(watcher.look().operations)) == ["commit"]
    shutil.rmtree(folder / ".git")
    assert watcher.look().operations == ()


def test_without_a_reflog_the_moved_head_is_still_seen(tree: WorkTree) -> None:
    tree.git("config", "core.logAllRefUpdates", "false")
    shutil.rmtree(tree.root / ".git" / "logs")
    watcher = GitWatcher(tree.root)
    actions = {
        "commit": lambda: tree.commit("unlogged 🎉"),
        "amend": lambda: tree.git("commit", "-q", "--amend", "-m", "amended 𝄞"),
        "checkout": lambda: tree.git("checkout", "-q", "-b", "topic"),
    }
    for name, action in actions.items():
        action()
        (body,) = step_fields(Git(tree.root), watcher.look())
        assert (body["operation"], body["head_after"]) == (name, tree.head)


def test_a_pipe_as_reflog_hangs_nobody(tree: WorkTree) -> None:
    log = tree.root / ".git" / "logs" / "HEAD"
    log.unlink()
    os.mkfifo(log)
    watcher = GitWatcher(tree.root)
    tree.git("tag", "v1")
    assert names(list(watcher.look().operations)) == ["tag"]


def test_a_reftable_repository_is_read_through_git(tree: WorkTree) -> None:
    tables = tree.root / ".git" / "reftable" / "tables.list"
    tables.parent.mkdir()
    tables.write_text("one\n")
    watcher = GitWatcher(tree.root)
    assert watcher.trouble is None
    second = tree.commit("second 🎉")
    tables.write_text("two, longer\n")
    (found,) = watcher.look().operations
    assert (found.operation, found.head_after, found.branch) == ("commit", second, "main")


def test_a_repository_that_git_is_too_old_for_gives_a_clear_word(tree: WorkTree) -> None:
    tree.git("config", "core.repositoryFormatVersion", "1")
    tree.git("config", "extensions.refStorage", "not-yet-invented")  # git 2.55 reads nothing after
    (tree.root / ".git" / "reftable").mkdir()
    watcher = GitWatcher(tree.root)
    assert watcher.look().operations == ()
    assert watcher.trouble is not None
    assert "git" in watcher.trouble


def test_gits_own_listing_gives_the_same_reflog_as_the_file(tree: WorkTree) -> None:
    tree.commit("second 🎉")
    tree.git("switch", "-q", "-c", "topic")
    repository = find_repository(tree.root)
    assert repository is not None
    from_file = read_reflog(repository).entries
    assert list(reflog_from_git(Git(tree.root), "HEAD")) == from_file


def test_looking_leaves_the_repository_as_it_was(tree: WorkTree) -> None:
    watcher = GitWatcher(tree.root)
    tree.commit("second")
    tree.write("notes.txt", "dirty 🎉𝄞")
    before = listing(tree.root)
    looked = watcher.look()
    step_fields(Git(tree.root), looked)
    read_status(Git(tree.root))
    assert listing(tree.root) == before


def test_a_branch_switch_over_a_thousand_files_is_one_step(tree: WorkTree) -> None:
    tree.git("switch", "-q", "-c", "wide")
    for number in range(1_000):
        tree.write(f"files/{number}.txt", f"{number} 🎉\n")
    tree.git("add", ".")
    tree.git("commit", "-q", "-m", "wide")
    (found,) = seen(tree, lambda: tree.git("switch", "-q", "main"))
    assert found.operation == "checkout"
