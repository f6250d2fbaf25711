"""What was handed over is read back; damage is counted and never raised."""

from __future__ import annotations

import errno
import os
import stat
import threading
import zlib
from pathlib import Path

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.clock import FakeClock

from signoff_collector.capture.journal import journal_writer
from signoff_collector.capture.journal.journal import (
    JournalStream,
    JournalWriter,
    RecordKind,
    pack_body,
    read_journal,
)
from signoff_collector.capture.journal.journal_frames import FRAME_HEAD, encode_frame
from signoff_collector.system.clock import read_clocks
from signoff_schemas.errors import DiskFullError, SignoffError

EMOJI = "😀𝄞"


def bodies(path: Path) -> list[object]:
    return [record.body for record in read_journal(path).records]


def lsp(number: int, text: str = EMOJI) -> list[object]:
    return [1_000 * 10**9 + number, "textDocument/didChange", text.encode("utf-16-le")]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("journal")
    with JournalWriter.create(folder, "lsp", clock=FakeClock()) as writer:
        for number in range(12):
            writer.append_value(RecordKind.LSP, lsp(number, EMOJI * (number % 3)))
    return writer.path.read_bytes()


def test_records_come_back_in_order_with_their_header(tmp_path: Path) -> None:
    clock = FakeClock()
    fields = {"editor_pid": 77, "encoding": "utf-16", "editor": "Neovim 0.11"}
    with JournalWriter.create(tmp_path, "lsp", clock=clock, header_fields=fields) as writer:
        writer.append_value(RecordKind.LSP, lsp(1))
        clock.advance(2)
        writer.append_value(
            RecordKind.ANCHOR, {"t_boot_ns": clock.boot_ns(), "text": f"a{EMOJI}\ud83d"}
        )
        writer.append_value(200, {"t_boot_ns": 5, "of": "a newer release"})
    reading = read_journal(writer.path)
    assert writer.path.name == f"{writer.writer_id}.0.journal"
    assert reading.header is not None
    assert reading.header.writer == "lsp"
    assert reading.header.writer_id == writer.writer_id
    assert reading.header.pid == os.getpid()
    assert reading.header.boot_id == clock.boot_id()
    assert reading.header.fields["encoding"] == "utf-16"
    assert reading.left_bytes == reading.unreadable == 0
    assert [(record.kind, record.index) for record in reading.records] == [(1, 0), (2, 1), (200, 2)]
    assert reading.records[0].body == lsp(1)
    assert reading.records[0].t_boot_ns == 1_000 * 10**9 + 1
    assert reading.records[1].fields["text"] == f"a{EMOJI}\ud83d"


def test_the_file_follows_the_documented_bytes(tmp_path: Path) -> None:
    with JournalWriter.create(tmp_path, "git", clock=FakeClock()) as writer:
        writer.append(RecordKind.STEP, b"\x81\xa9t_boot_ns\x07")
    data = writer.path.read_bytes()
    place = 0
    kinds: list[int] = []
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "little")
        crc = int.from_bytes(data[place + 4 : place + 8], "little")
        assert crc == zlib.crc32(data[place + 8 : place + 9 + length])
        kinds.append(data[place + 8])
        payload = data[place + 9 : place + 9 + length]
        assert msgpack.unpackb(payload) is not None
        place += 9 + length
    assert kinds == [0, 4, 10]
    assert stat.S_IMODE(writer.path.stat().st_mode) == 0o600


def test_a_journal_cut_at_any_byte_keeps_all_whole_records(tmp_path: Path, written: bytes) -> None:
    ends = [0]
    while ends[-1] < len(written):
        length = int.from_bytes(written[ends[-1] : ends[-1] + 4], "little")
        ends.append(ends[-1] + FRAME_HEAD.size + length)
    path = tmp_path / "lsp-1-abcd.0.journal"
    path.write_bytes(written)
    everything = bodies(path)
    assert len(everything) == len(ends) - 3  # begins, header and end are no records
    for size in range(len(written), -1, -1):
        os.truncate(path, size)
        reading = read_journal(path)
        whole = [end for end in ends if end <= size]
        assert [record.body for record in reading.records] == everything[: max(0, len(whole) - 2)]
        assert (reading.end is not None) == (size == len(written))
        assert reading.left_bytes == size - whole[-1]
        assert (reading.header is not None) == (len(whole) > 1)


@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_a_flipped_bit_costs_nothing_before_it(
    tmp_path_factory: pytest.TempPathFactory, written: bytes, place: int, bit: int
) -> None:
    place %= len(written)
    path = tmp_path_factory.mktemp("flip") / "lsp-1-abcd.0.journal"
    path.write_bytes(written)
    everything = bodies(path)
    damaged = bytearray(written)
    damaged[place] ^= 1 << bit
    path.write_bytes(damaged)
    reading = read_journal(path)
    found = [record.body for record in reading.records]
    assert found == everything[: len(found)] or len(found) >= len(everything) - 1
    assert all(body in everything for body in found)
    assert 0 < reading.left_bytes <= len(written)
    if reading.header is None:
        assert reading.left_bytes == len(written)


@given(data=st.binary(max_size=300))
def test_foreign_bytes_never_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("foreign") / "x.0.journal"
    path.write_bytes(data)
    reading = read_journal(path)
    assert reading.left_bytes == len(data)
    assert reading.records == []


@given(payloads=st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=40)), max_size=8))
def test_whole_frames_with_foreign_payloads_never_raise(
    tmp_path_factory: pytest.TempPathFactory,
    written: bytes,
    payloads: list[tuple[int, bytes]],
) -> None:
    header_bytes = FRAME_HEAD.size + int.from_bytes(written[:4], "little")
    frames = b"".join(encode_frame(kind, payload) for kind, payload in payloads)
    path = tmp_path_factory.mktemp("payload") / "x.0.journal"
    path.write_bytes(written[:header_bytes] + frames)
    reading = read_journal(path)
    assert reading.left_bytes == 0
    assert len(reading.records) + reading.unreadable == len(payloads)
    path.write_bytes(frames)
    assert read_journal(path).records == []


def test_deep_nesting_and_absurd_lengths_never_raise(tmp_path: Path, written: bytes) -> None:
    header_bytes = FRAME_HEAD.size + int.from_bytes(written[:4], "little")
    path = tmp_path / "x.0.journal"
    deep, huge = b"\x91" * 100_000 + b"\x01", b"\xdd\xff\xff\xff\xff\x01"
    claims = FRAME_HEAD.pack(0xFFFFFFFF, 0, 1) + b"x"
    path.write_bytes(
        written[:header_bytes] + encode_frame(1, deep) + encode_frame(1, huge) + claims
    )
    reading = read_journal(path)
    assert reading.unreadable == 2
    assert reading.left_bytes == len(claims)


def test_a_newer_journal_is_left_unread_and_says_so(tmp_path: Path, written: bytes) -> None:
    header_bytes = FRAME_HEAD.size + int.from_bytes(written[:4], "little")
    fields = msgpack.unpackb(written[FRAME_HEAD.size : header_bytes])
    fields["journal_version"] = 99
    path = tmp_path / "x.0.journal"
    path.write_bytes(encode_frame(0, pack_body(fields)) + written[header_bytes:])
    reading = read_journal(path)
    assert reading.header is not None
    assert reading.header.is_newer
    assert reading.records == []
    assert reading.left_bytes == len(written) - header_bytes


def test_a_missing_file_a_pipe_and_a_link_are_empty_journals(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for name in ("none", "pipe", "link"):
        reading = read_journal(tmp_path / name)
        assert reading.header is None
        assert reading.records == []


def test_segments_go_on_counting(tmp_path: Path) -> None:
    with JournalWriter.create(tmp_path, "lsp", clock=FakeClock()) as writer:
        writer.append_value(RecordKind.LSP, lsp(0))
        writer.append_value(RecordKind.LSP, lsp(1))
        closed = writer.new_segment()
        writer.append_value(RecordKind.LSP, lsp(2))
    assert [record.index for record in read_journal(closed).records] == [0, 1]
    last = read_journal(writer.path)
    assert [record.index for record in last.records] == [2]
    assert last.header is not None
    assert (last.header.segment, last.header.first_index) == (1, 2)
    assert last.records[0].writer == writer.writer_id


def test_wall_time_is_noted_once_a_minute_also_when_it_steps_back(tmp_path: Path) -> None:
    clock = FakeClock()
    with JournalWriter.create(tmp_path, "lsp", clock=clock) as writer:
        for _ in range(5):
            clock.advance(31)
            clock.step_wall(-3600)
            writer.append_value(RecordKind.STEP, {"t_boot_ns": clock.boot_ns(), "kind": "note"})
    records = read_journal(writer.path).records
    assert [record.kind for record in records] == [4, 5, 4, 4, 5, 4, 4]
    times = [record.t_boot_ns for record in records]
    assert times == sorted(times)
    walls = [record.body[1] for record in records if record.kind == 5]  # type: ignore[index]
    assert walls == sorted(walls, reverse=True)


def test_a_clock_record_tells_how_long_the_machine_slept(tmp_path: Path) -> None:
    clock = FakeClock()
    with JournalWriter.create(tmp_path, "lsp", clock=clock) as writer:
        writer.append_value(RecordKind.STEP, {"t_boot_ns": clock.boot_ns(), "kind": "note"})
        before = read_clocks(clock)
        clock.suspend(3600)
        writer.append_clocks(before)
        writer.append_value(RecordKind.STEP, {"t_boot_ns": clock.boot_ns(), "kind": "note"})
    reading = read_journal(writer.path)
    assert reading.header is not None
    assert reading.header.fields["asleep_ns"] == 0
    slept = [record.body for record in reading.records if record.kind == RecordKind.CLOCK]
    assert slept == [list(before), list(read_clocks(clock))]


def test_only_who_came_to_an_end_says_so_and_only_once(tmp_path: Path) -> None:
    clock = FakeClock()
    writer = JournalWriter.create(tmp_path, "run", clock=clock)
    writer.append_value(RecordKind.STEP, {"t_boot_ns": clock.boot_ns(), "kind": "note"})
    first = writer.new_segment()
    assert read_journal(first).end is None
    assert read_journal(writer.path).end is None
    clock.advance(5)
    writer.close()
    writer.close()
    end = read_journal(writer.path).end
    assert end is not None
    assert end.body == {"t_boot_ns": clock.boot_ns(), "reason": "closed"}
    header = read_journal(writer.path).header
    assert header is not None
    assert header.fields["marks_end"] is True


def test_threads_share_a_writer_without_mixing_records(tmp_path: Path) -> None:
    with JournalWriter.create(tmp_path, "lsp", clock=FakeClock()) as writer:
        texts = ["x" * 200_000, "y" * 10, EMOJI * 30_000, ""]
        threads = [
            threading.Thread(
                target=lambda text=text: [
                    writer.append_value(RecordKind.LSP, lsp(number, text)) for number in range(40)
                ]
            )
            for text in texts
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    reading = read_journal(writer.path)
    assert reading.left_bytes == reading.unreadable == 0
    assert [record.index for record in reading.records] == list(range(160))
    for text in texts:
        assert [body for body in bodies(writer.path) if body[2] == text.encode("utf-16-le")] == [  # type: ignore[index]
            lsp(number, text) for number in range(40)
        ]


def test_a_stream_holds_one_record_at_a_time_and_counts_at_its_end(
    tmp_path: Path, written: bytes
) -> None:
    path = tmp_path / "x.0.journal"
    path.write_bytes(written + b"torn")
    stream = JournalStream(path)
    assert stream.header is not None
    assert sum(1 for _ in stream) == 12
    assert stream.left_bytes == 4


def test_a_closed_writer_takes_nothing_more(tmp_path: Path) -> None:
    writer = JournalWriter.create(tmp_path, "lsp", clock=FakeClock())
    writer.close()
    writer.close()
    assert writer.is_stopped
    with pytest.raises(SignoffError, match="closed"):
        writer.append_value(RecordKind.LSP, lsp(1))


@pytest.mark.parametrize("name", ["", "../x", "a b", "a-b", "ä"])
def test_the_name_of_a_writer_cannot_lead_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="writer's name"):
        JournalWriter.create(tmp_path, name, clock=FakeClock())
    assert list(tmp_path.rglob("*.journal")) == []


class ShortWrites:
    """Lets chosen writes stop half way, as a full or odd file system does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, short: set[int], cut: bool) -> None:
        self.calls = 0
        self._short = short
        self._write, self._truncate = os.write, os.ftruncate
        monkeypatch.setattr(journal_writer.os, "write", self.write)
        if not cut:
            monkeypatch.setattr(journal_writer.os, "ftruncate", self.refuse)

    def write(self, descriptor: int, data: bytes) -> int:
        self.calls += 1
        if self.calls in self._short:
            return self._write(descriptor, data[: len(data) // 2])
        return self._write(descriptor, data)

    def refuse(self, descriptor: int, size: int) -> None:
        raise OSError(errno.EPERM, "append only")


def test_a_short_write_in_the_middle_is_cut_back_and_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = JournalWriter.create(tmp_path, "lsp", clock=FakeClock())
    ShortWrites(monkeypatch, short={2, 4}, cut=True)
    for number in range(4):
        writer.append_value(RecordKind.LSP, lsp(number))
    writer.close()
    reading = read_journal(writer.path)
    assert [record.body for record in reading.records] == [lsp(number) for number in range(4)]
    assert reading.left_bytes == 0
    assert len(list(tmp_path.glob("*.journal"))) == 1


def test_a_short_write_that_cannot_be_cut_back_goes_on_in_the_next_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = JournalWriter.create(tmp_path, "lsp", clock=FakeClock())
    first = writer.path
    ShortWrites(monkeypatch, short={2}, cut=False)
    for number in range(4):
        writer.append_value(RecordKind.LSP, lsp(number))
    writer.close()
    assert bodies(first) + bodies(writer.path) == [lsp(number) for number in range(4)]
    assert read_journal(first).left_bytes > 0
    indexes = [
        record.index for path in (first, writer.path) for record in read_journal(path).records
    ]
    assert indexes == [0, 1, 2, 3]


def test_writes_that_stay_short_stop_the_writer_and_leave_whole_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = JournalWriter.create(tmp_path, "lsp", clock=FakeClock())
    ShortWrites(monkeypatch, short={2, 3}, cut=True)
    writer.append_value(RecordKind.LSP, lsp(0))
    with pytest.raises(DiskFullError) as caught:
        writer.append_value(RecordKind.LSP, lsp(1))
    assert caught.value.hint
    assert writer.failure is caught.value
    with pytest.raises(DiskFullError):
        writer.append_value(RecordKind.LSP, lsp(2))
    writer.close()
    assert bodies(writer.path) == [lsp(0)]
    assert read_journal(writer.path).left_bytes == 0


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_no_room_for_the_first_frame_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(journal_writer.os, "fsync", full)
    with pytest.raises(DiskFullError):
        JournalWriter.create(tmp_path, "lsp", clock=FakeClock())
