"""Words as the index keeps them, and what a searched text demands of them.

A word is a maximal run of letters and digits, in lower case. A searched text that stands
somewhere has its inner words there whole; its first may be the end of a longer word, its
last the beginning of one, and a single one may be inside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD: Final = re.compile(r"[^\W_]+")
MAX_WORD: Final = 64
"""Longer runs are kept by their first so many characters."""


def words_of(text: str) -> set[str]:
    """Return the words of a text."""
    return {word[:MAX_WORD] for word in _WORD.findall(text.lower())}


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One word of the searched text."""

    word: str
    is_open_left: bool
    """More letters may stand before it."""
    is_open_right: bool

    def fits(self, known: str) -> bool:
        """Say whether a word of the index can hold it."""
        if self.is_open_left and self.is_open_right:
            return self.word in known or len(known) == MAX_WORD
        if self.is_open_left:
            return known.endswith(self.word) or len(known) == MAX_WORD
        return known.startswith(self.word) if self.is_open_right else known == self.word


def demands_of(text: str) -> tuple[Demand, ...]:
    """Return what a place that holds `text` must have; nothing for text without words."""
    lowered = text.lower()
    found: list[Demand] = []
    for match in _WORD.finditer(lowered):
        word = match[0]
        is_cut = len(word) > MAX_WORD
        found.append(
            Demand(
                word=word[:MAX_WORD],
                is_open_left=match.start() == 0,
                is_open_right=match.end() == len(lowered) or is_cut,
            )
        )
    return tuple(found)


def joined(words: Iterable[str]) -> str:
    """Return words as the text that the full-text table is given."""
    return " ".join(sorted(words))
