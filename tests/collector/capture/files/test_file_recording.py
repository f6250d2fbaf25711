"""What a session keeps of changes on disk: records, blobs, requests obeyed, faults survived."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.days.watching import SteppedFiles
from tests.support.deadline import wait_until
from tests.support.files import CLOCK, LATER_S, NOTES, Recorded, StoppedClock, enabled
from tests.support.repository import WorkTree, listing

from signoff_collector.capture.files.file_recording import SOURCE, FileRecording
from signoff_collector.capture.files.file_watch import FileWatcher
from signoff_collector.capture.files.watch_state import WatchMode, WatchState, read_watch_state
from signoff_collector.capture.git.git_watch import GitWatcher
from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.record_journal import RecordJournal
from signoff_collector.capture.sessions.sessions import Session, open_session
from signoff_collector.capture.sessions.starting_watcher import ensure_watcher
from signoff_collector.system.clock import Moment


@pytest.fixture
def tree(tmp_path: Path, home: Path) -> WorkTree:
    del home
    made = WorkTree.create(tmp_path / "work 🎈𝄞")
    made.write("shop.py", NOTES)
    made.write("part/one.py", "one 🎉")
    made.git("add", ".")
    made.git("commit", "-q", "-m", "first")
    return made


def write_until_told(recorded: Recorded, tree: WorkTree, name: str) -> None:
    """Write a file again and again until it is told of: a pause may have just ended."""

    def told() -> bool:
        tree.write(name, f"try {CLOCK.boot_ns()} 🎉𝄞")
        return name in recorded.items()

    wait_until(told, f"{name} is told of")


def test_a_session_begins_and_ends_with_its_tree_and_tells_changes_between(tree: WorkTree) -> None:
    tree.write("part/one.py", "dirty 𝄞")
    tree.write("new 🎉.txt", "untracked")
    recorded = Recorded.begin(tree.root)
    start = recorded.wait_for_tree()
    assert (start["reason"], start["head"], start["is_complete"]) == ("start", tree.head, True)
    entries = {item["path"]: item for item in start["entries"]}  # type: ignore[attr-defined]
    assert list(entries) == ["new 🎉.txt", "part/one.py"]
    assert recorded.session.read_blob(entries["part/one.py"]["sha256"]) == "dirty 𝄞".encode()
    tree.write("shop.py", "written by another program 🎉")
    item = recorded.wait_for("shop.py", "written by another program 🎉".encode())
    assert set(item) == {"path", "sha256", "size_bytes", "mode", "changed_boot_ns"}
    (tree.root / "new 🎉.txt").unlink()
    item = recorded.wait_for("new 🎉.txt", None)
    assert 0 < item["changed_boot_ns"] <= CLOCK.boot_ns()  # type: ignore[operator]
    tree.write("last.txt", "right before the end 𝄞")
    recorded.stop()
    assert recorded.items()["last.txt"]["mode"] == "100644"
    start, end = recorded.records(RecordKind.TREE)
    assert end["reason"] == "end"
    entries = {item["path"]: item for item in end["entries"]}  # type: ignore[attr-defined]
    assert list(entries) == ["last.txt", "part/one.py", "shop.py"]
    for record in recorded.records(RecordKind.FILES):
        assert 0 < record["first_boot_ns"] <= record["t_boot_ns"]  # type: ignore[operator]
    state = WatchState(mode=WatchMode.INOTIFY, directories=2)
    assert read_watch_state(recorded.session) == state


def test_no_record_stands_before_a_change_that_it_holds(tree: WorkTree) -> None:
    """What is written again before it was read is told with a content of later than its event."""
    recorded = Recorded.begin(tree.root)
    recorded.wait_for_tree()
    for number in range(3_000):
        tree.write("shop.py", f"written again {number} 🎉")
    recorded.wait_for("shop.py", "written again 2999 🎉".encode())
    recorded.stop()
    told = recorded.records(RecordKind.FILES)
    assert told
    for record in told:
        (item,) = record["changed"]  # type: ignore[misc]  # a list of items
        assert item["changed_boot_ns"] <= record["t_boot_ns"] + 2_000_000
        assert record["count"] == 1


def stepped(tree: WorkTree) -> tuple[Recorded, SteppedFiles, StoppedClock]:
    """Return a recording without its thread, whose time is the test's own."""
    home, workspace = enabled(tree.root)
    clock = StoppedClock()
    session = open_session(home, workspace, clock)
    files = SteppedFiles(home, session, clock)
    files.start()
    return Recorded(home=home, session=session, recording=files), files, clock


def test_what_is_gone_before_git_works_is_told_before_however_late_git_is_looked_at(
    tree: WorkTree,
) -> None:
    recorded, files, clock = stepped(tree)
    git = GitWatcher(tree.root)
    files.has_git_moved = lambda: git.has_moved
    (tree.root / "part/one.py").unlink()
    files.step()
    tree.git("commit", "-q", "--allow-empty", "-m", "🎉")
    moved_ns = (tree.root / ".git/HEAD").stat().st_mtime_ns
    moved_ns = max(moved_ns, (tree.root / ".git/logs/HEAD").stat().st_mtime_ns)

    def is_written_later() -> bool:
        tree.write("after.txt", "right behind it 𝄞")
        return (tree.root / "after.txt").stat().st_ctime_ns > moved_ns

    wait_until(is_written_later, "a tick of the clock of files")
    for _ in range(3):
        files.step()
        clock.advance(1)
    assert recorded.records(RecordKind.FILES) == []
    seen = git.look()
    assert [found.operation for found in seen.operations] == ["commit"]
    files.tell_now(Moment(t_boot_ns=clock.boot_ns(), t_wall_ns=moved_ns))
    (told,) = recorded.records(RecordKind.FILES)
    assert [item["path"] for item in told["changed"]] == ["part/one.py"]  # type: ignore[attr-defined]
    clock.advance(LATER_S)
    files.step()
    assert recorded.items()["after.txt"]["sha256"] is not None
    files.stop()


@pytest.mark.parametrize("name", ["passing 🎉.tmp", "part/passing.tmp"])
def test_what_comes_while_the_tree_is_listed_and_goes_is_told_as_gone(
    tree: WorkTree, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the file beside it by which an editor saves; the listing told that it is there."""
    start = FileWatcher.start

    def start_and_write(watcher: FileWatcher) -> None:
        start(watcher)
        tree.write(name, "there for a moment 𝄞")

    monkeypatch.setattr(FileWatcher, "start", start_and_write)
    recorded, files, clock = stepped(tree)
    (begun,) = recorded.records(RecordKind.TREE)
    assert name in {item["path"] for item in begun["entries"]}  # type: ignore[attr-defined]
    (tree.root / name).unlink()
    files.step()
    clock.advance(LATER_S)
    files.step()
    assert recorded.items()[name]["sha256"] is None
    files.stop()


def test_what_changed_is_told_although_nobody_looks_at_git_any_more(tree: WorkTree) -> None:
    recorded, files, clock = stepped(tree)
    files.has_git_moved = lambda: True
    tree.write("part/one.py", "again 🎉")
    files.step()
    clock.advance(LATER_S)
    files.step()
    assert recorded.records(RecordKind.FILES) == []
    clock.advance(LATER_S)
    files.step()
    assert "part/one.py" in recorded.items()
    files.stop()


def test_a_switch_of_branches_is_one_resolvable_change_and_a_generator_is_not(
    tree: WorkTree,
) -> None:
    tree.git("checkout", "-q", "-b", "topic")
    for number in range(500):
        tree.write(f"many/file {number} 🎉.py", f"𝄞 {number}\n")
    tree.git("add", ".")
    tree.git("commit", "-q", "-m", "many")
    home, workspace = enabled(tree.root)
    session = open_session(home, workspace, CLOCK)
    clock = StoppedClock()
    recorded = Recorded(
        home=home, session=session, recording=FileRecording(home, session, clock)
    )  # no thread: how long git takes does not matter
    with RecordJournal(session, clock, SOURCE) as journal:

        def settle() -> None:
            recorded.recording._watcher.look()
            clock.advance(LATER_S)
            recorded.recording._step(journal, is_forced=False)

        recorded.recording._step(journal, is_forced=False)
        tree.git("checkout", "-q", "main")
        settle()
        for number in range(500):
            tree.write(f"made/file {number} 𝄞.py", f"{number} 🎉\n")
        settle()
    switch, made = recorded.records(RecordKind.FILES)
    assert (switch["count"], switch["is_bulk"], switch["resolvable"]) == (500, True, True)
    assert {item["sha256"] for item in switch["changed"]} == {None}  # type: ignore[attr-defined]
    assert (made["count"], made["is_bulk"], made["resolvable"]) == (500, True, False)
    assert len(made["changed"]) == 500  # type: ignore[arg-type]
    assert not session.blobs.exists()


def test_what_happens_in_a_pause_is_never_told(tree: WorkTree) -> None:
    recorded = Recorded.begin(tree.root)
    recorded.wait_for_tree()
    recorded.session.ask("pause", clock=CLOCK)
    tree.write("hidden.txt", "nobody's business 🎉𝄞")
    (tree.root / "part/one.py").unlink()
    recorded.session.ask("resume", clock=CLOCK)
    write_until_told(recorded, tree, "shown.txt")
    tree.write("later.txt", "after it 🎉")
    recorded.wait_for("later.txt", "after it 🎉".encode())
    assert not {"hidden.txt", "part/one.py"} & set(recorded.items())
    assert recorded.recording.untold(2) is None, "there was one pause, not two"
    hidden = {tree.root / "hidden.txt", tree.root / "part/one.py"}
    assert hidden == recorded.recording.untold(1)
    recorded.stop()
    end = recorded.records(RecordKind.TREE)[-1]
    named = {item["path"] for item in end["entries"]}  # type: ignore[attr-defined]
    assert named == {"shown.txt", "later.txt"}
    assert not end["is_complete"]
    secret = hashlib.sha256("nobody's business 🎉𝄞".encode()).hexdigest()
    assert not (recorded.session.blobs / secret).exists()


def test_a_session_that_begins_paused_tells_its_tree_when_it_goes_on(tree: WorkTree) -> None:
    home, workspace = enabled(tree.root)
    session = open_session(home, workspace, CLOCK)
    session.ask("pause", clock=CLOCK)
    recorded = Recorded.begin(tree.root)
    assert recorded.session.id == session.id
    session.ask("resume", clock=CLOCK)
    assert recorded.wait_for_tree()["reason"] == "start"
    recorded.stop()


def test_forget_closes_the_segment_and_drops_what_was_not_told_yet(tree: WorkTree) -> None:
    recorded = Recorded.begin(tree.root)
    recorded.wait_for_tree()
    now = str(CLOCK.boot_ns())
    recorded.session.ask("forget", clock=CLOCK, fields={"from": "0", "to": now})
    wait_until(
        lambda: any(path.name.endswith(".1.journal") for path in recorded.session.journals),
        "a new segment",
    )
    tree.write("shop.py", "told after it 🎉𝄞")
    recorded.wait_for("shop.py", "told after it 🎉𝄞".encode())
    first, second = (path for path in recorded.session.journals if path.name.startswith("files-"))
    assert RecordKind.FILES not in {record.kind for record in read_journal(first).records}
    assert RecordKind.FILES in {record.kind for record in read_journal(second).records}
    recorded.stop()


def test_a_workspace_that_is_disabled_is_told_of_no_more(tree: WorkTree) -> None:
    recorded = Recorded.begin(tree.root)
    recorded.wait_for_tree()
    Workspaces(recorded.home).disable(tree.root)
    tree.write("shop.py", "not yours any more 🎉𝄞")
    recorded.stop()
    assert recorded.records(RecordKind.FILES) == []
    assert len(recorded.records(RecordKind.TREE)) == 1


def test_two_sessions_in_one_repository_tell_each_of_its_own_folder(tree: WorkTree) -> None:
    tree.git("worktree", "add", "-q", "-b", "side", str(tree.root.parent / "side 🎉"))
    side = WorkTree(tree.root.parent / "side 🎉")
    part = Recorded.begin(tree.root / "part")
    other = Recorded.begin(side.root)
    assert part.wait_for_tree()["entries"] == []
    assert other.wait_for_tree()["head"] == tree.head
    tree.write("part/one.py", "in the part 𝄞")
    side.write("part/one.py", "on the side 🎉")
    part.wait_for("one.py", "in the part 𝄞".encode())
    other.wait_for("part/one.py", "on the side 🎉".encode())
    for recorded in (part, other):
        recorded.stop()
        (entry,) = recorded.records(RecordKind.TREE)[-1]["entries"]  # type: ignore[misc, attr-defined]
        assert entry["sha256"]
    assert list(part.items()) == ["one.py"]
    assert list(other.items()) == ["part/one.py"]


def git_operations(session: Session) -> list[object]:
    return [
        record.fields["operation"]
        for journal in session.journals
        if journal.name.startswith("git-")
        for record in read_journal(journal).records
        if record.kind == RecordKind.STEP and record.fields["kind"] == "git"
    ]


def test_the_watcher_process_tells_of_files_and_leaves_workspace_and_git_as_they_are(
    tree: WorkTree,
) -> None:
    home, workspace = enabled(tree.root)
    tree.write("shop.py", "dirty 🎉")
    before = listing(tree.root)
    session = open_session(home, workspace, CLOCK)
    recorded = Recorded(home=home, session=session, recording=None)  # type: ignore[arg-type]
    ensure_watcher(session, home)
    recorded.wait_for_tree()
    assert listing(tree.root) == before
    tree.write("shop.py", "written while it looks 𝄞")
    before = listing(tree.root)
    recorded.wait_for("shop.py", "written while it looks 𝄞".encode())
    session.ask("stop", clock=CLOCK)
    lock = wait_until(session.try_own, "nobody holds the session")
    lock.release()
    assert [record["reason"] for record in recorded.records(RecordKind.TREE)] == ["start", "end"]
    assert listing(tree.root) == before


def test_a_fault_in_the_file_watcher_is_said_and_git_is_still_watched(tree: WorkTree) -> None:
    home, workspace = enabled(tree.root)
    session = open_session(home, workspace, CLOCK)
    session.blobs.write_text("a file where blobs should be")
    tree.write("untracked 🎉.txt", "𝄞")
    ensure_watcher(session, home)

    def failed() -> WatchState | None:
        state = read_watch_state(session)
        return state if state is not None and state.mode is WatchMode.NONE else None

    state = wait_until(failed, "the failure is said")
    assert "not watched" in str(state.reason)
    tree.git("commit", "-q", "--allow-empty", "-m", "seen all the same")
    wait_until(lambda: "commit" in git_operations(session), "git is watched")
    session.ask("stop", clock=CLOCK)
    lock = wait_until(session.try_own, "nobody holds the session")
    lock.release()


def test_a_single_file_is_left_to_the_editors_and_that_is_said(tree: WorkTree) -> None:
    recorded = Recorded.begin(tree.root / "shop.py")
    wait_until(lambda: read_watch_state(recorded.session), "it is said")
    recorded.stop()
    state = read_watch_state(recorded.session)
    assert state is not None
    assert (state.mode, "only one file" in str(state.reason)) == (WatchMode.NONE, True)
    assert recorded.records(RecordKind.TREE) == []


def test_a_commit_keeps_what_differs_from_it_although_no_editor_touched_it(tree: WorkTree) -> None:
    home, workspace = enabled(tree.root)
    session = open_session(home, workspace, CLOCK)
    tree.write("part/one.py", "dirty before 𝄞")
    recorded = Recorded(home=home, session=session, recording=None)  # type: ignore[arg-type]
    ensure_watcher(session, home)
    recorded.wait_for_tree()
    tree.git("commit", "-q", "--allow-empty", "-m", "state 🎉")
    wait_until(lambda: "commit" in git_operations(session), "the commit is seen")
    session.ask("stop", clock=CLOCK)
    lock = wait_until(session.try_own, "nobody holds the session")
    lock.release()
    kept = [
        item
        for journal in session.journals
        for record in read_journal(journal).records
        if record.kind == RecordKind.STEP and record.fields["kind"] == "git"
        for item in record.fields["disk"]  # type: ignore[attr-defined]
    ]
    assert [item["path"] for item in kept] == ["part/one.py"]
    assert session.read_blob(kept[0]["sha256"]) == "dirty before 𝄞".encode()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"mode": "other"}', '{"mode": 1}', "\0"])
def test_a_watch_file_that_says_nothing_counts_as_none(
    tmp_path: Path, home: Path, text: str
) -> None:
    del home
    workspace_root = tmp_path / "plain"
    workspace_root.mkdir()
    own_home, workspace = enabled(workspace_root)
    session = open_session(own_home, workspace, CLOCK)
    assert read_watch_state(session) is None
    (session.folder / "watch.json").write_text(text)
    assert read_watch_state(session) is None
