"""Raw history goes after 14 days; episodes stay below the cap, and nothing goes unannounced."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.support.clock import FakeClock
from tests.support.sessions import current_home, workspace

from signoff_collector.capture.sessions.sessions import (
    SealedAs,
    Session,
    list_sessions,
    note_sealed,
    open_session,
)
from signoff_collector.forgetting.purging import DAY_NS, RAW_DAYS, announced_episodes, purge
from signoff_collector.own_files.home import Home


@pytest.fixture
def own(home: Path) -> Home:
    assert not home.exists()
    return current_home()


def make_session(own: Home, tmp_path: Path, clock: FakeClock) -> Session:
    session = open_session(own, workspace(tmp_path / "work"), clock)
    with session.join("lsp", clock=clock) as writer:
        writer.append_value(4, {"t_boot_ns": clock.boot_ns(), "kind": "note", "text": "raw words"})
    session.add_blob(b"raw bytes")
    return session


def days(clock: FakeClock, count: float) -> None:
    clock.advance(count * DAY_NS / 1e9)


def raw_left(own: Home) -> list[Path]:
    return [
        path for path in own.sessions.rglob("*") if path.is_file() and b"raw " in path.read_bytes()
    ]


def test_raw_history_stays_for_14_days_and_then_goes(own: Home, tmp_path: Path) -> None:
    clock = FakeClock()
    make_session(own, tmp_path, clock)
    days(clock, RAW_DAYS - 0.01)
    assert purge(own, clock).sessions == []
    assert raw_left(own)
    days(clock, 0.02)
    assert len(purge(own, clock).sessions) == 1
    assert list_sessions(own) == []
    assert not raw_left(own)


def test_of_a_sealed_session_only_what_it_became_stays(own: Home, tmp_path: Path) -> None:
    clock = FakeClock()
    session = make_session(own, tmp_path, clock)
    note_sealed(session, SealedAs(path=own.episodes / "x.episode", sha256="0" * 64))
    days(clock, RAW_DAYS)
    assert purge(own, clock).sessions == [session.id]
    assert not raw_left(own)
    names = {path.name for path in session.folder.iterdir()}
    assert names == {"session.json", "sealed.json", "alive"}
    assert purge(own, clock).sessions == []


def test_a_session_that_somebody_holds_is_left_alone(own: Home, tmp_path: Path) -> None:
    clock = FakeClock()
    session = make_session(own, tmp_path, clock)
    with session.join("run", clock=clock):
        days(clock, RAW_DAYS)
        assert purge(own, clock).sessions == []
    assert purge(own, clock).sessions == [session.id]


def episodes(own: Home, *names: str) -> None:
    for age, name in enumerate(names):
        path = own.episodes / f"{name}.episode"
        path.write_bytes(b"x" * 100)
        os.utime(path, ns=(age, age))


def left(own: Home) -> set[str]:
    return {path.stem for path in own.episodes.glob("*.episode")}


def test_above_the_cap_the_oldest_unsigned_go_a_day_after_that_was_said(own: Home) -> None:
    clock = FakeClock()
    episodes(own, "signed", "oldest", "older", "new")
    (own.episodes / "signed.signoff.json.sig").write_bytes(b"s")
    reviews = own.state / "reviews"
    reviews.mkdir()
    for name in ("oldest", "new"):
        (reviews / f"{name}0123.draft").write_bytes(b"{}")
    first = purge(own, clock, cap_bytes=250)
    assert first.announced == ["oldest.episode", "older.episode"]
    assert announced_episodes(own) == ("oldest.episode", "older.episode")
    assert left(own) == {"signed", "oldest", "older", "new"}
    days(clock, 0.9)
    assert purge(own, clock, cap_bytes=250).episodes == []
    days(clock, 0.2)
    assert purge(own, clock, cap_bytes=250).episodes == ["oldest.episode", "older.episode"]
    assert left(own) == {"signed", "new"}
    assert [path.name for path in reviews.iterdir()] == ["new0123.draft"]
    assert purge(own, clock, cap_bytes=250).announced == []
    assert announced_episodes(own) == ()
