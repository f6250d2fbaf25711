"""A save is compared with its own bytes, or nobody claims anything of the bytes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.bridge import EMOJI, at
from tests.support.deadline import deadline

from signoff_bridge.protocol.work import WorkQueue
from signoff_bridge.recording.documents import Document
from signoff_bridge.recording.lane import Lane, Writer
from signoff_bridge.recording.textwork import TextWork
from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.journal.journal_frames import unpack_body
from signoff_collector.system.clock import SystemClock

FIRST, SECOND, THIRD = f"one {EMOJI}\n", f"two {EMOJI}\n", f"three {EMOJI}\n"


class Paper:
    """A journal in memory."""

    def __init__(self) -> None:
        self.records: list[tuple[int, object]] = []

    def append(self, kind: int, payload: bytes) -> None:
        self.records.append((kind, unpack_body(payload)))

    def new_segment(self) -> None:
        raise AssertionError("nothing is forgotten here")

    def close(self) -> None:
        pass


class Desk:
    """A document that is recorded, and the work that comparing its saves is."""

    def __init__(self, path: Path, text: str | None) -> None:
        path.write_text(FIRST)
        self.paper = Paper()
        self._lane = Lane(_fail)
        self._lane.start(self.paper)
        self._work = WorkQueue()
        self._texts = TextWork(SystemClock(), self._work)
        self.document = Document(
            uri=path.as_uri(), path=path, language="text", version=1, text=text
        )
        self.document.is_decided = self.document.is_kept = True

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Keep the thread that compares busy meanwhile; what was asked of it is then done."""
        rest = threading.Event()
        self._work.submit(lambda: _wait(rest))
        try:
            yield
        finally:
            rest.set()
            assert self._work.drain(deadline())

    def write(self, text: str) -> None:
        """Change the buffer to a text of one line and the file with it."""
        self.document.pending.append([at(0, 0, 1, 0, text)])
        self.document.path.write_text(text)

    def replace(self, text: str) -> None:
        """Write the file as most editors do: another file takes its name."""
        other = self.document.path.with_name("other")
        other.write_text(text)
        other.replace(self.document.path)

    def announce(self, text: str | None) -> None:
        """Say that the document was saved."""
        self._texts.write_save(self._lane, self.document, text, 1)

    def settle(self) -> None:
        """Let the time end in which a change may explain a save."""
        self._texts.write_late_save(self._lane, self.document)

    def saves(self) -> list[dict[str, object]]:
        return [
            body
            for kind, body in self.paper.records
            if kind == RecordKind.SAVE and isinstance(body, dict)
        ]


def _fail(error: Exception, _writer: Writer | None) -> None:
    raise error


def _wait(rest: threading.Event) -> None:
    assert rest.wait(deadline())


@pytest.mark.parametrize("is_told", [True, False], ids=["with text", "without text"])
def test_the_first_of_two_quick_saves_is_unknown_and_the_second_agrees(
    tmp_path: Path, is_told: bool
) -> None:
    desk = Desk(tmp_path / "a.txt", FIRST)
    with desk.busy():
        for text in (SECOND, THIRD):
            desk.write(text)
            desk.announce(text if is_told else None)
    assert [save["matches"] for save in desk.saves()] == [None, True]
    unknown = desk.saves()[0]
    assert (unknown["disk_sha256"], unknown["size_bytes"], unknown["text"]) == (None, None, None)
    assert desk.document.mirror.text == THIRD


def test_a_save_heard_of_after_the_next_write_is_unknown_by_its_text(tmp_path: Path) -> None:
    """The bridge itself may be late: then the file it first sees is that of the next save."""
    desk = Desk(tmp_path / "a.txt", FIRST)
    with desk.busy():
        desk.write(SECOND)
        desk.document.path.write_text(THIRD)
        desk.announce(SECOND)
        desk.write(THIRD)
        desk.announce(THIRD)
    assert [save["matches"] for save in desk.saves()] == [None, True]


def test_a_save_whose_file_is_being_replaced_is_not_lost(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "a.txt", FIRST)
    with desk.busy():
        desk.write(SECOND)
        desk.announce(SECOND)
        desk.document.path.unlink()
    assert [save["matches"] for save in desk.saves()] == [None]


@pytest.mark.parametrize(("text", "expected"), [(SECOND, [None]), ("two\\n", []), (None, [])])
def test_a_save_heard_of_while_the_next_replaces_the_file_is_not_lost(
    tmp_path: Path, text: str | None, expected: list[None]
) -> None:
    """Neovim renames the file before it writes it anew; a linter's word is no save."""
    desk = Desk(tmp_path / "a.txt", FIRST)
    with desk.busy():
        desk.write(FIRST)
        desk.announce(FIRST)
    with desk.busy():
        desk.write(SECOND)
        desk.document.path.unlink()
        desk.announce(text)
    assert [save["matches"] for save in desk.saves()] == [True, *expected]


def test_a_file_that_another_replaced_with_the_same_text_agrees(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "a.txt", FIRST)
    with desk.busy():
        desk.write(SECOND)
        desk.announce(None)
        desk.replace(SECOND)
    assert [save["matches"] for save in desk.saves()] == [True]


def test_an_overtaken_save_ahead_of_its_change_is_written_with_the_change(tmp_path: Path) -> None:
    """Kate says didSave first; the file may be written again before the change comes."""
    desk = Desk(tmp_path / "a.txt", FIRST)
    with desk.busy():
        desk.document.path.write_text(SECOND)
        desk.announce(SECOND)
        desk.replace(THIRD)
    assert desk.saves() == []
    desk.document.pending.append([at(0, 0, 1, 0, SECOND)])
    with desk.busy():
        desk.settle()
    assert [save["matches"] for save in desk.saves()] == [None]


def test_an_announcement_that_no_change_explains_is_no_save_once_overtaken(tmp_path: Path) -> None:
    """ALE's text is never that of the buffer; nothing may be concluded from it."""
    desk = Desk(tmp_path / "a.txt", FIRST)
    with desk.busy():
        desk.announce("one\\n")
        desk.replace(THIRD)
    with desk.busy():
        desk.settle()
    assert desk.saves() == []
    assert desk.document.mirror.text == FIRST


def test_a_text_that_neither_editor_nor_disk_has_is_still_a_mismatch(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "a.txt", f"missed a change {EMOJI}\n")
    with desk.busy():
        desk.document.path.write_text(SECOND)
        desk.announce(None)
    assert [(save["matches"], save["text"]) for save in desk.saves()] == [(False, SECOND)]
    assert desk.document.mirror.text == SECOND
