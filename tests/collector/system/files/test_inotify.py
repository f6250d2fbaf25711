"""The kernel's own interface, with real folders."""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.system.files import inotify
from signoff_collector.system.files.inotify import Event, Inotify, WatchLimitError, parse_events

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


def test_one_descriptor_tells_of_several_folders_and_of_both_halves_of_a_rename(
    tmp_path: Path,
) -> None:
    folders = [tmp_path / "one 🎉", tmp_path / "two 𝄞"]
    with Inotify() as reader:
        for folder in folders:
            folder.mkdir()
        numbers = [reader.watch(str(folder)) for folder in folders]
        (folders[0] / "naïve 🎉.py").write_text("x")
        (folders[0] / "naïve 🎉.py").rename(folders[1] / "b 𝄞.py")
        (folders[1] / "below").mkdir()
        events = reader.read()
    assert reader.count == len(set(numbers)) == 2
    written = [event for event in events if event.mask & inotify.CLOSE_WRITE]
    assert [(event.wd, event.name) for event in written] == [(numbers[0], "naïve 🎉.py")]
    (left,) = [event for event in events if event.mask & inotify.MOVED_FROM]
    (came,) = [event for event in events if event.mask & inotify.MOVED_TO]
    assert (left.wd, came.wd, came.name) == (numbers[0], numbers[1], "b 𝄞.py")
    assert left.cookie == came.cookie != 0
    assert events[-1].mask & inotify.IS_FOLDER
    assert (events[-1].wd, events[-1].name) == (numbers[1], "below")


def test_reading_never_waits_and_the_descriptor_can_be_waited_for(tmp_path: Path) -> None:
    with Inotify() as reader:
        reader.watch(str(tmp_path))
        assert reader.read() == []
        assert select.select([reader], [], [], 0)[0] == []
        (tmp_path / "x").touch()
        assert select.select([reader], [], [], 60)[0] == [reader]
        assert {event.name for event in reader.read()} == {"x"}


def test_a_thousand_events_are_read_in_one_call(tmp_path: Path) -> None:
    with Inotify() as reader:
        reader.watch(str(tmp_path))
        for number in range(1_000):
            (tmp_path / f"file {number}").touch()
        before = reader.reads
        names = {event.name for event in reader.read()}
        assert len(names) == 1_000
        assert reader.reads - before <= 3


def test_a_limit_of_ours_is_told_apart_from_a_folder_that_is_not_there(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to("a")
    with Inotify(max_watches=2) as reader:
        with pytest.raises(FileNotFoundError):
            reader.watch(str(tmp_path / "gone"))
        with pytest.raises(NotADirectoryError):
            reader.watch(str(tmp_path / "link"))
        reader.watch(str(tmp_path / "a"))
        number = reader.watch(str(tmp_path / "b"))
        with pytest.raises(WatchLimitError):
            reader.watch(str(tmp_path / "c"))
        reader.drop(number)
        (event,) = reader.read()
        assert (event.wd, event.mask & inotify.IGNORED) == (number, inotify.IGNORED)
        reader.forget()
        reader.watch(str(tmp_path / "c"))


def test_half_of_what_the_system_allows_is_left_to_others() -> None:
    limit = inotify.system_limit()
    assert limit > 0
    with Inotify() as reader:
        assert reader._limit == limit // 2


@given(st.lists(st.tuples(st.integers(-1, 2**31 - 1), st.integers(0, 2**32 - 1), st.text())))
def test_events_come_back_as_they_were_packed(given: list[tuple[int, int, str]]) -> None:
    data, expected = b"", []
    for wd, mask, text in given:
        name = os.fsencode(text.encode("utf-8", "ignore").decode().replace("\0", ""))
        padded = name + b"\0" * (-len(name) % 16)
        data += inotify._HEAD.pack(wd, mask, 7, len(padded)) + padded
        expected.append(Event(wd, mask, 7, os.fsdecode(name)))
    assert parse_events(data) == expected
    assert parse_events(data + b"\1\2\3") == expected
