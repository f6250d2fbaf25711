"""Taking records out of journals: what goes is gone, what stays still replays."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.bridge import at, folded
from tests.support.clock import FakeClock

from signoff_collector.capture.journal.forgotten import ForgottenSpan, make_span
from signoff_collector.capture.journal.journal import JournalWriter, RecordKind, read_journal
from signoff_collector.forgetting.rewriting import holds_forgotten, rewrite_writer
from signoff_collector.text.positions import Encoding

EMOJI = "\U0001f600\U0001f9ea"
FAR = (1 << 62) - 1


class Writer:
    """A journal in a folder, one second between records."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.clock = FakeClock()
        fields = {"encoding": "utf-16"}
        self._journal = JournalWriter.create(folder, "lsp", clock=self.clock, header_fields=fields)
        self._versions: dict[str, int] = {}

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def lsp(self, method: str, params: object) -> int:
        self.clock.advance(1)
        body = [self.clock.boot_ns(), method, json.dumps(params).encode()]
        self._journal.append_value(RecordKind.LSP, body)
        return self.clock.boot_ns()

    def open(self, name: str, text: str) -> int:
        self._versions[name] = 1
        item = {"uri": self.uri(name), "languageId": "python", "version": 1, "text": text}
        return self.lsp("textDocument/didOpen", {"textDocument": item})

    def change(self, name: str, *changes: object) -> int:
        self._versions[name] += 1
        document = {"uri": self.uri(name), "version": self._versions[name]}
        return self.lsp(
            "textDocument/didChange", {"textDocument": document, "contentChanges": list(changes)}
        )

    def step(self, **fields: object) -> int:
        self.clock.advance(1)
        body = {"t_boot_ns": self.clock.boot_ns(), "t_kind": "event", **fields}
        self._journal.append_value(RecordKind.STEP, body)
        return self.clock.boot_ns()

    def record(self, kind: RecordKind, fields: dict[str, object]) -> None:
        self.clock.advance(1)
        self._journal.append_value(kind, {"t_boot_ns": self.clock.boot_ns(), **fields})

    def cut(self) -> None:
        self._journal.new_segment()

    def segments(self) -> list[Path]:
        self._journal.sync()
        found = self.root.glob("*.journal")
        return sorted(found, key=lambda path: int(path.name.split(".")[-2]))

    def forget(self, *spans: ForgottenSpan) -> bytes:
        """Rewrite everything and return all bytes that are left."""
        self._journal.close()
        rewrite_writer(self.segments(), frozenset(), spans, self.root)
        assert not any(holds_forgotten(path, spans, self.root) for path in self.segments())
        return b"".join(path.read_bytes() for path in self.segments())

    def text(self, name: str) -> str | None:
        found = [record for path in self.segments() for record in read_journal(path).records]
        return folded(self.uri(name), Encoding.UTF16, found)


def test_a_forgotten_stretch_is_gone_and_the_rest_replays(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.open("a.py", f"one {EMOJI}\n")
    start = writer.change("a.py", at(0, 8, 0, 8, "hunter2secret"))
    end = writer.change("a.py", at(0, 8, 0, 21, ""))
    writer.change("a.py", at(0, 0, 0, 3, "two"))
    left = writer.forget(make_span(start, end))
    assert b"hunter2" not in left
    assert writer.text("a.py") == f"two {EMOJI}\n"
    assert read_journal(writer.segments()[-1]).end is not None, "or it would count as killed"


def test_everything_before_a_moment_goes_and_the_text_begins_there(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.open("a.py", "gone-for-good\n")
    end = writer.change("a.py", at(0, 0, 0, 13, f"kept {EMOJI}"))
    writer.cut()
    writer.change("a.py", at(0, 9, 0, 9, "!"))
    left = writer.forget(make_span(0, end))
    assert b"gone-for-good" not in left
    assert writer.text("a.py") == f"kept {EMOJI}!\n"


def test_one_file_goes_with_all_that_names_it(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    (tmp_path / "deep").mkdir()
    writer.open("deep/plan.txt", "first-secret\n")
    writer.open("a.py", f"{EMOJI}\n")
    writer.change("deep/plan.txt", at(0, 0, 0, 0, "second-secret"))
    writer.step(kind="command", argv=["cat", "deep/plan.txt"], output={"head": "first-secret"})
    writer.step(kind="command", argv=["ls"], output={"head": "kept-output"})
    writer.step(kind="delete", path="deep/plan.txt")
    writer.step(
        kind="tests",
        cases=[
            {"id": "deep/plan.txt::1", "outcome": "passed", "message": "third-secret"},
            {"id": "a.py::2", "outcome": "passed", "message": "kept-case"},
        ],
        unsaved_paths=["deep/plan.txt", "a.py"],
    )
    writer.change("a.py", at(0, 0, 0, 0, "x"))
    left = writer.forget(make_span(0, FAR, "/deep/"))
    assert b"secret" not in left
    assert b"plan.txt" not in left
    assert b"kept-output" in left
    assert b"kept-case" in left
    assert writer.text("a.py") == f"x{EMOJI}\n"


def test_the_tree_and_bursts_keep_every_file_but_the_forgotten_one(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    digests = {name: f"{number:064x}" for number, name in enumerate(("plan 🎉.txt", "a 𝄞.py"))}
    items = [{"path": name, "sha256": digest} for name, digest in digests.items()]
    writer.step(kind="note", text="kept-note")
    for kind, fields in (
        (RecordKind.TREE, {"reason": "start", "entries": items}),
        (RecordKind.FILES, {"changed": items, "renamed": [["old.txt", "plan 🎉.txt"], ["b", "c"]]}),
    ):
        writer.record(kind, fields)
    before = rewrite_writer(writer.segments(), frozenset(), (), tmp_path)
    assert before.kept_digests == set(digests.values())
    left = writer.forget(make_span(0, FAR, "/plan 🎉.txt"))
    assert digests["plan 🎉.txt"].encode() not in left
    assert b"plan" not in left
    assert b"old.txt" not in left
    (segment,) = writer.segments()
    tree, files = read_journal(segment).records[-2:]
    assert tree.fields["entries"] == files.fields["changed"] == items[1:]
    assert files.fields["renamed"] == [["b", "c"]]


def test_an_open_segment_is_named_and_left_alone(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.open("a.py", "secret\n")
    (segment,) = writer.segments()
    before = segment.read_bytes()
    result = rewrite_writer([segment], frozenset({segment}), [make_span(0, FAR)], tmp_path)
    assert result.still_open == [segment]
    assert segment.read_bytes() == before


def test_a_segment_that_cannot_be_read_does_not_stay(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.open("a.py", "secret\n")
    (segment,) = writer.segments()
    segment.write_bytes(b"\0" * 40 + segment.read_bytes())
    assert writer.forget(make_span(0, FAR)) == b""


def test_a_torn_end_goes_with_what_is_forgotten(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.open("a.py", "kept\n")
    start = writer.change("a.py", at(0, 0, 0, 0, "secret"))
    (segment,) = writer.segments()
    segment.write_bytes(segment.read_bytes() + b"\x09\0\0\0torn secret")
    assert b"secret" not in writer.forget(make_span(start, FAR))


_EDIT = st.tuples(
    st.sampled_from(["a.py", "b.py"]),
    st.integers(0, 40),
    st.integers(0, 6),
    st.text(alphabet="ab\n\U0001f600\U0001f9ea", max_size=5),
    st.booleans(),
)


@settings(max_examples=60)
@given(st.lists(_EDIT, max_size=25), st.integers(0, 30), st.integers(0, 30))
def test_whatever_is_forgotten_the_texts_that_stay_end_alike(
    edits: list[tuple[str, int, int, str, bool]], first: int, last: int
) -> None:
    with tempfile.TemporaryDirectory(dir=os.environ["HOME"]) as name:
        writer = Writer(Path(name).resolve())
        start_ns = writer.clock.boot_ns()
        for file in ("a.py", "b.py"):
            writer.open(file, f"{EMOJI} start\n")
        for file, column, length, text, is_cut in edits:
            if is_cut:
                writer.cut()
            writer.change(file, at(0, column, 0, column + length, text))
        ends = {file: writer.text(file) for file in ("a.py", "b.py")}
        span = make_span(start_ns + first * 10**9, start_ns + last * 10**9)
        writer.forget(span)
        for file, end in ends.items():
            times = [2 + place for place, edit in enumerate(edits, 1) if edit[0] == file]
            opened_s = 1 if file == "a.py" else 2
            is_before = max([opened_s, *times]) < first
            if last < first or is_before or any(at_s > last for at_s in times):
                assert writer.text(file) == end
