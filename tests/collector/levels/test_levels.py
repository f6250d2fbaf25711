"""What holds of the levels of every episode, and how well they find what is known."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from benchmarks.made_days.day import make_day
from benchmarks.made_days.known_day import known_day
from benchmarks.made_days.scoring import score_days
from hypothesis import given, settings
from tests.support.episodes import episodes, open_episode, typing
from tests.support.random_work import work

from signoff_collector.episode.content import Edit
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.upgrade import upgraded
from signoff_collector.episode.moments.characters import characters_of
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.episode.verdicts import Run
from signoff_collector.levels.chapters import chapters
from signoff_collector.levels.levels import Levels, levels_of
from signoff_collector.levels.writing.survival import FEWEST_TOKENS, MOST_SURVIVING
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import (
    CommandStep,
    GitStep,
    StepBase,
    TestsStep,
)

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
    _check_dead_ends(episode, levels)
    _check_runs(episode, levels)
    _check_pointers(episode, levels)
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
    """What was there before is there again; of a part, what its first edit put there is gone."""
    moments = Moments(episode)
    characters = {
        (life.path, life.since): characters_of(life, episode.edits)
        for life in moments.lives()
        if len(life.edit_numbers)
    }
    for one in levels.reverts:
        assert 0 <= one.first < one.last < episode.step_count
        if one.how == "git":
            continue
        (path,) = one.paths
        own = [b for b in levels.bursts if b.path == path and b.first <= one.last <= b.last]
        (burst,) = own
        before = moments.buffer(path, burst.buffer, one.first - 1)
        is_same = before == moments.buffer(path, burst.buffer, one.last)
        assert is_same or one.is_part
        if one.is_part:
            held = characters[path, burst.life]
            first, last = np.searchsorted(held.edits.seq, (one.first, one.last)).tolist()
            put = held.births == first + 1
            assert put.any()
            assert (held.deaths[put] <= last + 1).any()


def _check_dead_ends(episode: Episode, levels: Levels) -> None:
    """Each is of edits of one file and attempt, of enough tokens, few of which survive."""
    edits = episode.edits
    ends = [(attempt.first, attempt.last) for attempt in levels.attempts]
    for end in levels.dead_ends:
        assert end.tokens >= FEWEST_TOKENS
        assert end.surviving < MOST_SURVIVING * end.tokens
        for seq in (end.first, end.last):
            place = edits.count_until(seq) - 1
            assert int(edits.seq[place]) == seq
            assert episode.files[int(edits.file[place])] == end.path
        bursts = [b for b in levels.bursts if b.first <= end.first <= b.last]
        bursts += [b for b in levels.bursts if b.first <= end.last <= b.last]
        inside = {
            place for place, (first, last) in enumerate(ends) for b in bursts
            if first <= b.last <= last
        }  # fmt: skip
        assert len(inside) == 1
    spans = sorted((end.first, end.last, end.path) for end in levels.dead_ends)
    for path in {path for _, _, path in spans}:
        own = [(first, last) for first, last, name in spans if name == path]
        assert all(one[0] < other[0] for one, other in pairwise(own))


def _check_runs(episode: Episode, levels: Levels) -> None:
    """Attempts end with the run that they name; phases are what their names say."""
    edits = episode.edits
    runs = {step.seq: step for step in episode.steps if isinstance(step, TestsStep | CommandStep)}
    for one in levels.attempts:
        assert one.verification in {None, one.last}
        assert one.verification is None or one.verification in runs
        assert (one.failing is None) == (one.verification is None)
    ends = {one.last: one for one in levels.attempts}
    for phase in levels.phases:
        count = edits.count_until(phase.last) - edits.count_until(phase.first - 1)
        assert (phase.name == "patch") == (count > 0)
        if phase.name in {"validate", "other"}:
            is_run = ends[phase.last].verification is not None
            assert is_run == (phase.name == "validate")
    for turn in levels.green_red:
        assert 0 <= turn.green < turn.red < episode.step_count
        told = [dict(Run.of(run).told()) for seq in (turn.green, turn.red)
                for run in [runs[seq]] if isinstance(run, TestsStep)]  # fmt: skip
        assert [one[turn.test] for one in told] == [True, False]
        between = [
            dict(Run.of(run).told()) for seq, run in runs.items()
            if turn.green < seq < turn.red and isinstance(run, TestsStep)
        ]  # fmt: skip
        assert not any(turn.test in one for one in between)


def _check_pointers(episode: Episode, levels: Levels) -> None:
    """Git operations, chapters and set-ups name the steps that they are made of."""
    git = {step.seq: step for step in episode.steps if isinstance(step, GitStep)}
    for operation in levels.git:
        assert operation.first <= operation.last
        assert git[operation.last].operation == operation.operation
        assert operation.first in git
    assert all(one.last < other.first for one, other in pairwise(levels.git))
    kinds = [chapter.kind for chapter in levels.chapters]
    assert kinds.count("task") == (len(levels.tasks) if episode.step_count else 0)
    assert kinds.count("git") == len(levels.git)
    tasks = {(task.from_seq, task.to_seq) for task in levels.tasks}
    for chapter in levels.chapters:
        assert 0 <= chapter.seq_first <= chapter.seq_last < episode.step_count
        assert chapter.kind != "task" or (chapter.seq_first, chapter.seq_last) in tasks
    firsts = [chapter.seq_first for chapter in levels.chapters]
    assert firsts == sorted(firsts)
    assert levels.chapters == chapters(episode, Moments(episode))
    for set_up in levels.set_ups:
        assert set_up.before is None or isinstance(_step(episode, set_up.before), TestsStep)


def _step(episode: Episode, seq: int) -> StepBase:
    (found,) = [step for step in episode.steps if step.seq == seq]
    return found


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


@given(work())
def test_levels_hold_in_any_work(episode: Episode) -> None:
    check(episode)


def test_the_works_that_are_drawn_have_every_level() -> None:
    """What is never there would hold of anything."""
    seen = set[str]()
    found = settings(max_examples=300, database=None, deadline=None)

    @found
    @given(work())
    def look(episode: Episode) -> None:
        levels = levels_of(episode)
        seen.update(field.name for field in fields(levels) if getattr(levels, field.name))

    look()
    assert seen >= {field.name for field in fields(Levels)} - {"viewed"}


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
    exact = {"attempts", "red→green", "green→red", "phases", "flaky tests", "diagnostics"}
    for name, score in scores.items():
        limit = 1.0 if name in exact else 0.65 if name == "task ends" else 0.9
        assert score.precision >= limit, (name, score)
        assert score.recall >= limit, (name, score)


def test_a_hand_makes_an_attempt_of_each_run() -> None:
    episode, truth = known_day(3, tasks=3)
    levels = levels_of(episode)
    assert [(one.first, one.last) for one in levels.attempts] == truth.attempts
    assert all(one.last < other.first for one, other in pairwise(levels.attempts))
