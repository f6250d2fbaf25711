"""A document that grows past the bound is recorded no further, until it is small again."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.bridge import (
    EMOJI,
    at,
    bridge,
    enable,
    journals,
    records,
    sessions,
    wait_for_records,
)
from tests.support.deadline import wait_until

from signoff_bridge.protocol.work import WorkQueue
from signoff_bridge.recording.documents import Document
from signoff_bridge.recording.textwork import RECOUNT_BYTES, TextWork
from signoff_collector.capture.journal.journal_frames import RecordKind
from signoff_collector.capture.opt_in.policy import MAX_OPEN_BYTES, Reason
from signoff_collector.system.clock import SystemClock

MB = 1 << 20
PIECE = "grown = 'more text of it'\n" * 40_000
"""A megabyte."""


@pytest.fixture
def project(home: Path, tmp_path: Path) -> Path:
    assert not home.exists()
    folder = (tmp_path / "project").resolve()
    folder.mkdir()
    (folder / "a.py").write_text(f"{EMOJI}\n")
    enable(folder)
    return folder


def named() -> list[dict[str, object]]:
    steps = [dict(record.fields) for record in records(RecordKind.STEP)]
    return [one for one in steps if one["kind"] == "gap" and "path" in one]


def journal_bytes() -> int:
    return sum(path.stat().st_size for path in journals(sessions()[0]))


def closings() -> int:
    told = [record.body for record in records(RecordKind.LSP)]
    return sum(isinstance(one, list) and one[1] == "textDocument/didClose" for one in told)


@pytest.mark.parametrize("piece", [PIECE, "x" * (MAX_OPEN_BYTES + 1)], ids=["pieces", "at once"])
def test_a_document_that_grows_is_named_once_and_comes_back_when_it_is_small(
    project: Path, piece: str
) -> None:
    file = project / "a.py"
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        wait_for_records(RecordKind.LSP, 1)
        count = 20 * MB // len(piece)
        for version in range(count):
            client.change(uri, version + 2, at(0, 0, 0, 0, piece))
        wait_until(lambda: closings() == 1, "the document to be closed in the journal")
        # Words behind it are not recorded, and a save that wrote nothing brings nothing back.
        client.change(uri, count + 2, at(0, 0, 0, 0, "unspoken"))
        client.save(uri)

        def told() -> list[dict[str, object]]:
            client.notify("signoff/view", {"uri": uri, "ranges": []})
            client.notify("signoff/hello", {})
            return named()

        (gap,) = wait_until(told, "the name of the document")
        assert (gap["reason"], gap["path"]) == ("too_large", str(file))
        assert journal_bytes() < MAX_OPEN_BYTES + 2 * MB
        # Small again, and saved: the text of the file is where recording goes on.
        client.change(uri, count + 3, {"text": f"small{EMOJI}\n"})
        file.write_text(f"small{EMOJI}\n")
        client.save(uri)
        wait_for_records(RecordKind.ANCHOR, 1)
        client.change(uri, count + 4, at(0, 0, 0, 0, "spoken"))
        assert client.quit() == 0
    (anchor,) = [dict(record.fields) for record in records(RecordKind.ANCHOR)]
    assert anchor["text"] == f"small{EMOJI}\n"
    assert len(named()) == 1
    written = b"".join(path.read_bytes() for path in journals(sessions()[0]))
    assert b"unspoken" not in written
    assert b"spoken" in written


def test_reopening_it_small_records_it_again(project: Path) -> None:
    with bridge() as client:
        client.initialize()
        uri = client.open(project / "a.py")
        wait_for_records(RecordKind.LSP, 1)
        client.change(uri, 2, at(0, 0, 0, 0, "x" * (MAX_OPEN_BYTES + 1)))
        wait_until(lambda: closings() == 1, "the document to be closed in the journal")
        client.close(uri)
        client.open(project / "a.py", "again\n", version=9)
        client.change(uri, 10, at(0, 0, 0, 0, "spoken"))
        assert client.quit() == 0
    written = b"".join(path.read_bytes() for path in journals(sessions()[0]))
    assert b"again" in written
    assert b"spoken" in written


def test_text_that_nobody_records_is_not_held_past_the_bound() -> None:
    """Outside of every workspace, and while recording is off, documents are held in memory."""
    work = WorkQueue()
    texts = TextWork(SystemClock(), work)
    document = Document(uri="file:///a", path=Path("/a"), language="", version=1, text="")
    for version in range(MAX_OPEN_BYTES // len(PIECE) + 2):
        change = {"range": {"start": {"line": 0, "character": 0},
                            "end": {"line": 0, "character": 0}}, "text": PIECE}  # fmt: skip
        document.received_bytes += len(PIECE)
        document.pending.append([change])
        document.version = version
        texts.fold(document)
    assert work.finish(60)
    assert document.refusal is Reason.TOO_LARGE
    assert document.mirror.text is None


def test_a_text_at_the_limit_is_not_counted_at_every_key() -> None:
    work = WorkQueue()
    texts = TextWork(SystemClock(), work)
    text = "x" * (MAX_OPEN_BYTES - 10)
    document = Document(uri="file:///a", path=Path("/a"), language="", version=1, text=text)
    document.received_bytes = 100
    assert document.may_be_large
    texts.fold(document)
    assert work.finish(60)
    assert document.small_until_bytes == 100 + RECOUNT_BYTES
    assert document.mirror.text == text
