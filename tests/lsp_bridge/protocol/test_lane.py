"""Records keep the order of events although some take time to work out."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from signoff_bridge.recording import lane as lane_module
from signoff_bridge.recording.documents import Document
from signoff_bridge.recording.lane import Entry, Lane, Slot, Writer
from signoff_schemas.errors import DiskFullError


class Paper:
    """A journal on paper; full after so many records."""

    def __init__(self, room: int = 1 << 30) -> None:
        self.lines: list[bytes] = []
        self.room = room
        self.is_closed = False

    def append(self, kind: int, payload: bytes) -> None:
        if len(self.lines) >= self.room:
            raise DiskFullError("no room")
        self.lines.append(payload)

    def new_segment(self) -> None:
        self.lines.append(b"--")

    def close(self) -> None:
        self.is_closed = True


class Failures:
    def __init__(self) -> None:
        self.seen: list[Exception] = []

    def __call__(self, error: Exception, writer: Writer | None) -> None:
        self.seen.append(error)


def document(*, is_kept: bool) -> Document:
    made = Document(uri="file:///a", path=Path("/a"), language="", version=1, text="")
    made.is_kept = is_kept
    return made


@given(st.lists(st.booleans(), max_size=20), st.randoms(use_true_random=False))
def test_slots_filled_in_any_order_keep_the_order_of_events(kinds: list[bool], random) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    paper, lane = Paper(), Lane(Failures())
    open_slots: list[tuple[Slot, int]] = []
    start_at = random.randint(0, len(kinds))
    for number, is_ready in enumerate(kinds):
        if number == start_at:
            lane.start(paper)
        if is_ready:
            lane.append(1, b"%d" % number)
        else:
            open_slots.append((lane.reserve(), number))
    lane.start(paper)
    random.shuffle(open_slots)
    for slot, number in open_slots:
        lane.fill(slot, [Entry(1, b"%d" % number, None)])
    assert paper.lines == [b"%d" % number for number in range(len(kinds))]


def test_a_segment_is_cut_at_its_place() -> None:
    paper, lane = Paper(), Lane(Failures())
    lane.start(paper)
    slot = lane.reserve()
    lane.append(1, b"b")
    lane.cut()
    lane.append(1, b"c")
    lane.fill(slot, [Entry(1, b"a", None)])
    assert paper.lines == [b"a", b"b", b"--", b"c"]


def test_records_of_a_document_wait_for_its_verdict() -> None:
    paper, lane = Paper(), Lane(Failures())
    lane.start(paper)
    no, yes = document(is_kept=False), document(is_kept=False)
    slot = lane.reserve()
    lane.append(1, b"no", no)
    lane.append(1, b"yes", yes)
    yes.is_kept = True
    lane.fill(slot)
    assert paper.lines == [b"yes"]


def test_a_full_disk_closes_the_lane_and_says_so_once() -> None:
    failures = Failures()
    paper, lane = Paper(room=2), Lane(failures)
    lane.start(paper)
    for _ in range(10):
        lane.append(1, b"x")
    assert lane.is_closed
    assert lane.records == 2
    assert [type(error) for error in failures.seen] == [DiskFullError]


def test_closing_writes_what_waits_behind_a_slot_nobody_fills() -> None:
    paper, lane = Paper(), Lane(Failures())
    lane.start(paper)
    lane.reserve()
    lane.append(1, b"x")
    lane.close()
    assert paper.lines == [b"x"]
    assert paper.is_closed


def test_a_slot_that_holds_up_too_much_is_given_up() -> None:
    paper, lane = Paper(), Lane(Failures())
    lane.start(paper)
    slot = lane.reserve()
    for _ in range(lane_module.WAITING_RECORDS + 1):
        lane.append(1, b"x")
    assert lane.given_up == 1
    assert (lane.take_given_up(), lane.take_given_up()) == (1, 0)
    assert len(paper.lines) >= lane_module.WAITING_RECORDS
    lane.fill(slot, [Entry(1, b"late", None)])
    lane.append(1, b"y")
    assert paper.lines[-1] == b"y"
    assert b"late" not in paper.lines


def test_a_journal_that_never_opens_does_not_fill_the_memory() -> None:
    failures = Failures()
    lane = Lane(failures)
    for _ in range(lane_module.WAITING_RECORDS + 10):
        lane.append(1, b"x")
    assert lane.is_closed
    assert len(failures.seen) == 1
