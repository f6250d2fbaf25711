"""What the file watcher saw becomes steps, unless an editor's save says it already."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from tests.support.seal_journals import Journal, final_disk, gathered_for, kinds, sha256, sound

from signoff_collector.capture.journal.control import ControlLine
from signoff_collector.capture.journal.journal_frames import RecordKind
from signoff_collector.episode.content import Episode
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.seal.assemble import assemble
from signoff_collector.seal.disk.tree_steps import BULK_BYTES, OVERLAY_BYTES
from signoff_collector.seal.gathering.base_files import BaseFile
from signoff_collector.seal.gathering.gathered import BaseFacts, Gathered
from signoff_schemas.steps import FilesStep, StepBase, seen_on_disk
from signoff_schemas.values import DiskFile
from signoff_schemas.words import ActorClass, Basis, Coverage, TimeKind

OLD, NEW = "one 😀🦊\n", "two 😀🦊\n"
CRLF = NEW.replace("\n", "\r\n").encode()
CONTENTS = {sha256(text): text.encode() for text in (OLD, NEW)}
CONTENTS[hashlib.sha256(CRLF).hexdigest()] = CRLF
PACKED = bytes(range(200, 256))
"""Bytes in no form of any text."""
CONTENTS[hashlib.sha256(PACKED).hexdigest()] = PACKED
FACTS = replace(gathered_for(), base=BaseFacts(commit="c" * 40))


def _item(path: str, content: str | bytes | None, mode: str = "100644") -> dict[str, object]:
    data = content.encode() if isinstance(content, str) else content
    if data is None:
        return {"path": path, "sha256": None, "size_bytes": None, "mode": None}
    digest = hashlib.sha256(data).hexdigest()
    return {"path": path, "sha256": digest, "size_bytes": len(data), "mode": mode}


class Files(Journal):
    """The file watcher's journal."""

    def __init__(self, t_boot_ns: int) -> None:
        super().__init__("files", 300, t_boot_ns=t_boot_ns)

    def tree(
        self, *entries: dict[str, object], reason: str = "start", head: str = "c" * 40
    ) -> None:
        """Add a TREE record."""
        self.wait(0.1)
        body = {"t_boot_ns": self.t_boot_ns, "reason": reason, "head": head,
                "entries": list(entries), "is_complete": True}  # fmt: skip
        self.add(RecordKind.TREE, body)

    def burst(self, *changed: dict[str, object], **more: object) -> None:
        """Add a FILES record of the last 100 ms."""
        self.wait(0.1)
        body = {"t_boot_ns": self.t_boot_ns, "first_boot_ns": self.t_boot_ns - 10**8,
                "changed": list(changed), "renamed": [], "count": len(changed),
                "is_bulk": False, "resolvable": False, "is_rescan": False, **more}  # fmt: skip
        self.add(RecordKind.FILES, body)


def _sealed(*journals: Journal, facts: Gathered = FACTS) -> Episode:
    return sound(assemble([one.records() for one in journals], facts, CONTENTS.get))


def _pair() -> tuple[Journal, Files]:
    editor = Journal()
    return editor, Files(editor.t_boot_ns)


def _step(episode: Episode, kind: str) -> StepBase:
    (step,) = [step for step in episode.steps if getattr(step, "kind", "") == kind]
    return step


def test_the_tree_at_the_start_is_one_step_and_opening_its_files_adds_nothing() -> None:
    editor, files = _pair()
    files.tree(_item("a.py", OLD), _item("gone.py", None))
    editor.wait(1)
    editor.open("a.py", OLD)
    episode = _sealed(editor, files)
    assert kinds(episode) == ["files", "open", "checkpoint"]
    base = episode.steps[0]
    assert isinstance(base, FilesStep)
    assert (base.is_base, base.changed_count, base.state) == (True, 2, 0)
    assert (base.actor.cls, base.actor.basis) == (ActorClass.PREEXISTING, Basis.OBSERVED)
    assert getattr(episode.steps[1], "blob", 0) is None
    assert (episode.header.base.is_dirty, episode.header.base.dirty_files) == (True, 2)
    assert Moments(episode).gone(0) == {"gone.py"}


@pytest.mark.parametrize("is_told_first", [True, False], ids=["seen before", "seen after"])
def test_a_change_that_a_save_explains_is_no_step(is_told_first: bool) -> None:
    editor, files = _pair()
    files.tree(_item("a.py", OLD))
    editor.wait(10)
    editor.open("a.py", OLD)
    editor.changes("a.py", [{"text": NEW}])
    files.t_boot_ns = editor.t_boot_ns
    files.wait(0 if is_told_first else 3)
    files.burst(_item("a.py", NEW))
    editor.wait(1)
    editor.save("a.py", NEW)
    assert kinds(_sealed(editor, files)) == ["files", "open", "edit", "save", "checkpoint"]


def test_bytes_that_a_save_hides_in_no_known_way_come_from_the_watcher() -> None:
    editor, files = _pair()
    editor.open("a.py", OLD)
    editor.save("a.py", OLD, disk=PACKED)
    files.t_boot_ns = editor.t_boot_ns
    files.burst(_item("a.py", PACKED))
    episode = _sealed(editor, files)
    assert kinds(episode) == ["open", "save", "checkpoint", "checkpoint"]
    assert final_disk(episode, "a.py") == PACKED


def test_a_change_whose_save_never_comes_is_told_late() -> None:
    editor, files = _pair()
    editor.open("a.py", OLD)
    editor.close("a.py")
    files.t_boot_ns = editor.t_boot_ns
    files.burst(_item("a.py", NEW))
    editor.wait(2)
    editor.save("a.py", NEW)  # of a document that is not open any more
    episode = _sealed(editor, files)
    late = _step(episode, "files")
    assert (late.t_kind, late.actor.cls) == (TimeKind.SEEN_LATE, ActorClass.EXTERNAL)
    assert final_disk(episode, "a.py") == NEW


def test_git_explains_a_burst_and_its_own_list_is_an_observation() -> None:
    editor, files = _pair()
    editor.open("a.py", OLD)
    files.t_boot_ns = editor.t_boot_ns
    files.burst(_item("a.py", NEW), _item("b.py", OLD))
    git = Journal("git", 400, t_boot_ns=files.t_boot_ns)
    git.wait(0.5)
    git.step("git", operation="checkout", disk=[_item("a.py", NEW)])
    changed = _step(_sealed(editor, files, git), "files")
    assert (changed.actor.cls, changed.actor.basis) == (ActorClass.GIT, Basis.INFERRED)
    assert changed.actor.evidence == ("git checkout",)
    both = Journal("git", 400, t_boot_ns=files.t_boot_ns)
    both.step("git", operation="checkout", disk=[_item("a.py", NEW), _item("b.py", OLD)])
    assert _step(_sealed(editor, files, both), "files").actor.basis is Basis.OBSERVED
    commit = Journal("git", 400, t_boot_ns=files.t_boot_ns)
    commit.step("git", operation="commit")
    assert _step(_sealed(editor, files, commit), "files").actor.cls is ActorClass.EXTERNAL


def test_what_ran_meanwhile_is_evidence_and_no_proof() -> None:
    editor, files = _pair()
    editor.open("a.py", OLD)
    files.t_boot_ns = editor.t_boot_ns
    files.wait(5)
    files.burst(_item("a.py", NEW))
    run = Journal("run", 400, t_boot_ns=files.t_boot_ns + 10**9)
    run.step("command", argv=["/usr/bin/black", "a.py"], duration_ns=2 * 10**9)
    late = Journal("run", 401, t_boot_ns=files.t_boot_ns + 60 * 10**9)
    late.step("command", argv=["other"], duration_ns=10**9)
    changed = _step(_sealed(editor, files, run, late), "files")
    assert changed.actor.cls is ActorClass.EXTERNAL
    assert changed.actor.evidence == ("command black",)


def test_single_changes_are_steps_of_their_own_kind() -> None:
    editor, files = _pair()
    facts = replace(
        FACTS, base_files={"base.py": BaseFile(sha256=sha256(OLD), mode="100755"), "n.py": None}
    )
    files.tree()
    for change in (
        _item("n.py", NEW),
        _item("n.py", None),
        _item("base.py", None),
    ):
        files.wait(5)
        files.burst(change)
    files.wait(5)
    files.burst(_item("base.py", OLD, "100755"))
    episode = _sealed(editor, files, facts=facts)
    assert kinds(episode) == ["create", "delete", "delete", "create", "checkpoint"]
    assert [step.state for step in episode.steps] == [1, 0, 2, 0, 0]
    assert Moments(episode).mode("base.py", 3) == "100755"


def test_a_moved_file_is_a_rename_and_keeps_what_the_base_has() -> None:
    editor, files = _pair()
    facts = replace(FACTS, base_files={"a.py": BaseFile(sha256=sha256(OLD), mode="100755")})
    files.tree()
    files.burst(_item("b.py", OLD, "100755"), renamed=[["a.py", "b.py"]])
    episode = _sealed(editor, files, facts=facts)
    assert kinds(episode) == ["rename", "checkpoint"]
    moments = Moments(episode)
    absent = moments.absent("b.py", 0)
    assert absent is not None
    assert (absent.base_path, moments.mode("b.py", 0)) == ("a.py", "100755")
    assert moments.gone(0) == {"a.py"}
    assert episode.blobs == ()


def test_a_bulk_change_is_one_step_with_hashes_a_repository_resolves() -> None:
    editor, files = _pair()
    files.tree()
    items = [{**_item(f"f{n}.py", OLD), "sha256": f"{n:064x}"} for n in range(500)]
    files.burst(*items, is_bulk=True, resolvable=True, count=500)
    episode = _sealed(editor, files)
    step = _step(episode, "files")
    assert isinstance(step, FilesStep)
    assert (step.changed_count, step.resolvable, len(step.changed)) == (500, True, 500)
    assert step.changed[7].sha256 == f"{7:064x}"
    assert all(item.without_content for item in step.changed)
    files.burst(*items[1:3], is_bulk=True, count=6000)
    *_, unnamed = [s for s in _sealed(editor, files).steps if isinstance(s, FilesStep)]
    assert (unnamed.changed_count, unnamed.resolvable) == (5998, False)


def test_of_a_bulk_that_a_later_tree_tells_of_no_more_is_kept_than_is_masked_in_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    editor, files = _pair()
    files.tree(_item("dirty.py", OLD))
    came = {f"node_modules/p/f{n} 🎉.js": f"{n} 𝄞 {'x' * 9_000}" for n in range(500)}
    near = {f"near {n}.py": f"{n} {'y' * 9_000}" for n in range(9)}
    late = {**came, **near, "dirty.py": NEW, "tracked.py": NEW}
    for text in late.values():
        monkeypatch.setitem(CONTENTS, sha256(text), text.encode())
    files.tree(*(_item(path, text) for path, text in sorted(late.items())), reason="end")
    base = {"tracked.py": BaseFile(sha256=sha256(OLD), mode="100644")}
    episode = _sealed(editor, files, facts=replace(FACTS, base_files=base))
    *_, step = [step for step in episode.steps if isinstance(step, FilesStep)]
    assert step.changed_count == len(late)
    held = {item.path for item in step.changed if item.blob is not None}
    assert {*near, "dirty.py", "tracked.py"} <= held
    assert BULK_BYTES - 10_000 < sum(map(len, episode.blobs)) < BULK_BYTES + 10_000
    assert len(held) < len(late) / 2
    left = [item for item in step.changed if item.path not in held]
    assert all(item.without_content and item.sha256 == "withheld" for item in left)


def test_contents_no_repository_has_have_no_hash_in_the_file() -> None:
    editor, files = _pair()
    files.tree()
    one, two = "1" * 64, "2" * 64
    files.burst({**_item("a.bin", OLD), "sha256": one}, {**_item("b.bin", OLD), "sha256": two})
    facts = replace(FACTS, in_repository=(two,))
    step = _step(_sealed(editor, files, facts=facts), "files")
    assert isinstance(step, FilesStep)
    assert [item.sha256 for item in step.changed] == ["withheld", two]
    assert step.resolvable is False


def test_a_test_run_needs_no_resync_where_the_watcher_saw_the_change() -> None:
    editor, files = _pair()
    editor.open("a.py", OLD)
    run = Journal("run", 400, t_boot_ns=editor.t_boot_ns)
    run.step("tests", run_id="1", framework="pytest", disk=[_item("a.py", NEW)])
    files.t_boot_ns = run.t_boot_ns + 10**8
    files.burst(_item("a.py", NEW))
    episode = _sealed(editor, files, run)
    assert kinds(episode) == ["open", "files", "tests", "checkpoint", "checkpoint"]
    assert episode.header.check.resyncs == 0


def test_a_command_before_the_first_tree_did_not_make_what_differed_all_along() -> None:
    """`signoff run` begins the session and lists what differs from HEAD before the watcher does."""
    _, files = _pair()
    run = Journal("run", 400, t_boot_ns=files.t_boot_ns)
    run.step("command", argv=["make"], disk=[_item("a.py", OLD)])
    files.wait(1)
    files.tree(_item("a.py", OLD))
    files.wait(60)
    files.tree(_item("a.py", OLD), reason="end")
    command, base, *_ = _sealed(files, run).steps
    assert [item.sha256 for item in seen_on_disk(command)] == ["withheld"]
    assert isinstance(base, FilesStep)
    assert (base.is_base, base.actor.cls) == (True, ActorClass.PREEXISTING)
    assert [item.sha256 for item in base.changed] == [sha256(OLD)]


def test_a_buffer_that_reloads_a_file_with_hidden_bytes_took_it_over() -> None:
    editor, files = _pair()
    editor.open("a.py", OLD)
    files.t_boot_ns = editor.t_boot_ns
    files.burst(_item("a.py", CRLF))
    editor.wait(1)
    editor.changes("a.py", [{"text": NEW}])
    episode = _sealed(editor, files)
    (edit,) = episode.edits.edits()
    assert edit.actor == list(ActorClass).index(ActorClass.EXTERNAL)


def test_forgotten_files_are_in_no_record_of_the_tree() -> None:
    editor, files = _pair()
    fields = {"from": "0", "to": str(1 << 62), "path": "secret*"}
    line = ControlLine(verb="forget", t_boot_ns=files.t_boot_ns + 10**9, fields=fields)
    files.tree(_item("secret.txt", OLD), _item("a.py", OLD))
    files.burst(_item("secret.txt", NEW), renamed=[["a.py", "secret.py"]])
    facts = replace(FACTS, control=(line,))
    text = repr(_sealed(editor, files, facts=facts).steps)
    assert "a.py" in text
    assert "secret" not in text


def test_what_the_watcher_saw_is_said_from_when_to_when() -> None:
    editor, files = _pair()
    files.wait(60)
    files.tree()
    files.burst(_item("a.py", NEW))
    late = Journal("files", 301, t_boot_ns=files.t_boot_ns)
    late.add(RecordKind.FILES, {"t_boot_ns": late.t_boot_ns, "first_boot_ns": late.t_boot_ns,
             "changed": [_item("b.py", OLD)], "is_rescan": True})  # fmt: skip
    episode = _sealed(editor, files)
    (seen,) = [one for one in episode.header.observability if one.source == "files"]
    assert (seen.files, seen.from_ns, seen.to_ns) == (Coverage.FULL, 0, None)
    seen, again = [
        one for one in _sealed(editor, files, late).header.observability if one.source == "files"
    ]
    assert (seen.files, again.files) == (Coverage.PARTIAL, Coverage.PARTIAL)
    assert again.from_ns == late.t_boot_ns - editor.header.t_boot_ns


def test_text_that_may_be_of_a_pause_says_so_once_per_file() -> None:
    editor, files = _pair()
    files.tree(_item("a.py", OLD))
    lines = tuple(
        ControlLine(verb=verb, t_boot_ns=files.t_boot_ns + after * 10**9, fields={})
        for verb, after in (("pause", 10), ("resume", 100))
    )
    files.wait(5)
    files.burst(_item("b.py", OLD), _item("c.py", OLD))
    files.wait(100)
    files.burst(_item("a.py", NEW))
    files.wait(10)
    files.burst(_item("a.py", OLD))
    files.tree(_item("b.py", NEW), _item("a.py", OLD), reason="end")
    episode = _sealed(editor, files, facts=replace(FACTS, control=lines))
    told = [
        ([item.path for item in step.changed], step.while_paused)
        for step in episode.steps
        if isinstance(step, FilesStep)
    ]
    assert told == [
        (["a.py"], None), (["b.py", "c.py"], None), (["a.py"], True), (["a.py"], None),
        (["b.py"], True),
    ]  # fmt: skip


def test_of_a_huge_overlay_the_smallest_files_are_kept() -> None:
    editor, files = _pair()
    large = {**_item("large.py", NEW), "size_bytes": OVERLAY_BYTES}
    files.tree(large, _item("small.py", OLD))
    step = _sealed(editor, files).steps[0]
    assert isinstance(step, FilesStep)
    assert [(item.path, item.blob is None) for item in step.changed] == [
        ("large.py", True),
        ("small.py", False),
    ]
    editor.wait(9)
    editor.open("large.py", NEW)
    assert final_disk(_sealed(editor, files), "large.py") == NEW


def test_a_second_tree_is_compared_with_what_is_known() -> None:
    editor, files = _pair()
    files.tree(_item("a.py", OLD))
    files.wait(60)
    files.tree(_item("a.py", NEW), reason="end")
    step = _sealed(editor, files).steps[1]
    assert isinstance(step, FilesStep)
    assert (step.t_kind, step.changed[0].sha256) == (TimeKind.SEEN_LATE, sha256(NEW))


@pytest.mark.parametrize(
    "body",
    [
        {"changed": 7, "renamed": "x"},
        {"changed": [7, {}, {"path": 3}, {"path": "../../x", "sha256": sha256(OLD)}]},
        {"changed": [_item("a.py", OLD)], "renamed": [["a"], [1, 2], "ab"], "count": -4},
        {"changed": [{**_item("a.py", OLD), "mode": "lies"}], "first_boot_ns": 1 << 80},
    ],
)
def test_records_that_make_no_sense_harm_nothing(body: dict[str, object]) -> None:
    editor, files = _pair()
    editor.open("a.py", OLD)
    files.wait(1)
    files.add(RecordKind.FILES, {"t_boot_ns": files.t_boot_ns, **body})
    files.add(RecordKind.TREE, {"t_boot_ns": files.t_boot_ns, "entries": body["changed"]})
    episode = _sealed(editor, files)
    paths = {item.path for step in episode.steps for item in _changed(step)}
    assert paths <= {"a.py"}


def _changed(step: StepBase) -> tuple[DiskFile, ...]:
    return step.changed if isinstance(step, FilesStep) else ()
