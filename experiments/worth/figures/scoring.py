"""Bits per character, and how sure their differences are: paired bootstrap of blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BLOCK: Final = 10
"""Successive judged edits of a session that are drawn together."""
WHOLE: Final = 10
"""Sessions from which on whole ones are drawn."""
RESAMPLES: Final = 10_000
SEED: Final = 20


@dataclass(frozen=True, slots=True)
class Answers:
    """What each judged edit cost."""

    sessions: tuple[str, ...]
    """Of each edit; edits of one session stand together, in their order."""
    characters: tuple[int, ...]
    bits: tuple[float, ...]

    def of(self, session: str) -> Answers:
        """Return the answers of one session."""
        return self.at([at for at, name in enumerate(self.sessions) if name == session])

    def at(self, at: Sequence[int]) -> Answers:
        """Return the answers to some of the edits, in their order."""
        return Answers(
            tuple([self.sessions[one] for one in at]),
            tuple([self.characters[one] for one in at]),
            tuple([self.bits[one] for one in at]),
        )

    @property
    def per_character(self) -> float:
        """Bits of all edits together by the characters of all."""
        return sum(self.bits) / sum(self.characters)


@dataclass(frozen=True, slots=True)
class Contrast:
    """One arm less another, in bits per character, with a 95 % interval."""

    difference: float
    low: float
    high: float
    blocks: int

    @property
    def is_below(self) -> bool:
        """Whether the whole interval lies below 0."""
        return self.high < 0

    @property
    def holds_zero(self) -> bool:
        """Whether 0 lies in the interval."""
        return self.low <= 0 <= self.high


def mean(seeds: Sequence[Answers]) -> Answers:
    """Return the mean of what each edit cost over seeds.

    Raises:
        ValueError: they are not answers to the same edits.
    """
    first = seeds[0]
    if any((one.sessions, one.characters) != (first.sessions, first.characters) for one in seeds):
        raise ValueError("answers to different edits have no mean")
    columns = zip(*[one.bits for one in seeds], strict=True)
    bits = tuple([sum(column) / len(seeds) for column in columns])
    return Answers(first.sessions, first.characters, bits)


def contrast(one: Answers, other: Answers) -> Contrast:
    """Return how much less `one` costs than `other`, by the same blocks of both.

    Raises:
        ValueError: they are not about the same edits.
    """
    if one.sessions != other.sessions:
        raise ValueError("only answers to the same edits can be compared")
    owner = _blocks(one.sessions)
    sums = [_sums(each, owner) for each in (one, other)]
    number = len(sums[0])
    drawn = np.random.default_rng(SEED).integers(0, number, (RESAMPLES, number))
    rates = [np.divide(*each[drawn].sum(axis=1).T) for each in sums]
    low, high = np.quantile(rates[0] - rates[1], [0.025, 0.975])
    return Contrast(one.per_character - other.per_character, float(low), float(high), number)


def _blocks(sessions: Sequence[str]) -> NDArray[np.int64]:
    """Return the block of each edit: ten in a row of one session, or the session itself."""
    names = list(dict.fromkeys(sessions))
    if len(names) >= WHOLE:
        return np.array([names.index(name) for name in sessions])
    blocks: list[int] = []
    last, within, block = "", 0, -1
    for name in sessions:
        within = within + 1 if name == last else 0
        block += within % BLOCK == 0
        last = name
        blocks.append(block)
    return np.array(blocks)


def _sums(answers: Answers, owner: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return bits and characters of each block, (blocks, 2)."""
    return np.stack([np.bincount(owner, answers.bits), np.bincount(owner, answers.characters)], 1)
