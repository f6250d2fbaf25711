"""kill -9 at random moments, and a file system without room: nothing handed over is lost."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.clock import FakeClock
from tests.support.deadline import deadline
from tests.support.small_disk import mounted_small_disk

from signoff_collector.capture.journal.journal import JournalWriter, RecordKind, read_journal
from signoff_schemas.errors import DiskFullError

_WRITE_FOR_EVER = """
import random, sys
from pathlib import Path
from signoff_collector.capture.journal.journal import JournalWriter, RecordKind
from signoff_collector.system.clock import SystemClock

folder, seed = Path(sys.argv[1]), int(sys.argv[2])
draw = random.Random(seed)
clock = SystemClock()
writer = JournalWriter.create(folder, "lsp", clock=clock)
number = 0
while True:
    text = "\\U0001f600\\U0001d11e" * draw.choice([0, 1, 10, 1_000, 40_000])
    writer.append_value(RecordKind.LSP, [clock.boot_ns(), f"{seed}/{number}", text.encode()])
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
    number += 1
    if draw.random() < 0.05:
        writer.new_segment()
"""
"""Says a record's number once it was handed over."""


@pytest.mark.parametrize("seed", range(8))
def test_kill_9_loses_nothing_that_was_handed_over(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 repeatable on purpose
    with subprocess.Popen(
        [sys.executable, "-c", _WRITE_FOR_EVER, str(tmp_path), str(seed)],
        env={"PYTHONPATH": ":".join(sys.path)},
        stdout=subprocess.PIPE,
    ) as child:
        guard = threading.Timer(deadline(), child.kill)
        guard.start()
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(draw.randrange(1, 400))]
        spin = draw.randrange(0, 30_000)
        while spin:
            spin -= 1
        child.kill()
        lines += child.stdout.readlines()
        guard.cancel()
        child.wait(deadline())
    handed_over = [int(line) for line in lines if line.endswith(b"\n")]
    paths = sorted(tmp_path.glob("*.journal"), key=lambda path: int(path.name.split(".")[1]))
    readings = [read_journal(path) for path in paths]
    records = [
        record
        for reading in readings
        for record in reading.records
        if record.kind == RecordKind.LSP
    ]
    names = [record.body[1] for record in records]  # type: ignore[index]
    assert handed_over
    assert names == [f"{seed}/{number}" for number in range(len(names))]
    assert len(names) >= handed_over[-1] + 1
    assert all(reading.left_bytes == 0 for reading in readings[:-1])


def test_several_writers_killed_together_each_keep_their_own(tmp_path: Path) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITE_FOR_EVER, str(tmp_path), str(seed)],
            env={"PYTHONPATH": ":".join(sys.path)},
            stdout=subprocess.PIPE,
        )
        for seed in (101, 102, 103)
    ]
    guard = threading.Timer(deadline(), lambda: [child.kill() for child in children])
    guard.start()
    told: dict[str, int] = {}
    for seed, child in zip((101, 102, 103), children, strict=True):
        assert child.stdout is not None
        for _ in range(30):
            told[str(seed)] = int(child.stdout.readline())
    for child in children:
        child.kill()
    for child in children:
        child.communicate()
    guard.cancel()
    found: dict[str, int] = {}
    for path in sorted(tmp_path.glob("*.journal"), key=lambda path: int(path.name.split(".")[1])):
        for record in read_journal(path).records:
            if record.kind == RecordKind.LSP:
                seed_text, number = str(record.body[1]).split("/")  # type: ignore[index]
                assert int(number) == found.get(seed_text, -1) + 1
                found[seed_text] = int(number)
    assert all(found[seed] >= number for seed, number in told.items())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 256 KiB."""
    with mounted_small_disk(tmp_path / "small", kib=256) as folder:
        yield folder


def append_until_full(writer: JournalWriter) -> tuple[int, DiskFullError]:
    """Return how many records were handed over, and the error that ended it."""
    for number in range(10_000):
        try:
            writer.append_value(RecordKind.LSP, [1, f"{number}", b"\xf0\x9f\x98\x80" * 250])
        except DiskFullError as error:
            return number, error
    raise AssertionError("the disk never was full")


def test_a_full_disk_stops_the_writer_says_so_and_loses_nothing(small_disk: Path) -> None:
    writer = JournalWriter.create(small_disk, "lsp", clock=FakeClock())
    handed_over, error = append_until_full(writer)
    assert error.exit_code == 1
    assert str(small_disk) in str(error)
    assert error.hint
    assert writer.is_stopped
    writer.close()
    reading = read_journal(writer.path)
    assert [record.body[1] for record in reading.records] == [  # type: ignore[index]
        str(number) for number in range(handed_over)
    ]
    assert reading.left_bytes == 0
    assert reading.end is not None, "the few bytes of it fit into the last page"
    assert reading.end.fields["reason"] == "failed"


def test_when_there_is_room_again_a_new_journal_can_be_started(small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(b"x" * 100_000)
    writer = JournalWriter.create(small_disk, "lsp", clock=FakeClock())
    append_until_full(writer)
    writer.close()
    with pytest.raises(DiskFullError):
        JournalWriter.create(small_disk, "lsp", clock=FakeClock())
    assert len(list(small_disk.glob("*.journal"))) == 1
    (small_disk / "filler").unlink()
    with JournalWriter.create(small_disk, "lsp", clock=FakeClock()) as again:
        again.append_value(RecordKind.LSP, [1, "m", b"x"])
    assert len(read_journal(again.path).records) == 1
