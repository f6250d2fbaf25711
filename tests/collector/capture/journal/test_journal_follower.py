"""Following a journal that grows, is torn, damaged or replaced gives what one look at it gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.capture.journal.journal_follower import Followed, JournalFollower
from signoff_collector.capture.journal.journal_frames import (
    RecordKind,
    encode_frame,
    pack_body,
)
from signoff_collector.capture.tallies import tally
from signoff_collector.capture.tallies.tally import SegmentTally, count
from signoff_collector.capture.tallies.tally_file import followed_from
from signoff_collector.capture.tallies.touched_files import documents, files_on_disk
from signoff_collector.capture.tallies.unsaved_files import Buffers, buffers

HEADER = encode_frame(
    RecordKind.HEADER,
    pack_body({"writer": "lsp", "writer_id": "lsp-1-abcd", "t_boot_ns": 1, "t_wall_ns": 2}),
)


@dataclass(frozen=True, kw_only=True)
class Way:
    """A fold, and the state it begins with."""

    name: str
    new: Callable[[], Any]
    fold: Callable[[Any, Any], Any]


WAYS = [
    Way(name="tally", new=SegmentTally, fold=count),
    Way(name="documents", new=dict, fold=documents),
    Way(name="files on disk", new=set, fold=files_on_disk),
    Way(name="buffers", new=Buffers, fold=buffers),
    Way(name="every frame", new=list, fold=lambda state, frames: [*state, *frames]),
]

names = st.sampled_from(["a.py", "b \U0001f600\U0001f9ea.py", "c/d.rs", "e", 'f"{}\\.py'])
shas = st.none() | st.sampled_from(["0" * 64, "1" * 64])
texts = st.sampled_from(["", "x\n", '"uri": "file:///elsewhere"', "\U0001f600\U0001f9ea", "\ud800"])
notifications = st.sampled_from(["didOpen", "didChange", "didSave", "didClose", "didOther"])
files = st.lists(st.fixed_dictionaries({"path": names, "sha256": shas}), max_size=3)
fields = st.fixed_dictionaries(
    {},
    optional={
        "uri": names.map(lambda name: f"file:///{name}"),
        "text": texts,
        "disk_sha256": shas,
        "kind": st.sampled_from(["note", "gap", "git", "files"]),
        "reason": st.sampled_from(["dropped", "closed"]),
        "operation": st.sampled_from(["commit", "reset"]),
        "disk": files,
        "changed": files,
        "entries": files,
        "is_bulk": st.booleans(),
    },
)


@st.composite
def messages(draw: st.DrawFn) -> tuple[str, bytes]:
    """Draw a message as some editor spells it: members in any order, slashes escaped or not."""
    uri = f"file:///{draw(names)}"
    params: dict[str, object] = {
        "textDocument": {"version": 1, "uri": uri},
        "contentChanges": [{"text": draw(texts)} for _ in range(draw(st.integers(0, 2)))],
    }
    if draw(st.booleans()):
        params = dict(reversed(params.items()))
    spelled = json.dumps(params, ensure_ascii=draw(st.booleans()))
    spelled = spelled.replace("/", r"\/") if draw(st.booleans()) else spelled
    return f"textDocument/{draw(notifications)}", spelled.encode("utf-8", "surrogatepass")


@st.composite
def frames(draw: st.DrawFn) -> list[bytes]:
    """Draw the frames of a journal; its clock may have begun a moment or a year ago."""
    t_boot_ns = draw(st.sampled_from([0, 100, 1 << 33, 1 << 55]))
    found = [HEADER]
    for _ in range(draw(st.integers(0, 12))):
        t_boot_ns += draw(st.sampled_from([0, 1, 10**9]))
        kind = draw(st.sampled_from([*RecordKind, 99]))
        body: object = {"t_boot_ns": t_boot_ns, **draw(fields)}
        if kind in {RecordKind.LSP, RecordKind.COMPANION}:
            body = [t_boot_ns, *draw(messages())]
        elif kind == RecordKind.CLOCK:
            body = [t_boot_ns, draw(st.integers(0, 10**12)), 0]
        payload = draw(st.binary(max_size=20)) if draw(st.integers(0, 9)) == 0 else pack_body(body)
        found.append(encode_frame(kind, payload))
    return found


places = st.integers(0, 1 << 12)


@pytest.fixture(scope="module", autouse=True)
def few_documents() -> Iterator[None]:
    """Let counts forget documents early, so that examples stay small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally, "_MOST_PATHS", 3)
        yield


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A segment that each example writes anew."""
    return tmp_path_factory.mktemp("followed") / "lsp-1-abcd.0.journal"


def in_json(followed: Followed[SegmentTally]) -> Followed[SegmentTally]:
    """Return what another process reads of a state that was kept."""
    return followed_from(json.loads(json.dumps(asdict(followed))))


class Followers:
    """Every fold, following one journal; the counts are kept as JSON between two looks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._followers = [JournalFollower(way.new, way.fold) for way in WAYS]

    def look(self) -> None:
        """Look at what is new, and compare with looking at all of it."""
        for place, way in enumerate(WAYS):
            (found,) = self._followers[place].look([self._path]).values()
            (whole,) = JournalFollower(way.new, way.fold).look([self._path]).values()
            assert found.state == whole.state, way.name
            assert found.left_bytes == whole.left_bytes, way.name
            if way.new is SegmentTally:
                known = {self._path: in_json(found)}
                self._followers[place] = JournalFollower(way.new, way.fold, known)


@given(journal=frames(), sizes=st.lists(places, max_size=5), flip=st.none() | places)
def test_looks_at_a_growing_torn_or_damaged_journal_give_what_one_gives(
    path: Path, journal: list[bytes], sizes: list[int], flip: int | None
) -> None:
    data = bytearray(b"".join(journal))
    if flip is not None:
        data[flip % len(data)] ^= 1 << flip % 8
    path.unlink(missing_ok=True)
    followers = Followers(path)
    for size in [*(size % (len(data) + 1) for size in sizes), len(data)]:
        path.write_bytes(data[:size])  # shorter than before, too
        followers.look()


@given(journals=st.lists(frames(), min_size=2, max_size=3))
def test_a_replaced_journal_is_read_as_if_the_old_one_had_never_been(
    path: Path, journals: list[list[bytes]]
) -> None:
    followers, fresh = Followers(path), path.with_suffix(".new")
    for journal in journals:
        fresh.write_bytes(b"".join(journal))
        fresh.replace(path)
        followers.look()


def test_a_replaced_journal_whose_last_frame_is_the_same_is_noticed(tmp_path: Path) -> None:
    path, fresh = tmp_path / "lsp-1-abcd.0.journal", tmp_path / "fresh"
    last = encode_frame(RecordKind.CLOCK, pack_body([3, 4, 0]))
    follower = JournalFollower(dict[str, None], documents)
    for name in ("a", "b"):
        save = encode_frame(RecordKind.SAVE, pack_body({"t_boot_ns": 2, "uri": name}))
        fresh.write_bytes(HEADER + save + last)
        fresh.replace(path)
        (found,) = follower.look([path]).values()
        assert list(found.state) == [name]


def test_a_journal_that_is_gone_is_dropped_and_ends_are_kept(tmp_path: Path) -> None:
    one, other = tmp_path / "lsp-1-abcd.0.journal", tmp_path / "lsp-1-abcd.1.journal"
    save = encode_frame(RecordKind.SAVE, pack_body({"t_boot_ns": 2, "uri": "a"}))
    for path in (one, other):
        path.write_bytes(HEADER + save)
    follower = JournalFollower(dict[str, None], documents)
    short = follower.look([one, other], ends={other: len(HEADER)})
    assert [list(found.state) for found in short.values()] == [["a"], []]
    assert list(follower.look([other])) == [other]
    assert list(follower.look([other])[other].state) == ["a"]
    other.unlink()
    assert not follower.look([])
