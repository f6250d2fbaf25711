"""Every form of --at, and what lies outside."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.episodes import header, sample_episode

from signoff_collector.episode.content import Episode
from signoff_collector.episode.resolving import START, resolve_at
from signoff_schemas.at import parse_at
from signoff_schemas.errors import UsageError


@pytest.mark.parametrize(
    ("at", "seq"),
    [
        ("start", START),
        ("end", 21),
        ("0", 1),
        ("1", 2),
        ("7", 8),
        ("step:0", 0),
        ("step:21", 21),
        ("time:+0s", 0),
        ("time:+0.05s", 1),
        ("time:+1s", 8),
        ("time:+2.3s", 14),
        ("time:+2.9s", 21),
        ("time:2001-09-09T01:46:41Z", 8),
        ("time:2001-09-09T03:46:41.050+02:00", 8),
    ],
)
def test_each_form_names_the_last_step_done(at: str, seq: int) -> None:
    assert resolve_at(sample_episode(), parse_at(at)) == seq


@pytest.mark.parametrize(
    "at", ["8", "step:22", "time:+2.901s", "time:+9h", "time:2001-09-09T01:46:39Z"]
)
def test_what_lies_outside_is_a_usage_error(at: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve_at(sample_episode(), parse_at(at))
    assert caught.value.exit_code == 2
    assert caught.value.hint


def test_without_a_wall_clock_only_relative_times_work() -> None:
    episode = replace(sample_episode(), header=header())
    with pytest.raises(UsageError, match="no wall-clock"):
        resolve_at(episode, parse_at("time:2001-09-09T01:46:41Z"))


def test_an_episode_without_steps_has_a_start_and_an_end() -> None:
    empty = Episode(header=header())
    assert resolve_at(empty, parse_at("start")) == START
    assert resolve_at(empty, parse_at("end")) == START
    assert resolve_at(empty, parse_at("0")) == START
    assert resolve_at(empty, parse_at("time:+0s")) == START
