"""Every reader of journals finds the same records in a damaged file, and none that is made up."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.seal_journals import Journal, gaps, gathered_for, sound

from signoff_collector.capture.journal.frame_reader import HOLE, RESTART, FrameReader
from signoff_collector.capture.journal.journal import read_journal
from signoff_collector.capture.journal.journal_follower import JournalFollower
from signoff_collector.capture.journal.journal_frames import (
    FRAME_HEAD,
    RecordKind,
    encode_frame,
    pack_body,
    unpack_body,
)
from signoff_collector.capture.journal.records import Segment
from signoff_collector.capture.journal.writers import read_writers
from signoff_collector.capture.tallies.tally import SegmentTally, count
from signoff_collector.forgetting.rewriting import rewrite_writer
from signoff_collector.seal.assemble import assemble
from signoff_schemas.words import GapReason

PLANTED = {"t_boot_ns": 77, "kind": "note", "text": "nobody wrote this"}


PLANTED_FRAME = encode_frame(RecordKind.STEP, pack_body(PLANTED))

TEXT = "one \U0001f600\U0001f9ea\n"


def _journal() -> bytes:
    journal = Journal()
    journal.open("a.py", TEXT)
    for column in range(4):
        journal.evidence("a.py", "key", column + 1)
        journal.change("a.py", (0, column), (0, column), "x")
    journal.save("a.py", "xxxx" + TEXT)
    journal.step("note", text="a note")
    planted = b"\n" + 3 * PLANTED_FRAME + b"\n"  # what a record holds may look like frames
    journal.add(RecordKind.LSP, [10**9, "textDocument/didOpen", planted])
    for column in range(3):
        journal.change("a.py", (0, column), (0, column), "y")
    journal.add(RecordKind.CLOCK, [2 * 10**9, 10**18, 0])
    return journal.to_bytes()


WHOLE = _journal()


def _bounds(data: bytes) -> list[int]:
    ends = [0]
    while ends[-1] < len(data):
        ends.append(ends[-1] + FRAME_HEAD.size + int(FRAME_HEAD.unpack_from(data, ends[-1])[0]))
    return ends


BOUNDS = _bounds(WHOLE)
WRITTEN = [
    (WHOLE[start + 8], unpack_body(WHOLE[start + FRAME_HEAD.size : end]))
    for start, end in pairwise(BOUNDS[1:])
]

places = st.integers(0, len(WHOLE))
flips = st.tuples(st.just("flip"), places, st.integers(0, 7))
cuts = st.tuples(st.just("cut"), places, st.integers(1, 400))
inserts = st.tuples(st.just("insert"), places, st.binary(min_size=1, max_size=60))
damages = st.lists(flips | cuts | inserts, min_size=1, max_size=4)


def _damaged(damage: list[tuple[str, int, int | bytes]]) -> bytes:
    data = bytearray(WHOLE)
    for how, place, what in damage:
        if isinstance(what, bytes):
            data[place:place] = what
        elif how == "cut":
            del data[place : place + what]
        elif place < len(data):
            data[place] ^= 1 << what
    return bytes(data)


def _is_part(found: list[tuple[int, object]]) -> bool:
    """Whether these are written records, in the order in which they were written."""
    written = iter(WRITTEN)
    return all(any(one == other for other in written) for one in found)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A segment that each example writes anew."""
    return tmp_path_factory.mktemp("damage") / "lsp-100-abcd.0.journal"


def _by_each_reader(path: Path) -> list[tuple[int, object]]:
    """Read a segment in every way there is; they have to agree."""
    reader = FrameReader(path)
    frames = [frame for frame in reader if frame[0] != HOLE]
    found = [(kind, unpack_body(payload)) for kind, payload in frames[1:]]
    used = sum(FRAME_HEAD.size + len(payload) for _, payload in frames)
    assert used + reader.left_bytes == path.stat().st_size

    reading = read_journal(path)
    assert [(one.kind, one.body) for one in reading.records] == found
    assert reading.left_bytes == reader.left_bytes

    segment = Segment(path)
    assert [(kind, body) for _, kind, body in segment if kind != HOLE] == found
    assert segment.damage.left_bytes == reader.left_bytes
    assert segment.damage.holes == reader.holes
    kinds = {RecordKind.SAVE, RecordKind.STEP, RecordKind.LSP}
    only = [(kind, body) for _, kind, body in segment.only(kinds)]
    assert only == [one for one in found if one[0] in kinds]

    (counted,) = JournalFollower(SegmentTally, count).look([path]).values()
    assert counted.left_bytes == reader.left_bytes
    assert counted.state.by_kind == _counts(found)
    return found


def _counts(found: list[tuple[int, object]]) -> Counter[str]:
    names = {"textDocument/didOpen": "open", "textDocument/didChange": "edit"}
    kinds = {RecordKind.SAVE: "save", RecordKind.ANCHOR: "open", RecordKind.STEP: "note"}
    counts: Counter[str] = Counter()
    for kind, body in found:
        if kind == RecordKind.LSP and isinstance(body, list):
            counts[names[body[1]]] += 1
        elif kind in kinds:
            counts[kinds[RecordKind(kind)]] += 1
    return counts


@given(damage=damages)
@example(damage=[("flip", BOUNDS[9], 6)])  # a length beyond the end, before the planted frames
@example(damage=[("flip", BOUNDS[12], 3)])  # the length of the record that holds them
@example(damage=[("flip", BOUNDS[4] + 30, 0), ("flip", BOUNDS[9] + 30, 0)])
def test_every_reader_finds_the_same_written_records(
    path: Path, damage: list[tuple[str, int, int | bytes]]
) -> None:
    path.write_bytes(_damaged(damage))
    found = _by_each_reader(path)
    assert _is_part(found)


def test_one_damaged_frame_costs_one_record(path: Path) -> None:
    for number, start in enumerate(BOUNDS[1:-1]):
        for place in (start, start + 3, start + 4, start + 8, start + 9, start + 20):
            path.write_bytes(_damaged([("flip", place, 2)]))
            found = _by_each_reader(path)
            assert found == WRITTEN[:number] + WRITTEN[number + 1 :], place - start


def test_damage_in_the_header_leaves_the_whole_segment(path: Path) -> None:
    for place in range(BOUNDS[1]):
        path.write_bytes(_damaged([("flip", place, 2)]))
        assert not _by_each_reader(path)
        assert read_journal(path).header is None


@given(damage=st.lists(flips, max_size=1), sizes=st.lists(places, max_size=4))
def test_a_journal_read_while_it_grows_gives_what_it_gives_at_once(
    path: Path, damage: list[tuple[str, int, int | bytes]], sizes: list[int]
) -> None:
    data = _damaged(damage)
    found, mark, left_bytes = list[tuple[int, bytes]](), None, 0
    for size in [*sorted(sizes), len(data)]:
        path.write_bytes(data[:size])
        reader = FrameReader(path, mark)
        found += reader
        mark = reader.mark
        left_bytes = reader.left_bytes
    whole = FrameReader(path)
    assert [frame for frame in whole if frame[0] != HOLE] == [
        frame for frame in found if frame[0] != HOLE
    ]
    assert not any(kind == RESTART for kind, _ in found)
    assert whole.left_bytes == left_bytes


def test_a_file_that_was_replaced_is_read_from_its_start(path: Path) -> None:
    path.write_bytes(WHOLE)
    reader = FrameReader(path)
    list(reader)
    path.write_bytes(WHOLE[: BOUNDS[3]])
    again = list(FrameReader(path, reader.mark))
    assert again[0] == (RESTART, b"")
    assert again[1:] == list(FrameReader(path))


@given(hurt=st.sets(st.integers(0, len(WRITTEN) - 1), max_size=6))
def test_many_damaged_frames_cost_a_record_each(path: Path, hurt: set[int]) -> None:
    path.write_bytes(_damaged([("flip", BOUNDS[number + 2] - 1, 1) for number in hurt]))
    assert _by_each_reader(path) == [one for at, one in enumerate(WRITTEN) if at not in hurt]
    lost = sum(BOUNDS[number + 2] - BOUNDS[number + 1] for number in hurt)
    assert read_journal(path).left_bytes == lost


def test_no_change_behind_a_lost_one_is_applied_to_another_text(tmp_path: Path) -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    for column in range(6):
        journal.change("a.py", (0, column), (0, column), str(column))
    journal.anchor("a.py", "012345" + TEXT)
    journal.change("a.py", (0, 6), (0, 6), "6")
    data = bytearray(journal.to_bytes())
    data[_bounds(bytes(data))[4] - 1] ^= 1  # the second change
    path = tmp_path / "lsp-100-abcd.0.journal"
    path.write_bytes(data)
    writers, _ = read_writers(tmp_path)
    episode = sound(assemble(writers, gathered_for()))
    assert [edit.text for edit in episode.edits.edits()] == ["0", "6"]
    assert sorted((str(gap.reason), gap.count) for gap in gaps(episode)) == [
        (GapReason.DROPPED, 1),
        (GapReason.DROPPED, 4),
    ]


def test_forgetting_keeps_no_change_of_a_text_that_is_not_known(tmp_path: Path) -> None:
    root = tmp_path / "project"
    journal = Journal()
    journal.open("a.py", TEXT)
    for column in range(4):
        journal.change("a.py", (0, column), (0, column), str(column))
    data = bytearray(journal.to_bytes())
    data[_bounds(bytes(data))[4] - 1] ^= 1
    path = tmp_path / "lsp-100-abcd.0.journal"
    path.write_bytes(data)
    rewrite_writer([path], frozenset(), (), root)
    reading = read_journal(path)
    assert reading.left_bytes == 0
    changes = [
        json.loads(one.body[2])["contentChanges"][0]["text"]
        for one in reading.records
        if isinstance(one.body, list) and one.body[1] == "textDocument/didChange"
    ]
    assert changes == ["0"]
