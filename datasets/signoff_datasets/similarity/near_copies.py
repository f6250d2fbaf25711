"""Near-copies: pairs of episodes whose text is nearly the same.

MinHash finds candidates: of each of 126 orders of all shingles an episode keeps the first of its
own, and two episodes agree in one with the probability of their Jaccard index. 42 bands of 3 let a
pair with an index of 0.5 through in 996 of 1,000 cases. What comes through is compared exactly.

Source: Broder, "On the resemblance and containment of documents" (1997).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_datasets.similarity.shingles import mixed, shingles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signoff_datasets.similarity.tokens import Hashes

BANDS: Final = 42
ROWS: Final = 3
THRESHOLD: Final = 0.5
"""Jaccard index from which on two episodes are near-copies."""
FEWEST: Final = 20
"""Shingles: what wrote less has too little text to be a copy of anything."""
_AT_ONCE: Final = 1 << 12
"""Shingles whose numbers are made together; bounds memory to 4 MB."""
_SEEDS: Final[Hashes] = mixed(np.arange(1, BANDS * ROWS + 1, dtype=np.uint64))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sketch:
    """What is kept of one episode's text."""

    sha256: str
    """Of the episode."""
    shingles: Hashes
    """Each once, in order."""
    least: Hashes
    """The first shingle in each of the 126 orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearCopy:
    """Two episodes with nearly the same text."""

    first: str
    second: str
    jaccard: float


def sketch(sha256: str, texts: Iterable[str]) -> Sketch:
    """Return the sketch of an episode, from what was written in it."""
    found = shingles(texts)
    least = np.full(BANDS * ROWS, np.iinfo(np.uint64).max, np.uint64)
    for begin in range(0, len(found), _AT_ONCE):
        numbers = mixed(found[begin : begin + _AT_ONCE, None] ^ _SEEDS[None, :])
        least = np.minimum(least, numbers.min(axis=0))
    return Sketch(sha256=sha256, shingles=found, least=least)


def near_copies(sketches: Sequence[Sketch], *, threshold: float = THRESHOLD) -> list[NearCopy]:
    """Return enough pairs that every two near-copies hang together over them.

    Pairs that hang together already are not compared, so that a thousand copies of one text cost a
    thousand comparisons. Ordered by the digests.
    """
    ordered = sorted(
        (one for one in sketches if len(one.shingles) >= FEWEST), key=lambda one: one.sha256
    )
    pairs = _Pairs(ordered, threshold)
    for members in _candidates(ordered):
        alike: list[list[int]] = []
        for number in members:
            near = [group for group in alike if pairs.is_near(group, number)]
            alike = [group for group in alike if group not in near]
            first = near[0] if near else []
            for other in near[1:]:
                first.extend(other)
            first.append(number)
            alike.append(first)
    return sorted(pairs.found, key=lambda one: (one.first, one.second))


class _Pairs:
    """Compares episodes, by their places; no two that hang together already, and none twice."""

    def __init__(self, ordered: Sequence[Sketch], threshold: float) -> None:
        self._ordered = ordered
        self._threshold = threshold
        self._above = list(range(len(ordered)))
        self._unlike: set[tuple[int, int]] = set()
        self.found: list[NearCopy] = []

    def _root(self, number: int) -> int:
        above = self._above
        while above[number] != number:
            above[number] = number = above[above[number]]
        return number

    def is_near(self, group: Sequence[int], number: int) -> bool:
        """Say whether an episode hangs together with those of a group, which do."""
        if self._root(group[0]) == self._root(number):
            return True
        return any(self._compare(other, number) for other in group)

    def _compare(self, one: int, other: int) -> bool:
        pair = min(one, other), max(one, other)
        if pair in self._unlike:
            return False
        first, second = self._ordered[pair[0]], self._ordered[pair[1]]
        index = jaccard(first.shingles, second.shingles)
        if index < self._threshold:
            self._unlike.add(pair)
            return False
        self._above[self._root(pair[1])] = self._root(pair[0])
        self.found.append(NearCopy(first=first.sha256, second=second.sha256, jaccard=index))
        return True


def jaccard(first: Hashes, second: Hashes) -> float:
    """Return the part that two sets have in common of what they have together."""
    if not len(first) or not len(second):
        return 0.0
    common = len(np.intersect1d(first, second, assume_unique=True))
    return common / (len(first) + len(second) - common)


def _candidates(ordered: Sequence[Sketch]) -> Iterable[list[int]]:
    """Return the episodes that agree in a whole band, by their places."""
    for band in range(BANDS):
        alike: dict[bytes, list[int]] = defaultdict(list)
        for number, one in enumerate(ordered):
            alike[one.least[band * ROWS : (band + 1) * ROWS].tobytes()].append(number)
        yield from (members for members in alike.values() if len(members) > 1)
