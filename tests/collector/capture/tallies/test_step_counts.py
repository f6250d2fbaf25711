"""The counts of `status` are exact, whatever the journals hold."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.clock import FakeClock

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.sessions.session_folder import Session, create_session
from signoff_collector.capture.tallies.step_counts import count_steps
from signoff_collector.capture.tallies.tally_file import FILE_NAME
from signoff_collector.capture.tallies.touched_files import TouchedFiles
from signoff_collector.capture.tallies.unsaved_files import UnsavedFiles
from signoff_collector.forgetting.forgetting import forget, make_request
from signoff_collector.own_files.home import Home

_TEXTS = st.sampled_from(["x", "text", '"text"', '{"text": 1}', "\U0001f600\U0001f9ea", ""])


def new_session(folder: Path) -> tuple[Session, FakeClock]:
    clock = FakeClock()
    home = Home(root=folder / "home").ensure()
    (folder / "work").mkdir()
    return create_session(home, (folder / "work").resolve(), clock=clock), clock


@settings(max_examples=40)
@given(st.lists(st.lists(_TEXTS, max_size=3), max_size=6), st.integers(0, 40))
def test_every_content_change_is_one_edit_and_a_torn_end_is_said(
    messages: list[list[str]], cut_bytes: int
) -> None:
    with tempfile.TemporaryDirectory(dir=os.environ["HOME"]) as name:
        session, clock = new_session(Path(name))
        expected: Counter[str] = Counter()
        with session.join("lsp", clock=clock) as writer:
            for texts in messages:
                clock.advance(1)
                changes = [{"text": text} for text in texts]
                params = {"textDocument": {"uri": "file:///text"}, "contentChanges": changes}
                body = [clock.boot_ns(), "textDocument/didChange", json.dumps(params).encode()]
                writer.append_value(RecordKind.LSP, body)
                expected["edit"] += len(texts)
        whole = count_steps(session)
        assert Counter(whole.by_kind) == expected
        assert whole.left_bytes == 0
        assert whole.last_ns == ({"lsp": clock.boot_ns()} if messages else {})
        (path,) = session.journals
        path.write_bytes(path.read_bytes() + b"\x01" * cut_bytes)
        assert count_steps(session).left_bytes == cut_bytes
        assert Counter(count_steps(session).by_kind) == expected


@settings(max_examples=40)
@given(st.binary(max_size=400))
def test_any_bytes_are_counted_without_error(content: bytes) -> None:
    with tempfile.TemporaryDirectory(dir=os.environ["HOME"]) as name:
        session, _ = new_session(Path(name))
        (session.folder / "lsp-1-abcd.0.journal").write_bytes(content)
        assert count_steps(session).left_bytes <= len(content)


def lsp(clock: FakeClock, method: str, **params: object) -> list[object]:
    clock.advance(1)
    return [clock.boot_ns(), method, json.dumps(params).encode()]


def test_a_later_look_counts_on_and_says_what_a_first_look_would(tmp_path: Path) -> None:
    session, clock = new_session(tmp_path)
    uri = (session.root / "a\U0001f600\U0001f9ea.py").as_uri()
    document = {"textDocument": {"uri": uri}}
    changed = {**document, "contentChanges": [{"text": "y"}]}
    seen_on_disk = [{"path": "b.rs", "sha256": "1" * 64}]
    records: list[tuple[RecordKind, object]] = [
        (RecordKind.LSP, lsp(clock, "textDocument/didOpen", **document)),
        (RecordKind.COMPANION, lsp(clock, "signoff/hello", name="x")),
        (RecordKind.LSP, lsp(clock, "textDocument/didChange", **changed)),
        (RecordKind.SAVE, {"t_boot_ns": clock.boot_ns(), "uri": uri, "disk_sha256": "0" * 64}),
        (RecordKind.FILES, {"t_boot_ns": clock.boot_ns(), "changed": seen_on_disk}),
        (RecordKind.STEP, {"t_boot_ns": clock.boot_ns(), "kind": "gap", "reason": "dropped"}),
        (RecordKind.LSP, lsp(clock, "textDocument/didClose", **document)),
    ]  # fmt: skip
    with session.join("lsp", clock=clock, header_fields={"editor": "Helix"}) as writer:
        for kind, body in records:
            writer.append_value(kind, body)
            later = count_steps(session)  # reads only what is new
            (session.folder / FILE_NAME).unlink()
            assert later == count_steps(session)
        (seen,) = later.documents
        assert seen.path == "a\U0001f600\U0001f9ea.py"
        assert not seen.is_open
        assert seen.saved_sha256 == "0" * 64
        assert seen.last_ns == later.last_ns["lsp"] == clock.boot_ns()
        assert later.on_disk["b.rs"][1] == "1" * 64
        assert later.single_saves == {".rs": 1}
        assert later.dropped == 1
        (one,) = later.writers
        assert (one.name, one.has_companion, one.is_at_work, one.is_killed) == (
            "Helix", True, True, False,
        )  # fmt: skip
    assert not count_steps(session).writers[0].is_at_work


def test_a_segment_that_was_rewritten_is_counted_anew(tmp_path: Path) -> None:
    session, clock = new_session(tmp_path)
    for name in ("kept.py", "forgotten.py"):
        document = {"textDocument": {"uri": (session.root / name).as_uri()}}
        with session.join("lsp", clock=clock) as writer:
            writer.append_value(RecordKind.LSP, lsp(clock, "textDocument/didOpen", **document))
            writer.append_value(RecordKind.LSP, lsp(clock, "textDocument/didClose", **document))
    touched = TouchedFiles(session)
    assert {path.name for path in touched.refresh()} == {"kept.py", "forgotten.py"}
    assert count_steps(session).by_kind == {"close": 2, "open": 2}
    request = make_request(clock, pattern="forgotten.py", sessions=(session.id,))
    forget(Home(root=tmp_path / "home"), clock, request)
    assert not (session.folder / FILE_NAME).exists()
    assert {path.name for path in touched.refresh()} == {"kept.py"}
    assert count_steps(session).by_kind == {"close": 1, "open": 1}
    assert b"forgotten" not in (session.folder / FILE_NAME).read_bytes()
    for path in session.journals:
        path.write_bytes(path.read_bytes()[:-1])
    assert count_steps(session).left_bytes


def test_a_document_is_named_however_its_editor_spells_json(tmp_path: Path) -> None:
    session, clock = new_session(tmp_path)
    document = {"uri": (session.root / "a.py").as_uri(), "text": '"uri": "file:///b.py"'}
    with session.join("lsp", clock=clock) as writer:
        for method in ("didOpen", "didChange"):
            body = lsp(clock, f"textDocument/{method}", textDocument=document)
            assert isinstance(body[2], bytes)
            body[2] = body[2].replace(b"/", rb"\/")
            writer.append_value(RecordKind.LSP, body)
        (seen,) = count_steps(session).documents
        assert (seen.path, seen.last_ns) == ("a.py", clock.boot_ns())
        assert TouchedFiles(session).refresh() == (session.root / "a.py",)
        assert UnsavedFiles(session).paths() == [str(session.root / "a.py")]


def test_a_wall_clock_that_was_set_is_one_jump_however_many_writers_noticed(
    tmp_path: Path,
) -> None:
    session, clock = new_session(tmp_path)
    with session.join("lsp", clock=clock) as one, session.join("git", clock=clock) as other:
        for hours in (0, -3, 0):
            clock.advance(120)
            clock.step_wall(hours * 3600)
            for writer in (one, other):
                writer.append_value(RecordKind.STEP, {"t_boot_ns": clock.boot_ns(), "kind": "note"})
    ((_, moved_ns),) = count_steps(session).jumps
    assert moved_ns == -3 * 3600 * 10**9


@settings(max_examples=30)
@given(st.binary(max_size=300))
def test_a_damaged_file_of_counts_costs_nothing_but_time(content: bytes) -> None:
    with tempfile.TemporaryDirectory(dir=os.environ["HOME"]) as name:
        session, clock = new_session(Path(name))
        with session.join("run", clock=clock) as writer:
            writer.append_value(RecordKind.STEP, {"t_boot_ns": clock.boot_ns(), "kind": "note"})
        (session.folder / FILE_NAME).write_bytes(content)
        assert count_steps(session).by_kind == {"note": 1}
