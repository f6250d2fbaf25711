"""Figures of a card: how many people and episodes there are, told so that nobody is measured.

There are three and no more: contributors, episodes, and contributors by language. Each counts at
least ten people, and is rounded down to one digit and zeros, so that one person who comes or goes
seldom changes it. If one language alone were not told, the smallest that is told is not told
either. A version that replaces another has no figures of its own: who compares two versions would
learn of those who left.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from signoff_schemas.dataset import DEFAULT_K, MOST_SHARE

_LANGUAGE: Final = re.compile(r"[a-z][a-z0-9+#._-]{0,29}")
"""As editors name them; another text is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What is counted of one episode."""

    contributor: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All that a card tells of how much there is; None is not told."""

    contributors: int | None = None
    episodes: int | None = None
    languages: Mapping[str, int] = field(default_factory=dict[str, int])
    """Language to contributors, by name."""


NONE: Final = Figures()


def figures_of(contributions: Iterable[Contribution], *, k: int, version: int = 1) -> Figures:
    """Return the figures of a data set.

    Args:
        contributions: one for each episode.
        k: of the data set; a figure counts at least this many people, and at least ten.
        version: of the data set.
    """
    if version > 1:
        return NONE
    episodes = Counter[str]()
    speakers: dict[str, set[str]] = defaultdict(set)
    for one in contributions:
        episodes[one.contributor] += 1
        for language in one.languages:
            if _LANGUAGE.fullmatch(language):
                speakers[language].add(one.contributor)
    total = episodes.total()
    is_even = max(episodes.values(), default=0) <= MOST_SHARE * total
    return Figures(
        contributors=told(len(episodes), len(episodes), k=k),
        episodes=told(total, len(episodes), k=k) if is_even else None,
        languages=told_cells({name: len(who) for name, who in speakers.items()}, k=k),
    )


def told(count: int, people: int, *, k: int) -> int | None:
    """Return a count as it may be told: a digit and zeros, or None for too few people."""
    if people < max(k, DEFAULT_K) or count < DEFAULT_K:
        return None
    step: int = 10 ** (len(str(count)) - 1)
    return count // step * step


def told_cells(cells: Mapping[str, int], *, k: int) -> dict[str, int]:
    """Return the cells of a table of people that may be told, by name."""
    shown: dict[str, int] = {}
    for name in sorted(cells):
        count = told(cells[name], cells[name], k=k)
        if count is not None:
            shown[name] = count
    if len(cells) - len(shown) == 1 and shown:
        # From the total and the others one could tell the one that is hidden.
        del shown[min(shown, key=lambda name: (cells[name], name))]
    return shown
