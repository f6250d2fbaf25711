"""Doing all actions again reaches what was recorded."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.made_days.known_day import known_day
from hypothesis import given, settings
from tests.support.episodes import (
    Edit,
    episodes,
    open_episode,
    typing,
)

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.reader import read_episode
from signoff_datasets.actions.reaching import reach
from signoff_datasets.actions.trace import trace

GOLDEN = sorted((Path(__file__).parents[2] / "golden").rglob("*.episode"))


def check(episode: Episode) -> None:
    whole = trace(episode)
    reached = reach(episode, whole)
    assert reached.is_whole, reached.differences
    assert all(0 <= one.weight <= 1 for one in whole.actions)


@settings(max_examples=200)
@given(episodes())
def test_any_episode_is_reached_again(episode: Episode) -> None:
    check(episode)


@given(typing())
def test_a_text_is_reached_while_it_is_typed(drawn: tuple[str, list[Edit], list[str]]) -> None:
    opened, edits, states = drawn
    episode = open_episode(opened, edits)
    check(episode)
    reached = reach(episode, trace(episode))
    end = states[-1] if states else opened
    content = reached.files["a.txt"].content if "a.txt" in reached.files else b""
    assert content == end.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_file_is_reached_again(path: Path) -> None:
    check(read_episode(path.read_bytes()))


@pytest.mark.parametrize("seed", [1000, 1001])
def test_a_made_day_is_reached_again(seed: int) -> None:
    episode = known_day(seed, tasks=3)[0]
    check(episode)
