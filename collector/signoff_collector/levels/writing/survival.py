"""Survival: how much of what a burst wrote still stands at the end of its task; dead ends."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from signoff_collector.levels.test_runs.attempts import Attempt
    from signoff_collector.levels.writing.standing import Standing
    from signoff_collector.levels.writing.written import Written

FEWEST_TOKENS: Final = 20
"""Fewer are no dead end."""
MOST_SURVIVING: Final = 0.1
"""A larger share of surviving tokens is no dead end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """Of one burst that wrote something."""

    first: int
    """The burst's first `seq`."""
    tokens: int
    """That stood there at its end."""
    surviving: int
    """Of these, at the end of its task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadEnd:
    """Text in one file, written in one go, that did not survive its task."""

    path: str
    first: int
    last: int
    """`seq` of the first and last edit that wrote it."""
    tokens: int
    surviving: int


def survival(found: Sequence[Written]) -> tuple[Survival, ...]:
    """Return it for each burst that left a token, in order."""
    return tuple(
        Survival(first=one.burst.first, tokens=len(one.survives), surviving=int(one.survives.sum()))
        for one in found
    )


def dead_ends(
    found: Sequence[Written], attempts: Sequence[Attempt], standing: Standing
) -> tuple[DeadEnd, ...]:
    """Return the dead ends: longest runs of tokens in one file and attempt that went.

    A run goes through the tokens of bursts in a row, those of each in document order, so it may be
    a part of a burst: what was typed right before it, or a line of it that was kept, is none of it.
    Text that was moved, within its file or to another of its task, is no dead end.
    """
    ends = [attempt.last for attempt in attempts]

    def place(one: Written) -> tuple[str, int]:
        return one.burst.path, bisect_left(ends, one.burst.last)

    rows = (list(row) for _, row in groupby(found, place))
    return tuple(end for row in rows for end in _dead(row, standing))


def _dead(row: Sequence[Written], standing: Standing) -> Iterator[DeadEnd]:
    survives = np.concatenate([_survives(one, standing) for one in row])
    bounds = np.cumsum([0, *(len(one.survives) for one in row)]).tolist()
    for low, high in _lost_runs(survives):
        pieces = [
            (one, max(low - begin, 0), min(high, end) - begin)
            for one, begin, end in zip(row, bounds, bounds[1:], strict=False)
            if begin < high and end > low
        ]
        texts = [one.text(first, last) for one, first, last in pieces]
        last = pieces[-1][0].burst.last
        if standing.is_text_moved(texts, standing.end_after(last)):
            continue
        spans = [one.span(first, last) for one, first, last in pieces]
        yield DeadEnd(
            path=row[0].burst.path,
            first=min(first for first, _ in spans),
            last=max(last for _, last in spans),
            tokens=high - low,
            surviving=sum(int(one.survives[first:last].sum()) for one, first, last in pieces),
        )


def _survives(one: Written, standing: Standing) -> NDArray[np.bool_]:
    """Return which tokens survive; all of them where the burst as a whole was moved."""
    lost = len(one.survives) - int(one.survives.sum())
    is_mostly_lost = len(one.survives) - lost < MOST_SURVIVING * len(one.survives)
    end = standing.end_after(one.burst.last)
    if is_mostly_lost and standing.is_moved((one.burst,), end):
        return np.ones(len(one.survives), np.bool_)
    return one.survives


def _lost_runs(survives: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield the longest runs of tokens of which few survive, each from a lost one to a lost one.

    A lost token counts one, a surviving one takes away as many as it outweighs; a run ends before
    its sum would be nothing, and where its sum was highest.
    """
    weight = round(1 / MOST_SURVIVING) - 1
    total = best = 0
    begin = end = -1
    for place, is_there in enumerate([*survives.tolist(), True]):
        total += -weight if is_there else 1
        if not is_there and begin < 0:
            begin, best, total = place, 0, 1
        if total > best:
            best, end = total, place + 1
        if total <= 0 or place == len(survives):
            if begin >= 0 and end - begin >= FEWEST_TOKENS:
                yield begin, end
            begin = end = -1
            total = best = 0
