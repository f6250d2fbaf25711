"""Changes of very many files: one record for one operation, and what matters is named in it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.support.files import CLOCK, LATER_S, NOTES, Recorded, StoppedClock, Watched, enabled
from tests.support.repository import WorkTree

from signoff_collector.capture.files import file_settling
from signoff_collector.capture.files.file_pending import BULK_LONGEST_NS, BULK_SETTLE_NS, SETTLE_NS
from signoff_collector.capture.files.file_recording import SOURCE, FileRecording
from signoff_collector.capture.files.file_settling import Burst
from signoff_collector.capture.git.git_at_work import LOCK_NAME
from signoff_collector.capture.journal.disk_contents import MAX_FILES
from signoff_collector.capture.journal.journal_frames import RecordKind
from signoff_collector.capture.sessions.record_journal import RecordJournal
from signoff_collector.capture.sessions.sessions import open_session

S = 1_000_000_000
MANY = MAX_FILES + 100


@pytest.fixture
def tree(tmp_path: Path, home: Path) -> WorkTree:
    del home
    made = WorkTree.create(tmp_path / "work 🎈𝄞")
    made.write("shop.py", NOTES)
    made.write("other.py", NOTES)
    made.git("add", ".")
    made.git("commit", "-q", "-m", "first")
    return made


def write_many(tree: WorkTree, count: int = MANY, name: str = "many") -> None:
    for number in range(count):
        tree.write(f"{name}/part {number % 9}/file {number} 🎉.py", f"value = {number} # 𝄞\n")


def test_a_bulk_change_is_not_over_while_git_holds_its_lock(tree: WorkTree) -> None:
    watched = Watched(tree.root)
    lock = tree.root / ".git" / LOCK_NAME
    lock.touch()
    write_many(tree)
    assert watched.told() is None, "quiet for seconds, but git is at work"
    write_many(tree, name="more")
    assert watched.told() is None
    lock.unlink()
    burst = watched.told()
    assert burst is not None
    assert burst.count == 2 * MANY


def test_a_few_files_are_told_whether_git_holds_its_lock_or_not(tree: WorkTree) -> None:
    watched = Watched(tree.root)
    (tree.root / ".git" / LOCK_NAME).touch()  # as while `git commit -a` waits for its message
    tree.write("shop.py", "typed meanwhile 🎉𝄞\n")
    assert watched.changed() == {"shop.py": "100644"}


def test_a_bulk_change_that_goes_on_is_one_record_for_a_minute(tree: WorkTree) -> None:
    watched = Watched(tree.root)
    write_many(tree)
    watched.watcher.look()
    for _ in range(BULK_LONGEST_NS // BULK_SETTLE_NS - 1):
        watched.clock.advance((BULK_SETTLE_NS - SETTLE_NS) / S)
        assert watched.watcher.burst() is None
        tree.write("many/one more.py", f"{watched.clock.boot_ns()} 🎉𝄞\n")
        watched.watcher.look()
    watched.clock.advance(BULK_LONGEST_NS / S)
    burst = watched.watcher.burst()
    assert burst is not None
    assert burst.count == MANY + 1


def test_what_the_session_has_read_or_opened_is_named_before_the_rest(
    tree: WorkTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_settling, "MAX_BULK_ITEMS", 3)
    write_many(tree)
    tree.git("add", ".")
    tree.git("commit", "-q", "-m", "many")
    watched = Watched(tree.root)
    watched.watcher.touched = lambda: frozenset({"zebra opened 🎉.py", "shop.py"})
    tree.write("zoo told 𝄞.py", "told before\n")
    tree.write("zebra opened 🎉.py", "not told\n")
    watched.told()
    for path in sorted(tree.root.rglob("*.py")):
        path.unlink()
    burst = watched.told()
    assert burst is not None
    named = {item.path for item in burst.changed}
    assert named == {"zoo told 𝄞.py", "zebra opened 🎉.py", "shop.py"}
    assert (burst.count, len(burst.paths)) == (MANY + 4, MANY + 4)


@pytest.mark.parametrize("most", [5_000, 3])
def test_a_bulk_change_keeps_the_contents_that_git_does_not_have(
    tree: WorkTree, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(file_settling, "MAX_BULK_ITEMS", most)
    write_many(tree)
    tree.git("add", ".")
    tree.git("commit", "-q", "-m", "many")
    home, workspace = enabled(tree.root)
    session = open_session(home, workspace, CLOCK)
    clock = StoppedClock()
    recorded = Recorded(home=home, session=session, recording=FileRecording(home, session, clock))
    with RecordJournal(session, clock, SOURCE) as journal:
        recorded.recording._step(journal, is_forced=False)
        tree.git("checkout", "-q", "-b", "topic", "HEAD~1")
        tree.write("shop.py", "changed by hand in the same moment 🎉𝄞\n")
        tree.write("made by a generator.py", "made = 1\n")
        recorded.recording._watcher.look()
        clock.advance(LATER_S)
        recorded.recording._step(journal, is_forced=False)
    items = recorded.items()
    kept = {path for path, item in items.items() if item["sha256"] and _is_kept(recorded, item)}
    assert kept == {"shop.py"}
    content = session.read_blob(str(items["shop.py"]["sha256"]))
    assert content == "changed by hand in the same moment 🎉𝄞\n".encode()
    assert len(items) == (MANY + 2 if most > MANY else 1)


def test_what_changes_again_while_git_is_asked_is_left_for_the_next_record(
    tree: WorkTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, workspace = enabled(tree.root)
    session = open_session(home, workspace, CLOCK)
    clock = StoppedClock()
    recorded = Recorded(home=home, session=session, recording=FileRecording(home, session, clock))
    ask = FileRecording._differing

    def asked(recording: FileRecording, burst: Burst) -> frozenset[str] | None:
        differing = ask(recording, burst)
        tree.write("shop.py", "written a moment later 🎉𝄞\n")
        return differing

    monkeypatch.setattr(FileRecording, "_differing", asked)
    with RecordJournal(session, clock, SOURCE) as journal:
        recorded.recording._step(journal, is_forced=False)
        write_many(tree)
        tree.write("shop.py", "in the bulk 𝄞\n")
        recorded.recording._watcher.look()
        clock.advance(LATER_S)
        recorded.recording._step(journal, is_forced=False)
    first = recorded.records(RecordKind.FILES)[0]
    (item,) = [one for one in first["changed"] if one["path"] == "shop.py"]  # type: ignore[attr-defined]
    assert item["sha256"] == hashlib.sha256("in the bulk 𝄞\n".encode()).hexdigest()
    assert not (session.blobs / item["sha256"]).exists()


def _is_kept(recorded: Recorded, item: dict[str, object]) -> bool:
    return (recorded.session.blobs / str(item["sha256"])).exists()
