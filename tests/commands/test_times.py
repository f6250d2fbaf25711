"""Words for a time: one meaning wherever a verb takes one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.bridge import enable
from tests.support.clock import FakeClock

from signoff_collector.cli import main
from signoff_collector.commands.words import plain_at, since_ns
from signoff_collector.episode.resolving import START
from signoff_collector.history.local_sessions import local_sessions
from signoff_collector.history.moment_of_session import seq_at
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_schemas.at import AtWallTime, parse_at
from signoff_schemas.errors import UsageError

NOW = datetime(2026, 11, 25, 14, 30, 15).astimezone()  # a Wednesday
CLOCK = FakeClock(wall_ns=int(NOW.timestamp()) * 10**9)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("2h", NOW - timedelta(hours=2)),
        ("7d", NOW - timedelta(days=7)),
        ("today", datetime(2026, 11, 25)),
        ("Yesterday", datetime(2026, 11, 24)),
        ("yesterday 9:05", datetime(2026, 11, 24, 9, 5)),
        ("monday", datetime(2026, 11, 23)),
        ("wednesday", datetime(2026, 11, 25)),
        ("thursday", datetime(2026, 11, 19)),
        ("10:40", datetime(2026, 11, 25, 10, 40)),
        ("10:40:07", datetime(2026, 11, 25, 10, 40, 7)),
        ("23:15", datetime(2026, 11, 24, 23, 15)),
        ("2026-11-20", datetime(2026, 11, 20)),
        ("2026-11-20T10:40", datetime(2026, 11, 20, 10, 40)),
        ("2026-11-20 10:40", datetime(2026, 11, 20, 10, 40)),
        ("2026-11-20T10:40:00Z", datetime.fromisoformat("2026-11-20T10:40:00+00:00")),
    ],
)
def test_a_time_means_what_a_person_means_by_it(words: str, meant: datetime) -> None:
    assert since_ns(words, CLOCK) == int(meant.timestamp()) * 10**9
    assert plain_at(f"time:{words}", CLOCK).startswith("time:2026-11-")


@pytest.mark.parametrize(
    "words", ["", "soon", "25:00", "10:75", "0m", "monday 25:00", "2026-13-01", "5", "h"]
)
def test_what_is_no_time_is_refused_with_what_would_be(words: str) -> None:
    with pytest.raises(UsageError) as caught:
        since_ns(words, CLOCK)
    assert caught.value.hint


@pytest.mark.parametrize("at", ["7", "step:3", "time:+1h", "time:2026-11-20T10:40:00Z", "end"])
def test_moments_of_an_episode_stay_as_they_are(at: str) -> None:
    assert plain_at(at, CLOCK) == at


def test_what_is_no_moment_is_complained_about_as_it_was_written() -> None:
    with pytest.raises(UsageError, match="time:soon"):
        plain_at("time:soon", CLOCK)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 24), timezones=st.just(UTC)))
def test_a_time_names_one_moment_with_its_kind_and_without(moment: datetime) -> None:
    """A fraction that is lost would be a moment before the one that was named."""
    text = moment.isoformat()
    assert parse_at(plain_at(text, CLOCK)) == parse_at(plain_at(f"time:{text}", CLOCK))


def test_the_second_in_which_a_session_began_belongs_to_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the one that `signoff list` and the error name."""
    folder = tmp_path / "work"
    folder.mkdir()
    enable(folder)
    monkeypatch.chdir(folder)
    assert main(["note", "first \U0001f98a"]) == 0
    (session,) = local_sessions(resolve_home(), SystemClock(), below=folder)
    second_ns = session.started_wall_ns // 10**9 * 10**9
    assert seq_at(session, AtWallTime(second_ns)) == START
    with pytest.raises(UsageError, match="began later"):
        seq_at(session, AtWallTime(second_ns - 1))
