"""The watcher as a child of its own: starting, noticing, keeping files, ending."""

from __future__ import annotations

import fcntl
import os
import signal
from pathlib import Path

import pytest
from tests.support.deadline import wait_until
from tests.support.repository import WorkTree, listing

from signoff_collector.capture.files.watch_process import watch
from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.capture.opt_in.workspaces import Workspace, Workspaces
from signoff_collector.capture.sessions.git_seen import note_start, unseen_operations, unseen_steps
from signoff_collector.capture.sessions.sessions import Session, end_session, open_session
from signoff_collector.capture.sessions.starting_watcher import ensure_watcher
from signoff_collector.capture.tallies.touched_files import TouchedFiles, real_path_of_uri
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_schemas.words import Owner

CLOCK = SystemClock()
TEXT = "def total():\n    return '🎉𝄞'\n"


@pytest.fixture
def tree(tmp_path: Path) -> WorkTree:
    made = WorkTree.create(tmp_path / "work")
    made.commit("first", "shop.py", TEXT)
    return made


@pytest.fixture
def own_home(home: Path) -> Home:
    del home
    return resolve_home().ensure()


@pytest.fixture
def workspace(tree: WorkTree, own_home: Home) -> Workspace:
    return Workspaces(own_home).enable(tree.root, owner=Owner.MINE, is_confirmed=True)


@pytest.fixture
def session(workspace: Workspace, own_home: Home) -> Session:
    return open_session(own_home, workspace, CLOCK)


def git_steps(session: Session) -> list[dict[str, object]]:
    return [
        dict(record.fields)
        for journal in session.journals
        if journal.name.startswith("git-")
        for record in read_journal(journal).records
        if record.kind == RecordKind.STEP and record.fields["kind"] == "git"
    ]


def is_watched(session: Session) -> bool:
    descriptor = os.open(session.folder / "watcher.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def touch(session: Session, path: Path) -> None:
    """Journal that an editor opened a file, as the bridge does."""
    with session.join("lsp", clock=CLOCK) as writer:
        params = b'{"textDocument":{"uri":"%s"}}' % path.as_uri().encode()
        body = [CLOCK.boot_ns(), "textDocument/didOpen", params]
        writer.append_value(RecordKind.LSP, body)


def start(session: Session, home: Home) -> None:
    ensure_watcher(session, home)
    wait_until(lambda: is_watched(session), "the watcher holds its lock")
    wait_until(
        lambda: any(path.name.startswith("git-") for path in session.journals),
        "the watcher wrote the environment, and looks",
    )


def stop(session: Session) -> None:
    session.ask("stop", clock=CLOCK)
    wait_until(lambda: not is_watched(session), "the watcher ended")


def test_a_watcher_notices_a_commit_and_keeps_what_touched_files_hold(
    session: Session, own_home: Home, tree: WorkTree
) -> None:
    touch(session, tree.root / "shop.py")
    start(session, own_home)
    before = tree.head
    after = tree.commit("second 🎉", "shop.py", TEXT + "# 𝄞\n")
    (step,) = wait_until(lambda: git_steps(session), "a git step")
    assert (step["operation"], step["head_before"], step["head_after"]) == ("commit", before, after)
    (kept,) = step["disk"]  # type: ignore[misc]  # a list of one
    assert (kept["path"], kept["mode"]) == ("shop.py", "100644")
    assert session.read_blob(kept["sha256"]) == (TEXT + "# 𝄞\n").encode()
    stop(session)


def test_a_watcher_runs_no_filter_that_is_included_in_mid_session(
    session: Session, own_home: Home, tree: WorkTree, tmp_path: Path
) -> None:
    mark, canary = tmp_path / "mark", tmp_path / "canary"
    canary.write_text(f"#!/bin/sh\necho ran >>{mark}\ncat\n")
    canary.chmod(0o755)
    tree.git("config", "include.path", "../.gitconfig")
    tree.commit("attributes", ".gitattributes", "*.py filter=late\n")
    touch(session, tree.root / "shop.py")
    start(session, own_home)
    tree.commit("before", "shop.py", TEXT.upper())
    wait_until(lambda: len(git_steps(session)) == 1, "the commit before")
    tree.write(".gitconfig", f'[filter "late"]\n\tclean = {canary}\n')
    own = ("-c", "filter.late.clean=cat")
    for count, message in ((2, "second 🎉"), (3, "third 𝄞")):
        tree.write("shop.py", TEXT.title())
        tree.git(*own, "commit", "-q", "--allow-empty", "-m", message)
        wait_until(lambda: len(git_steps(session)) == count, message)  # noqa: B023 - at once
    stop(session)
    assert not mark.exists()
    tree.git("status")
    assert mark.exists(), "the canary is not alive"


def test_a_session_has_one_watcher(session: Session, own_home: Home) -> None:
    start(session, own_home)
    assert not ensure_watcher(session, own_home)
    assert not watch(own_home, session, CLOCK)
    stop(session)


def test_a_watcher_ends_with_its_session_and_starts_again_for_the_next(
    session: Session, own_home: Home, workspace: Workspace
) -> None:
    start(session, own_home)
    end_session(own_home, session)
    wait_until(lambda: not is_watched(session), "the watcher ended")
    following = open_session(own_home, workspace, CLOCK)
    assert following.id != session.id
    start(following, own_home)
    stop(following)


def test_a_commit_right_before_the_stop_is_seen(
    session: Session, own_home: Home, tree: WorkTree
) -> None:
    start(session, own_home)
    tree.commit("last words 🎉")
    session.ask("stop", clock=CLOCK)
    lock = wait_until(session.try_own, "nobody holds the session")
    lock.release()
    assert [step["message"] for step in git_steps(session)] == ["last words 🎉"]


def test_the_workspace_and_its_git_folder_stay_as_they_are(
    session: Session, own_home: Home, tree: WorkTree
) -> None:
    touch(session, tree.root / "shop.py")
    start(session, own_home)
    tree.commit("second 🎉")
    tree.write("shop.py", "dirty 𝄞")
    before = listing(tree.root)
    wait_until(lambda: git_steps(session), "a git step")
    stop(session)
    assert listing(tree.root) == before


def test_what_happens_while_paused_is_not_written(
    session: Session, own_home: Home, tree: WorkTree
) -> None:
    session.ask("pause", clock=CLOCK)
    ensure_watcher(session, own_home)
    tree.commit("hidden")
    session.ask("resume", clock=CLOCK)
    known = tree.head.encode()
    wait_until(
        lambda: known in (session.folder / "git-seen.json").read_bytes(),
        "the watcher skipped the pause",
    )
    tree.commit("shown")
    (step,) = wait_until(lambda: git_steps(session), "a git step")
    assert step["message"] == "shown"
    stop(session)
    assert unseen_operations(session) == ()


def test_operations_after_the_watcher_died_are_found_later(
    session: Session, own_home: Home, tree: WorkTree
) -> None:
    start(session, own_home)
    tree.commit("seen 🎉")
    wait_until(lambda: git_steps(session), "a git step")
    known = tree.head.encode()
    wait_until(
        lambda: known in (session.folder / "git-seen.json").read_bytes(), "it is noted as seen"
    )
    (journal,) = (path for path in session.journals if path.name.startswith("git-"))
    os.kill(int(journal.name.split("-")[1]), signal.SIGKILL)
    wait_until(lambda: not is_watched(session), "the watcher is dead")
    before = tree.head
    tree.commit("unseen 𝄞\n\nwith 🎉 a reason")
    made = tree.head
    tree.git("checkout", "-q", "-b", "later")
    tree.write("shop.py", "half done")
    tree.git("stash", "-q")
    found = unseen_steps(session)
    assert [step["operation"] for step in found] == ["commit", "checkout", "stash"]
    assert found[0]["t_kind"] == "seen_late"
    assert found[0]["message"] == "unseen 𝄞\n\nwith 🎉 a reason"
    assert found[0]["parents"] == [before]
    assert (found[0]["head_before"], found[0]["head_after"]) == (before, made)
    assert [step["branch"] for step in found] == ["main", "later", "later"]


def test_a_watcher_that_starts_late_tells_what_it_missed(
    session: Session, own_home: Home, tree: WorkTree
) -> None:
    note_start(session)
    tree.commit("before the watcher 🎉")
    ensure_watcher(session, own_home)
    (step,) = wait_until(lambda: git_steps(session), "a git step")
    assert (step["t_kind"], step["operation"]) == ("seen_late", "commit")
    stop(session)
    assert unseen_operations(session) == ()


def test_without_a_watcher_everything_since_the_session_began_is_late(
    session: Session, tree: WorkTree
) -> None:
    note_start(session)
    tree.commit("never watched")
    assert [found.operation for found in unseen_operations(session)] == ["commit"]


def test_disabling_the_workspace_keeps_later_operations_out(
    session: Session, own_home: Home, tree: WorkTree
) -> None:
    start(session, own_home)
    Workspaces(own_home).disable(tree.root)
    session.ask("disable", clock=CLOCK)
    wait_until(lambda: not is_watched(session), "the watcher ended")
    tree.commit("after disable")
    assert git_steps(session) == []


def test_touched_files_are_read_on_as_the_journal_grows(session: Session, tree: WorkTree) -> None:
    touched = TouchedFiles(session)
    assert touched.refresh() == ()
    touch(session, tree.root / "shop.py")
    outside = tree.root.parent / "elsewhere.py"
    touch(session, outside)
    assert touched.refresh() == (tree.root / "shop.py",)
    touch(session, tree.root / "naïve 🎉𝄞.py")
    assert set(touched.refresh()) == {tree.root / "shop.py", tree.root / "naïve 🎉𝄞.py"}


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "file://host/x", "file:relative", "x", ""])
def test_a_uri_that_is_no_file_is_no_path(uri: str) -> None:
    assert real_path_of_uri(uri) is None
