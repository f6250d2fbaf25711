"""Words for a time: one meaning wherever a verb takes one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.support.clock import FakeClock

from signoff_collector.commands.words import plain_at, since_ns
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
