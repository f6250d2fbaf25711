"""A machine that slept, a clock that was set, a watcher that was told to go."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest
from tests.support.clock import FakeClock
from tests.support.deadline import deadline, wait_until

from signoff_collector.capture.files.watch_process import watch
from signoff_collector.capture.journal.journal import JournalReading, RecordKind, read_journal
from signoff_collector.capture.sessions.clock_watch import ClockWatch
from signoff_collector.capture.sessions.sessions import Session, open_session
from signoff_collector.capture.sessions.starting_watcher import ensure_watcher
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.system.clock import read_clocks
from signoff_schemas.words import Owner


def test_only_a_sleep_or_a_set_clock_is_told_with_both_moments() -> None:
    clock = FakeClock()
    watching = ClockWatch(clock)
    assert watching.look() is None
    clock.advance(3600)
    assert watching.look() is None
    before = read_clocks(clock)
    clock.suspend(1800)
    assert watching.look() == (before, read_clocks(clock))
    for hours in (-5, 7):
        before = read_clocks(clock)
        clock.step_wall(hours * 3600)
        assert watching.look() == (before, read_clocks(clock))
    assert watching.look() is None


@pytest.fixture
def session(home: Path, tmp_path: Path) -> tuple[Session, Home]:
    from signoff_collector.capture.opt_in.workspaces import Workspaces
    from signoff_collector.system.clock import SystemClock

    assert not home.exists()
    place = resolve_home().ensure()
    (tmp_path / "work").mkdir()
    workspace = Workspaces(place).enable(tmp_path / "work", owner=Owner.MINE, is_confirmed=True)
    return open_session(place, workspace, SystemClock()), place


def watchers_journal(session: Session) -> JournalReading | None:
    found = [read_journal(path) for path in session.journals if path.name.startswith("git-")]
    return found[0] if found else None


def clocks(session: Session) -> list[object]:
    reading = watchers_journal(session)
    records = [] if reading is None else reading.records
    return [record.body for record in records if record.kind == RecordKind.CLOCK]


def test_the_watcher_writes_between_which_moments_the_machine_slept(
    session: tuple[Session, Home],
) -> None:
    one, home = session
    clock = FakeClock(boot_ns=one.started_boot_ns + 1, boot_id=one.boot_id)
    ending = threading.Event()
    thread = threading.Thread(target=watch, args=(home, one, clock, ending))
    thread.start()
    try:
        wait_until(lambda: watchers_journal(one), "the watcher's journal")
        before = list(read_clocks(clock))
        clock.suspend(600)
        wait_until(lambda: len(clocks(one)) > 1, "both readings")
        assert clocks(one)[-2:] == [before, list(read_clocks(clock))]
    finally:
        ending.set()
        thread.join(deadline())
    reading = watchers_journal(one)
    assert reading is not None
    assert reading.end is not None


def test_a_watcher_told_to_go_is_no_crash_and_one_killed_is(session: tuple[Session, Home]) -> None:
    one, home = session
    for number, is_clean in ((signal.SIGTERM, True), (signal.SIGKILL, False)):
        known = set(one.journals)
        ensure_watcher(one, home)
        path = wait_until(
            lambda known=known: next(iter(set(one.journals) - known), None), "a journal of it"
        )
        wait_until(lambda path=path: read_journal(path).header, "its header")
        os.kill(int(path.name.split("-")[1]), number)
        wait_until(lambda: not one.has_writers(), "its end")
        assert (read_journal(path).end is not None) is is_clean
