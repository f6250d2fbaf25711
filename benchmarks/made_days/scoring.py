"""Compares the levels of made days with what was really done in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.made_days.known_day import Span, Turn, known_day

from signoff_collector.levels.levels import levels_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST: Final = 0.5
"""Spans are the same when they share more of their steps than this."""


@dataclass(slots=True, kw_only=True)
class Score:
    """Of one level."""

    true: int = 0
    """Spans that were really there."""
    found: int = 0
    right: int = 0

    @property
    def precision(self) -> float:
        """Share of what was found that is right."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of what was there that was found."""
        return self.right / self.true if self.true else 1.0


def score_days(seeds: Iterable[int], *, tasks: int = 8) -> dict[str, Score]:
    """Return the score of each level over some days."""
    scores: dict[str, Score] = {}
    for seed in seeds:
        for name, true, found, right in _compared(seed, tasks):
            score = scores.setdefault(name, Score())
            score.true += true
            score.found += found
            score.right += right
    return scores


def _compared(seed: int, tasks: int) -> Iterable[tuple[str, int, int, int]]:
    episode, truth = known_day(seed, tasks=tasks)
    levels, edits = levels_of(episode), episode.edits

    def ends(spans: Iterable[Span]) -> set[int]:
        """Return where tasks end, as the number of edits before; the last end is given."""
        return {edits.count_until(last) for _, last in spans} - {len(edits)}

    yield _same(
        "task ends", ends(truth.tasks), ends((one.from_seq, one.to_seq) for one in levels.tasks)
    )
    found = {(one.first, one.last) for one in levels.attempts}
    yield _same("attempts", set(truth.attempts), found)
    changed, weakened, flaky = set[Turn](), set[Turn](), set[Turn]()
    for one in levels.red_green:
        if one.green is not None:
            turn = (one.test, one.last_red, one.green)
            (changed if one.is_tree_changed else flaky).add(turn)
            weakened.update((turn,) if one.is_weakened else ())
    yield _same("red→green", set(truth.red_green), changed)
    broken = {(one.test, one.green, one.red) for one in levels.green_red if one.is_tree_changed}
    yield _same("green→red", set(truth.green_red), broken)
    phases = {(one.name, one.first, one.last) for one in levels.phases}
    yield _same("phases", set(truth.phases), phases)
    yield _same("weakened tests", set(truth.weakened), weakened)
    yield _same("flaky tests", set(truth.flaky), flaky)
    yield _alike("dead ends", truth.dead_ends, [(one.first, one.last) for one in levels.dead_ends])
    yield _alike("reverts", truth.reverts, [(one.first, one.last) for one in levels.reverts])
    gone = [(one.born, one.gone) for one in levels.diagnostics if one.gone is not None]
    yield _alike("diagnostics", truth.diagnostics, gone)


def _same(
    name: str,
    true: set[int] | set[Span] | set[Turn],
    found: set[int] | set[Span] | set[Turn],
) -> tuple[str, int, int, int]:
    return name, len(true), len(found), len({*true} & {*found})


def _alike(name: str, true: list[Span], found: list[Span]) -> tuple[str, int, int, int]:
    """Count the true spans that have a found one of their own that is mostly the same."""
    left = set(found)
    right = 0
    for span in sorted(true):
        best = max(left, key=lambda one: _overlap(span, one), default=None)
        if best is not None and _overlap(span, best) > _MOST:
            left.remove(best)
            right += 1
    return name, len(true), len(found), right


def _overlap(one: Span, other: Span) -> float:
    low, high = max(one[0], other[0]), min(one[1], other[1])
    first, last = min(one[0], other[0]), max(one[1], other[1])
    return max(0, high - low + 1) / (last - first + 1)
