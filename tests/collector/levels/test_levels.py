"""What holds of the levels of every episode, and how well they find what is known."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from benchmarks.made_days.day import make_day
from benchmarks.made_days.known_day import known_day
from benchmarks.made_days.scoring import score_days
from hypothesis import given
from tests.support.episodes import episodes, open_episode, typing

from signoff_collector.episode.content import Edit
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.upgrade import upgraded
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.levels.levels import Levels, levels_of
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_collector.episode.content import Episode

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = sorted((ROOT / "tests" / "golden").glob("version_*/*.episode"))


def covers(spans: Iterable[tuple[int, int]], count: int) -> bool:
    """Say whether spans partition the steps, in order."""
    given_ = list(spans)
    bounds = [-1, *(last for _, last in given_)]
    return [first for first, _ in given_] == [last + 1 for last in bounds[:-1]] and (
        bounds[-1] == count - 1
    )


def check(episode: Episode) -> Levels:
    """Check every invariant of one episode's levels."""
    levels = levels_of(episode)
    count = episode.step_count
    assert covers(((one.from_seq, one.to_seq) for one in levels.tasks), count)
    assert covers(((one.first, one.last) for one in levels.attempts), count)
    assert covers(((one.first, one.last) for one in levels.phases), count)
    _check_bursts(episode, levels)
    _check_reverts(episode, levels)
    for one in levels.survival:
        assert 0 <= one.surviving <= one.tokens
    firsts = {burst.first: burst for burst in levels.bursts}
    for end in levels.dead_ends:
        assert end.first in firsts
        assert end.first <= end.last < count
        assert end.surviving <= end.tokens
    for found in levels.diagnostics:
        assert found.gone is None or found.born < found.gone < count
    for turn in levels.red_green:
        assert 0 <= turn.red <= turn.last_red < (turn.green or count) <= count
        assert not turn.is_weakened or turn.is_by_test_edit
    for one in levels.viewed:
        rows = [part.line + at for part in one.parts for at in range(part.text.count("\n") + 1)]
        assert len(set(rows)) == len(rows) <= one.lines
        assert 0 <= one.first <= one.parts[0].seq <= one.parts[-1].seq <= one.last < count
    assert sum(one.inserted for one in levels.shares) == len(episode.edits.text)
    assert sum(one.edits for one in levels.shares) == len(episode.edits)
    return levels


def _check_bursts(episode: Episode, levels: Levels) -> None:
    """Each edit is in one burst; doing all actions gives exactly the recorded states."""
    moments = Moments(episode)
    texts = {(life.path, life.buffer, life.since): life.initial for life in moments.lives()}
    states: dict[tuple[str, int, int], dict[int, str]] = {
        name: {0: text} for name, text in texts.items()
    }
    assert sum(burst.edits for burst in levels.bursts) == len(episode.edits)
    assert [burst.first for burst in levels.bursts] == sorted(b.first for b in levels.bursts)
    last: dict[tuple[str, int], int] = {}
    for burst in levels.bursts:
        assert last.get((burst.path, burst.buffer), -1) < burst.first <= burst.last
        last[burst.path, burst.buffer] = burst.last
        name = (burst.path, burst.buffer, burst.life)
        if burst.action is not None:
            texts[name] = burst.action.apply(texts[name])
        assert texts[name] == moments.buffer(burst.path, burst.buffer, burst.last)
        assert states[name].setdefault(burst.state, texts[name]) == texts[name]
    for known in states.values():
        assert len(set(known.values())) == len(known)


def _check_reverts(episode: Episode, levels: Levels) -> None:
    moments = Moments(episode)
    bursts = {(burst.path, burst.first): burst for burst in levels.bursts}
    for one in levels.reverts:
        assert 0 <= one.first < one.last < episode.step_count
        if one.how != "git":
            (path,) = one.paths
            buffer = bursts[path, one.first].buffer
            before = moments.buffer(path, buffer, one.first - 1)
            assert before == moments.buffer(path, buffer, one.last)


@given(episodes())
def test_levels_hold_in_any_episode(episode: Episode) -> None:
    try:
        Moments(episode).tree(episode.step_count)
        list(Moments(episode).lives())
    except DamagedError:
        with pytest.raises(DamagedError):
            levels_of(episode)
        return
    check(episode)


@given(typing())
def test_levels_hold_while_one_text_is_typed(drawn: tuple[str, list[Edit], list[str]]) -> None:
    opened, edits, _ = drawn
    check(open_episode(opened, edits))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_levels_hold_in_a_golden_file(path: Path) -> None:
    check(read_episode(upgraded(path.read_bytes())))


@pytest.mark.parametrize("seed", range(3))
def test_levels_hold_in_made_days(seed: int) -> None:
    check(make_day(seed, scale=0.02))
    levels = check(known_day(seed, tasks=4)[0])
    assert levels.dead_ends or levels.reverts or levels.red_green


def test_the_same_episode_gives_the_same_levels() -> None:
    assert levels_of(known_day(7, tasks=3)[0]) == levels_of(known_day(7, tasks=3)[0])


def test_what_was_done_is_found() -> None:
    """Loose: `benchmarks/levels.py` prints the figures, docs/levels.md keeps them."""
    scores = score_days(range(1000, 1006), tasks=6)
    exact = {"attempts", "red→green", "flaky tests", "diagnostics"}
    for name, score in scores.items():
        limit = 1.0 if name in exact else 0.65
        assert score.precision >= limit, (name, score)
        assert score.recall >= limit, (name, score)


def test_a_hand_makes_an_attempt_of_each_run() -> None:
    episode, truth = known_day(3, tasks=3)
    levels = levels_of(episode)
    assert [(one.first, one.last) for one in levels.attempts] == truth.attempts
    assert all(one.last < other.first for one, other in pairwise(levels.attempts))
