"""Contamination: how much of a public benchmark's problems occurs in an episode.

A model that was trained on a benchmark's problems says nothing by solving them. Of each problem
fingerprints are shipped, not text: numbers of runs of tokens, of which every fourth or so is kept
(winnowing), so that of any copied run of 16 tokens at least one number is found again.

Source: Schleimer, Wilkerson, Aiken, "Winnowing" (2003).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np

from signoff_datasets.similarity.shingles import runs
from signoff_datasets.similarity.tokens import blind, hashed, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from signoff_datasets.similarity.tokens import Hashes

Part = Literal["statement", "solution", "tests", "form"]
"""Of a problem. `form` is its solution with all names and numbers alike."""
PARTS: Final[tuple[Part, ...]] = get_args(Part)
TOKENS: Final = 13
FORM_TOKENS: Final = 18
"""Without names a run has to be longer to tell anything."""
WINDOW: Final = 4
BITS: Final = 48
"""Of each number. Among 20,000 of them a foreign one is found once in 10 billion."""
LEAST: Final[Mapping[Part, tuple[int, float]]] = {
    "statement": (3, 0.2),
    "solution": (2, 0.5),
    "tests": (2, 0.5),
    "form": (5, 0.8),
}
"""Numbers, and share of all numbers of a part, from which on it occurs (measured in
benchmarks/contamination.py)."""
_MASK: Final = np.uint64((1 << BITS) - 1)
_GITHUB: Final = re.compile(
    r"(?:https?://|git://|ssh://git@|git@)(?:www\.)?github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprints:
    """Those of one benchmark."""

    benchmark: str
    version: str
    source: str
    """The package that they were made from."""
    problems: tuple[str, ...]
    sizes: Mapping[tuple[int, Part], int]
    """Numbers of a part of a problem, by its place."""
    numbers: Mapping[int, tuple[int, Part]]
    """Number to problem and part. What stands in several problems is in none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """A part of a problem that occurs in a text."""

    benchmark: str
    problem: str
    part: Part
    share: float


def overlaps(texts: Iterable[str], fingerprints: Fingerprints) -> tuple[Overlap, ...]:
    """Return the parts of problems that occur in some texts, those of most share first."""
    found: set[int] = set()
    for text in texts:
        for numbers in (literal_runs(text), form_runs(text)):
            found.update(fingerprints.numbers.keys() & set(numbers.tolist()))
    counts = Counter(fingerprints.numbers[number] for number in found)
    said: list[Overlap] = []
    for (problem, part), count in counts.items():
        share = count / fingerprints.sizes[problem, part]
        fewest, least = LEAST[part]
        if count >= fewest and share >= least:
            said.append(
                Overlap(
                    benchmark=fingerprints.benchmark,
                    problem=fingerprints.problems[problem],
                    part=part,
                    share=share,
                )
            )
    return tuple(sorted(said, key=lambda one: (-one.share, one.problem, one.part)))


def literal_runs(text: str) -> Hashes:
    """Return a number for each run of 13 tokens."""
    return runs(hashed(tokens(text)), TOKENS) & _MASK


def form_runs(text: str) -> Hashes:
    """Return a number for each run of 18 tokens, names and numbers alike."""
    return runs(hashed([blind(token) for token in tokens(text)]), FORM_TOKENS) & _MASK


def winnowed(numbers: Hashes) -> Hashes:
    """Return the least number of every window, each once, in order."""
    if len(numbers) <= WINDOW:
        return np.unique(numbers)[:1]
    windows = np.lib.stride_tricks.sliding_window_view(numbers, WINDOW)
    return np.unique(windows.min(axis=1))


def listed_repository(url: str | None, repositories: frozenset[str]) -> bool:
    """Say whether the address of a repository is one of a list of `owner/name` in lower case."""
    match = _GITHUB.fullmatch(url or "")
    return match is not None and match[1].lower() in repositories
