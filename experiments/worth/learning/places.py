"""Where the next edit begins, in buckets of lines, by the distance to the last edits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from math import log2
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from experiments.worth.examples import Edit
    from experiments.worth.learning.prompts import Example

BUCKET: Final = 8
"""Lines."""


@dataclass(frozen=True, slots=True)
class PlaceScore:
    """How well the places of some edits were met."""

    edits: int
    top_1: float
    top_5: float
    bits: float
    """Of one place, on average."""


class Distances:
    """How far, in buckets, edits began from the last, the one before it, and so on.

    The share of a bucket is the mean over the edits of the history that are in the same file, each
    of half the weight of the one after it. Of each, what was never counted shares T / (N + T): N
    are the counted distances that lead into this file, T the different distances of all.
    """

    def __init__(self, examples: Iterable[Example]) -> None:
        self._counts: dict[int, Counter[int]] = {}
        for example in examples:
            at = example.edit.line // BUCKET
            for back, bucket in _trail(example):
                self._counts.setdefault(back, Counter())[at - bucket] += 1

    def shares(self, example: Example) -> list[float]:
        """Return the share of each bucket of the file."""
        size = max(-(-example.edit.lines // BUCKET), example.edit.line // BUCKET + 1)
        even = [1 / size] * size
        trail = [one for one in _trail(example) if one[0] in self._counts]
        if not trail:
            return even
        total = sum(0.5**back for back, _ in trail)
        shares = [0.0] * size
        for back, bucket in trail:
            counts = self._counts[back]
            here = [counts[at - bucket] for at in range(size)]
            below = sum(here) + len(counts)
            for at, seen in enumerate(here):
                shares[at] += 0.5**back / total * (seen + len(counts) * even[at]) / below
        return shares


def score(model: Distances, asked: Sequence[Example]) -> PlaceScore:
    """Ask where each edit begins; of equal shares the bucket nearer to the top counts first."""
    top_1, top_5, bits = 0, 0, 0.0
    for example in asked:
        shares = model.shares(example)
        right = example.edit.line // BUCKET
        first = sorted(range(len(shares)), key=lambda at: -shares[at])[:5]
        top_1 += first[0] == right
        top_5 += right in first
        bits -= log2(shares[right])
    number = len(asked)
    return PlaceScore(number, top_1 / number, top_5 / number, bits / number)


def learned(drawn: Iterable[Example], examples: int) -> Distances:
    """Return the model of so many examples of an arm."""
    return Distances(islice(drawn, examples))


def _trail(example: Example) -> list[tuple[int, int]]:
    """Return how far back each edit of the history in the same file is, and its bucket."""
    edit: Edit = example.edit
    return [
        (back, one.line // BUCKET)
        for back, one in enumerate(reversed(example.history))
        if one.path == edit.path
    ]
