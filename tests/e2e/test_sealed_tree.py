"""From a session's folder to the files of a moment, through the real verbs."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.repository import WorkTree
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import make_session
from tests.support.tree_session import snapshot

from signoff_collector.capture.git.git import Git
from signoff_collector.capture.journal.journal_frames import RecordKind
from signoff_collector.capture.journal.writers import read_writers
from signoff_collector.capture.sessions.git_seen import note_start
from signoff_collector.capture.sessions.sessions import Session
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.gathering.gather import gather
from signoff_collector.seal.gathering.gathered import Gathered
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock
from signoff_schemas.steps import CheckpointStep

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]
ODD = "naïve 😀🦊\n"


def _item(root: Path, path: str, session: Session | None = None) -> dict[str, object]:
    target = root / path
    if not os.path.lexists(target):
        return {"path": path, "sha256": None, "size_bytes": None, "mode": None}
    is_link = target.is_symlink()
    data = os.fsencode(target.readlink()) if is_link else target.read_bytes()
    if session is not None:
        session.add_blob(data)
    mode = "120000" if is_link else "100755" if os.access(target, os.X_OK) else "100644"
    digest = hashlib.sha256(data).hexdigest()
    return {"path": path, "sha256": digest, "size_bytes": len(data), "mode": mode}


def _journal(session: Session, writer: str, pid: int, after_s: int = 0) -> Journal:
    return Journal(
        writer,
        pid,
        root=session.root,
        boot_id=session.boot_id,
        t_boot_ns=session.started_boot_ns + after_s * 10**9,
        wall_ns=session.started_wall_ns + after_s * 10**9,
    )


def _tell(journal: Journal, kind: RecordKind, **fields: object) -> None:
    journal.wait(5)
    t_ns = journal.t_boot_ns
    journal.add(kind, {"t_boot_ns": t_ns, "first_boot_ns": t_ns - 10**8, **fields})


def _recorded(tmp_path: Path, below: str = "") -> tuple[WorkTree, Session]:
    """A dirty tree, a bulk change whose contents are only in git, a new program, a new link."""
    tree = WorkTree.create(tmp_path / "repo")
    for name in ("kept.txt", f"{below}one.txt", f"{below}two.txt", f"{below}tool.sh"):
        tree.write(name, name + ODD)
    tree.git("add", "-A")
    tree.git("commit", "-q", "-m", "base")
    root = tree.root / below
    session = make_session(root)
    note_start(session)
    files = _journal(session, "files", 300)
    (root / "one.txt").write_text("dirty " + ODD)
    start = {"reason": "start", "head": tree.head, "is_complete": True}
    _tell(files, RecordKind.TREE, entries=[_item(root, "one.txt", session)], **start)
    (root / "one.txt").write_text("committed " + ODD)
    (root / "two.txt").write_text("two " + ODD)
    (root / "tool.sh").chmod(0o755)
    tree.git("commit", "-q", "-a", "-m", "bulk")
    changed = [_item(root, path) for path in ("one.txt", "two.txt", "tool.sh")]
    _tell(files, RecordKind.FILES, changed=changed, count=3, is_bulk=True, resolvable=False)
    (root / "link").symlink_to("one.txt")
    _tell(files, RecordKind.FILES, changed=[_item(root, "link", session)], count=1)
    run = _journal(session, "run", 301, after_s=60)
    run.step("tests", run_id="1", framework="pytest", exit_code=0)
    for journal in (files, run):
        journal.write(session.folder)
    return tree, session


@pytest.mark.parametrize("below", ["", "packages/inner/"], ids=["whole repository", "a subfolder"])
def test_the_tree_of_a_test_run_comes_back_from_episode_and_repository(
    tmp_path: Path, below: str
) -> None:
    tree, session = _recorded(tmp_path, below)
    sealed = seal_session(session, resolve_home(), SystemClock())
    episode = read_episode(sealed.path)
    root = tree.root / below
    seq = next(s.seq for s in episode.steps if getattr(s, "kind", "") == "tests") + 1
    assert isinstance(episode.steps[seq], CheckpointStep)
    call = ("checkout", sealed.path, "--at", f"step:{seq}", "--repo", root, "--base", "HEAD~1")
    said = signoff(*call, tmp_path / "out", "--links", "--disk")
    assert said.code == 0, said
    assert snapshot(tmp_path / "out") == snapshot(root)
    said = signoff(*call, tmp_path / "plain", "--json")
    assert (tmp_path / "plain" / "link").read_text() == "one.txt"
    assert json.loads(said.out)["links_as_text"] == ["link"]
    said = signoff("checkout", sealed.path, "--at", "end", tmp_path / "alone")
    assert (said.code, "not in the episode" in said.err) == (0, True)


def test_contents_that_the_repository_lacks_are_listed(tmp_path: Path) -> None:
    _, session = _recorded(tmp_path)
    sealed = seal_session(session, resolve_home(), SystemClock())
    other = WorkTree.create(tmp_path / "other")
    base = other.commit("base", "two.txt", ODD)
    call = ("--at", "end", "--repo", other.root, "--base", base)
    said = signoff("checkout", sealed.path, *call, tmp_path / "out")
    assert said.code == 3, said
    assert all(name in said.err for name in ("one.txt", "two.txt"))
    assert not (tmp_path / "out" / "two.txt").exists()
    assert (tmp_path / "out" / "link").read_text() == "one.txt"


def test_check_compares_the_tree_and_says_what_was_seen(tmp_path: Path) -> None:
    _, session = _recorded(tmp_path)
    sealed = seal_session(session, resolve_home(), SystemClock())
    said = signoff("check", sealed.path, "--json")
    row = json.loads(said.out)
    assert (said.code, row["matched"], row["mismatches"]) == (0, row["checkpoints"], [])
    assert {span["source"]: span["files"] for span in row["observability"]}["files"] == "full"
    shown = signoff("show", sealed.path).out
    assert "saw      files: files full" in shown
    assert "0 resyncs" in shown
    episode = read_episode(sealed.path)
    steps = [
        step.model_copy(update={"tree_sha256": "0" * 64})
        if isinstance(step, CheckpointStep)
        else step
        for step in episode.steps
    ]
    forged = tmp_path / "forged.episode"
    forged.write_bytes(write_episode(replace(episode, steps=tuple(steps))))
    assert signoff("check", forged).code == 3


def test_what_is_gathered_of_the_base_is_hashes_and_no_content(tmp_path: Path) -> None:
    tree, session = _recorded(tmp_path)
    facts = _gathered(session)
    assert facts.base.commit == tree.git("rev-parse", "HEAD~1")
    assert (facts.base.is_dirty, facts.base.dirty_files) == (True, 1)
    assert set(facts.base_files) == {"two.txt", "tool.sh", "link"}
    two, link = facts.base_files["two.txt"], facts.base_files["link"]
    assert two is not None
    assert two.sha256 == hashlib.sha256(f"two.txt{ODD}".encode()).hexdigest()
    assert link is None
    bulk = {hashlib.sha256(f"{word} {ODD}".encode()).hexdigest() for word in ("committed", "two")}
    assert bulk <= set(facts.in_repository)


def _gathered(session: Session) -> Gathered:
    writers, _ = read_writers(session.folder)
    return gather(session, writers, Git(session.root), environ=os.environ)


def test_unseen_operations_of_one_second_keep_the_order_of_the_reflog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several branches, a stash, a rebase and a second work tree, all in the same second."""
    tree = WorkTree.create(tmp_path / "repo")
    tree.commit("base")
    session = make_session(tree.root)
    note_start(session)
    journal = _journal(session, "lsp", 100)
    journal.open("notes.txt", ODD)
    journal.write(session.folder)
    second = session.started_wall_ns // 10**9 + 2
    for name in ("GIT_COMMITTER_DATE", "GIT_AUTHOR_DATE"):
        monkeypatch.setenv(name, f"{second} +0000")
    tree.git("checkout", "-q", "-b", "one")
    tree.commit("on one", "one.txt")
    tree.git("checkout", "-q", "main")
    tree.commit("on main", "two.txt")
    tree.write("notes.txt", "stashed " + ODD)
    tree.git("stash", "-q")
    tree.git("checkout", "-q", "one")
    tree.git("rebase", "-q", "main")
    tree.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    WorkTree(tmp_path / "side").commit("elsewhere", "three.txt")
    late = _gathered(session).late
    told = [str(one.fields["operation"]) for one in late]
    heads = [word for word in told if word not in {"stash", "branch"}]
    assert heads == ["checkout", "commit", "checkout", "commit", *heads[4:]]
    assert heads[-2:] == ["checkout", "rebase"]
    assert told.count("stash") == 1
    assert "elsewhere" not in repr(late)
    assert [one.t_boot_ns for one in late] == sorted(one.t_boot_ns for one in late)
    assert all(one.fields["t_kind"] == "seen_late" for one in late)
