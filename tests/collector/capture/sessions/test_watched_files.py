"""A watcher that takes over looks at everything its forerunner told of; asked, it tells at once."""

from __future__ import annotations

from pathlib import Path

from tests.support.files import CLOCK, NOTES, Recorded
from tests.support.repository import WorkTree

from signoff_collector.capture.files.file_recording import FileRecording
from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.tallies.touched_files import watched_files


def work_tree(tmp_path: Path) -> WorkTree:
    tree = WorkTree.create(tmp_path / "work 🎈𝄞")
    tree.commit("first", "kept.py", NOTES)
    return tree


def test_the_next_watcher_lists_files_that_are_gone_or_as_committed_again(
    tmp_path: Path, home: Path
) -> None:
    tree = work_tree(tmp_path)
    recorded = Recorded.begin(tree.root)
    recorded.wait_for_tree()
    assert watched_files(recorded.session) == frozenset()
    tree.write("new 🎉.txt", "𝄞")
    tree.write("kept.py", "changed 🎉𝄞")
    recorded.wait_for("kept.py", "changed 🎉𝄞".encode())
    recorded.wait_for("new 🎉.txt", "𝄞".encode())
    recorded.stop()
    assert watched_files(recorded.session) == {"new 🎉.txt", "kept.py"}
    (tree.root / "new 🎉.txt").unlink()
    tree.git("checkout", "--", "kept.py")
    again = FileRecording(recorded.home, recorded.session, CLOCK)
    again.start()
    again.stop()
    trees = [one for one in recorded.records(RecordKind.TREE) if one["reason"] == "start"]
    entries = max(trees, key=lambda one: int(str(one["t_boot_ns"])))["entries"]
    found = {item["path"]: item["sha256"] for item in entries}  # type: ignore[attr-defined]
    assert found["new 🎉.txt"] is None
    assert recorded.session.read_blob(found["kept.py"]) == NOTES.encode()


def test_what_changed_is_told_before_whoever_asks_goes_on(tmp_path: Path, home: Path) -> None:
    tree = work_tree(tmp_path)
    recorded = Recorded.begin(tree.root)
    recorded.wait_for_tree()
    tree.write("new 🎉.txt", "𝄞")
    recorded.recording.tell_now()
    assert "new 🎉.txt" in recorded.items()
    recorded.stop()
    recorded.recording.tell_now()
