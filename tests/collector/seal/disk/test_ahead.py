"""What changed a file is told before what an editor did after it, however late the watcher is."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st
from tests.support.seal_journals import (
    Journal,
    edit_authors,
    final_disk,
    gathered_for,
    kinds,
    sha256,
    sound,
)

from signoff_collector.capture.journal.control import ControlLine
from signoff_collector.capture.journal.journal_frames import RecordKind
from signoff_collector.episode.content import Episode
from signoff_collector.seal.assemble import assemble
from signoff_collector.seal.gathering.gathered import Gathered
from signoff_schemas.steps import FilesStep

OLD, SEEN, NEW = "one 😀🦊\n", "seen 😀🦊\n", "two 😀🦊\n"
CONTENTS = {sha256(text): text.encode() for text in (OLD, NEW)}
"""Of which blobs are kept: the watcher never read `SEEN`."""
MS = 10**6


def _item(path: str, text: str | None, changed_boot_ns: int | None) -> dict[str, object]:
    sha = None if text is None else sha256(text)
    size = None if text is None else len(text.encode())
    item: dict[str, object] = {"path": path, "sha256": sha, "size_bytes": size, "mode": "100644"}
    return item if changed_boot_ns is None else item | {"changed_boot_ns": changed_boot_ns}


def _watcher(editor: Journal) -> Journal:
    """Return the watcher's journal, begun with the tree."""
    files = Journal("files", 300, t_boot_ns=editor.t_boot_ns)
    entries = [_item(name, OLD, None) for name in ("a.py", "b.py", "c.py")]
    files.add(RecordKind.TREE, {"t_boot_ns": files.t_boot_ns, "reason": "start",
              "head": "c" * 40, "entries": entries, "is_complete": True})  # fmt: skip
    return files


def _burst(files: Journal, t_boot_ns: int, *changed: dict[str, object], **more: object) -> None:
    files.t_boot_ns = t_boot_ns
    files.add(
        RecordKind.FILES,
        {
            "t_boot_ns": t_boot_ns, "first_boot_ns": t_boot_ns - 2 * 10**9,
            "changed": list(changed), "renamed": [], "count": len(changed), "is_bulk": False,
            "resolvable": False, "is_rescan": False, **more,
        },
    )  # fmt: skip


def _sealed(*journals: Journal, facts: Gathered | None = None) -> Episode:
    records = [one.records() for one in journals]
    return sound(assemble(records, facts or gathered_for(), CONTENTS.get))


def _told(episode: Episode) -> list[list[str]]:
    return [
        [file.path for file in step.changed]
        for step in episode.steps
        if isinstance(step, FilesStep) and not step.is_base
    ]


@given(st.integers(0, 6), st.integers(0, 6), st.booleans())
def test_a_change_stands_between_the_edits_before_and_after_it(
    before: int, after: int, is_gone: bool
) -> None:
    editor = Journal()
    files = _watcher(editor)
    editor.open("a.py", OLD)
    for _ in range(before):
        editor.change("a.py", (0, 0), (0, 0), "x")
    changed_ns = editor.t_boot_ns + 20 * MS
    for _ in range(after):
        editor.change("a.py", (0, 0), (0, 0), "y")
    _burst(files, editor.t_boot_ns + 700 * MS, _item("a.py", None if is_gone else NEW, changed_ns))
    told = "delete" if is_gone else "files"
    wanted = ["files", "open", *["edit"] * before, told, *["edit"] * after, "checkpoint"]
    episode = _sealed(editor, files)
    assert kinds(episode) == wanted
    assert final_disk(episode, "a.py") == (None if is_gone else NEW)


def test_a_change_without_a_time_stands_where_its_record_does() -> None:
    editor = Journal()
    files = _watcher(editor)
    editor.open("a.py", OLD)
    editor.change("a.py", (0, 0), (0, 0), "x")
    _burst(files, editor.t_boot_ns + 700 * MS, _item("a.py", NEW, None))
    assert kinds(_sealed(editor, files)) == ["files", "open", "edit", "files", "checkpoint"]


def test_what_had_changed_by_then_is_one_step_and_the_rest_another() -> None:
    editor = Journal()
    files = _watcher(editor)
    editor.open("a.py", OLD)
    at_ns = editor.t_boot_ns
    editor.change("a.py", (0, 0), (0, 0), "x")
    editor.change("a.py", (0, 0), (0, 0), "x")
    changed = [("a.py", 20), ("b.py", 30), ("c.py", 700)]
    items = [_item(path, NEW, at_ns + ms * MS) for path, ms in changed]
    _burst(files, at_ns + 900 * MS, *items)
    episode = _sealed(editor, files)
    assert _told(episode) == [["a.py", "b.py"], ["c.py"]]
    assert [step.changed_count for step in episode.steps if isinstance(step, FilesStep)][1:] == [
        2,
        1,
    ]


def test_a_bulk_change_and_one_that_is_seen_late_are_told_by_their_record() -> None:
    for flag in ("is_bulk", "is_rescan"):
        editor = Journal()
        files = _watcher(editor)
        editor.open("a.py", OLD)
        changed_ns = editor.t_boot_ns + 20 * MS
        editor.change("a.py", (0, 0), (0, 0), "x")
        _burst(files, editor.t_boot_ns + 9 * MS, _item("a.py", NEW, changed_ns), **{flag: True})
        assert kinds(_sealed(editor, files)) == ["files", "open", "edit", "files", "checkpoint"]


def test_a_save_is_told_by_its_own_record() -> None:
    editor = Journal()
    files = _watcher(editor)
    editor.open("a.py", OLD)
    editor.changes("a.py", [{"text": NEW}])
    saved_ns = editor.t_boot_ns + 50 * MS
    editor.save("a.py", NEW)
    editor.change("a.py", (0, 0), (0, 0), "x")
    _burst(files, editor.t_boot_ns + 300 * MS, _item("a.py", NEW, saved_ns))
    told = ["files", "open", "edit", "save", "edit", "checkpoint"]
    assert kinds(_sealed(editor, files)) == told


def test_a_forgotten_change_is_not_told_ahead() -> None:
    editor = Journal()
    files = _watcher(editor)
    editor.open("a.py", OLD)
    changed_ns = editor.t_boot_ns + 20 * MS
    editor.change("a.py", (0, 0), (0, 0), "x")
    record_ns = editor.t_boot_ns + 700 * MS
    _burst(files, record_ns, _item("a.py", NEW, changed_ns))
    words = {"from": str(record_ns - MS), "to": str(record_ns + MS)}
    line = ControlLine(verb="forget", t_boot_ns=record_ns + 10**9, fields=words)
    episode = _sealed(editor, files, facts=gathered_for(line))
    assert _told(episode) == []
    assert NEW.encode() not in episode.blobs


def _read_anew(editor: Journal, text: str) -> None:
    """The editor shows another text, and its bridge finds that the file holds it."""
    editor.changes("a.py", [{"text": text}])
    digest = hashlib.sha256(text.encode()).hexdigest()
    note = {"uri": editor.uri("a.py"), "exists": True, "matches": True, "sha256": digest}
    editor.companion("disk", note)


def test_what_an_editor_read_anew_lay_on_disk_though_the_watcher_never_read_it() -> None:
    editor = Journal()
    files = _watcher(editor)
    editor.open("a.py", OLD)
    _read_anew(editor, SEEN)
    _burst(files, editor.t_boot_ns + 300 * MS, _item("a.py", NEW, editor.t_boot_ns + 20 * MS))
    episode = _sealed(editor, files)
    assert kinds(episode) == ["files", "open", "edit", "files", "files", "checkpoint"]
    passing = episode.steps[2]
    assert isinstance(passing, FilesStep)
    (item,) = passing.changed
    assert item.blob is not None
    assert episode.blobs[item.blob] == SEEN.encode()
    assert [author[:2] for author in edit_authors(episode)] == [("external", "inferred")]
    assert final_disk(episode, "a.py") == NEW


def test_what_an_editor_read_anew_and_the_watcher_too_is_told_once() -> None:
    editor = Journal()
    files = _watcher(editor)
    editor.open("a.py", OLD)
    changed_ns = editor.t_boot_ns + 20 * MS
    _read_anew(editor, NEW)
    _burst(files, editor.t_boot_ns + 300 * MS, _item("a.py", NEW, changed_ns))
    episode = _sealed(editor, files)
    assert kinds(episode) == ["files", "open", "files", "edit", "checkpoint"]
    assert [author[:2] for author in edit_authors(episode)] == [("external", "inferred")]


def test_what_an_editor_saved_right_then_is_no_change_by_others() -> None:
    editor = Journal()
    files = _watcher(editor)
    editor.open("a.py", OLD)
    _read_anew(editor, NEW)
    editor.save("a.py", NEW)
    _burst(files, editor.t_boot_ns + 300 * MS, _item("a.py", NEW, editor.t_boot_ns - 50 * MS))
    assert kinds(_sealed(editor, files)) == ["files", "open", "edit", "save", "checkpoint"]
