"""Reading the journals of a session, whatever happened to them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.seal_journals import Journal, gathered_for, sound

from signoff_collector.capture.journal.frame_reader import HOLE
from signoff_collector.capture.journal.journal import read_journal
from signoff_collector.capture.journal.journal_frames import RecordKind, encode_frame, pack_body
from signoff_collector.capture.journal.records import Segment, WriterRecords
from signoff_collector.capture.journal.writers import read_writers
from signoff_collector.seal.assemble import assemble
from signoff_schemas.errors import NotFoundError


def _journal() -> bytes:
    journal = Journal()
    journal.open("a.py", "one 😀🦊\n" * 20)
    for column in range(5):
        journal.evidence("a.py", "key", column + 1)
        journal.change("a.py", (0, column), (0, column), "x")
    journal.save("a.py", "xxxxx" + "one 😀🦊\n" * 20)
    journal.step("note", text="a note")
    return journal.to_bytes()


WHOLE = _journal()


def _same_as_the_journal_reader(path: Path) -> None:
    reading = read_journal(path)
    segment = Segment(path)
    found = [entry for entry in segment if entry[1] != HOLE]
    assert found == [(one.t_boot_ns, one.kind, one.body) for one in reading.records]
    if reading.header is not None:
        assert segment.damage.left_bytes == reading.left_bytes
        assert segment.damage.unreadable == reading.unreadable


def test_a_journal_cut_anywhere_gives_what_the_journal_reader_gives(tmp_path: Path) -> None:
    path = tmp_path / "lsp-100-abcd.0.journal"
    for length in range(len(WHOLE) + 1):
        path.write_bytes(WHOLE[:length])
        _same_as_the_journal_reader(path)


def test_a_journal_with_any_byte_flipped_gives_what_the_journal_reader_gives(
    tmp_path: Path,
) -> None:
    path = tmp_path / "lsp-100-abcd.0.journal"
    for place in range(0, len(WHOLE), 3):
        path.write_bytes(WHOLE[:place] + bytes((WHOLE[place] ^ 0x21,)) + WHOLE[place + 1 :])
        _same_as_the_journal_reader(path)


def test_records_of_some_kinds_are_those_that_reading_all_gives(tmp_path: Path) -> None:
    path = tmp_path / "lsp-100-abcd.0.journal"
    kinds = {RecordKind.SAVE, RecordKind.STEP}
    for length in range(0, len(WHOLE) + 1, 7):
        path.write_bytes(WHOLE[:length])
        segment = Segment(path)
        assert list(segment.only(kinds)) == [entry for entry in segment if entry[1] in kinds]
    path.write_bytes(WHOLE)
    (writer,), _ = read_writers(tmp_path)
    assert [kind for _, kind, _ in writer.only(kinds)] == [RecordKind.SAVE, RecordKind.STEP]
    in_memory = WriterRecords(writer.header, [list(writer)])
    assert list(in_memory.only(kinds)) == list(writer.only(kinds))


def test_records_larger_than_a_piece_are_read_whole(tmp_path: Path) -> None:
    big = {"t_boot_ns": 1, "uri": "file:///a", "text": "😀🦊" * 200_000}
    path = tmp_path / "lsp-100-abcd.0.journal"
    path.write_bytes(WHOLE + encode_frame(RecordKind.ANCHOR, pack_body(big)) + WHOLE[:50])
    assert list(Segment(path))[-1] == (1, RecordKind.ANCHOR, big)


def test_segments_of_one_writer_are_one_stream(tmp_path: Path) -> None:
    for number in (10, 2, 0):
        journal = Journal()
        object.__setattr__(journal.header, "segment", number)
        journal.step("note", text=str(number))
        journal.write(tmp_path)
    writers, _ = read_writers(tmp_path)
    assert [body["text"] for _, _, body in writers[0] if isinstance(body, dict)] == ["0", "2", "10"]


def test_a_journal_without_a_header_is_left_out_and_counted(tmp_path: Path) -> None:
    (tmp_path / "lsp-1-abcd.0.journal").write_bytes(b"\0" * 100)
    assert read_writers(tmp_path) == ([], 1)


_BODIES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 1 << 62) | st.text(max_size=8)
    | st.binary(max_size=30) | st.sampled_from(["textDocument/didChange", "signoff/select"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["t_boot_ns", "uri", "text", "kind", "path", "disk", "sha256", "version"]),
        inner,
        max_size=6,
    ),
    max_leaves=12,
)  # fmt: skip
_JSON = st.sampled_from(
    [
        b'{"uri":"file:///home/ada/project/a.py","version":1,"reason":"key","changes":-9}',
        b'{"uri":"file:///home/ada/project/a.py","ranges":[[-1,4],[0,99999999999],[1]]}',
        b'{"uri":"file:///home/ada/project/a.py","cursor":{"line":99,"character":-1},"selections":[1]}',
        b'{"uri":"file:///home/ada/project/a.py","items":[{"message":"m","range":{"start":null}},7]}',
        b'{"textDocument":{"uri":"file:///home/ada/project/a.py"},"contentChanges":[{"text":"\\ud83d"}]}',
        b'{"textDocument":{"uri":"file:///home/ada/project/a.py","text":"x\\udc00"}}',
        b'{"textDocument":{"uri":"file:///home/ada/project/a.py","text":5}}',
        b'{"textDocument":[],"contentChanges":{}}',
        b"[[[[[",
        b"\xed\xa0\xbd",
    ]
)
_METHODS = st.sampled_from(
    ["textDocument/didOpen", "textDocument/didChange", "textDocument/didClose", "signoff/evidence",
     "signoff/view", "signoff/select", "signoff/diagnostics", "signoff/disk", "signoff/focus", "x"]
)  # fmt: skip
_RECORDS = st.one_of(
    st.tuples(st.integers(0, 9), _BODIES),
    st.tuples(
        st.sampled_from([1, 3]),
        st.tuples(st.integers(0, 1 << 62), _METHODS, _JSON).map(list),
    ),
)


@given(records=st.lists(_RECORDS, max_size=12))
def test_any_records_become_a_sound_episode(records: list[tuple[int, object]]) -> None:
    journal = Journal()
    journal.open("a.py", "one 😀🦊\n")
    for kind, body in records:
        journal.wait(0.1)
        journal.add(kind, body)
    journal.change("a.py", (0, 0), (0, 0), "x")
    sound(assemble([journal.records()], gathered_for(), lambda _: b"content \xff"))


@given(data=st.binary(max_size=400), cut=st.integers(0, len(WHOLE)))
def test_any_bytes_become_an_episode_or_an_error_of_ours(
    data: bytes, cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "lsp-100-abcd.0.journal").write_bytes(WHOLE[:cut] + data)
    writers, _ = read_writers(folder)
    try:
        sound(assemble(writers, gathered_for()))
    except NotFoundError:
        assert not writers


@given(
    fields=st.dictionaries(
        st.sampled_from(
            ["operation", "head_before", "branch", "message", "disk", "argv", "cwd", "path",
             "framework", "run_id", "cases", "text", "outcome", "old_path", "disk_sha256",
             "reason", "count", "changed", "parents", "exit_code", "output"]
        ),
        _BODIES,
        max_size=8,
    ),
    kind=st.sampled_from(
        ["git", "command", "tests", "task", "note", "files", "create", "rename", "delete",
         "environment", "gap", "agent", "edit", "save", "nonsense"]
    ),
)  # fmt: skip
def test_journalled_steps_of_any_shape_are_taken_or_dropped(
    fields: dict[str, object], kind: str
) -> None:
    journal = Journal("git", 200)
    journal.step(kind, **fields)
    journal.step("note", text="after it 😀🦊")
    episode = sound(assemble([journal.records()], gathered_for(), lambda _: b"content"))
    assert any(getattr(step, "text", "") == "after it 😀🦊" for step in episode.steps)


def test_a_writer_in_memory_can_be_read_twice() -> None:
    journal = Journal()
    journal.step("note", text="once")
    writer = journal.records()
    assert isinstance(writer, WriterRecords)
    assert list(writer) == list(writer)
