"""Tokenizer of the index, and the word conditions that a search term implies.

A word is a maximal run of letters and digits, in lower case. Where a search term occurs, its inner
words occur whole; its first may be the suffix of a longer word, its last a prefix, and a single one
may be inside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD: Final = re.compile(r"[^\W_]+")
MAX_WORD: Final = 64
"""Longer words are truncated to this length."""


def words_of(text: str) -> set[str]:
    """Return the set of words of a text."""
    return {word[:MAX_WORD] for word in _WORD.findall(text.lower())}


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A condition on the index: one word of the search term."""

    word: str
    is_open_left: bool
    """Whether the indexed word may continue to the left."""
    is_open_right: bool

    def fits(self, known: str) -> bool:
        """Return whether an indexed word satisfies the condition."""
        if self.is_open_left and self.is_open_right:
            return self.word in known or len(known) == MAX_WORD
        if self.is_open_left:
            return known.endswith(self.word) or len(known) == MAX_WORD
        return known.startswith(self.word) if self.is_open_right else known == self.word


def demands_of(text: str) -> tuple[Demand, ...]:
    """Return the conditions for an occurrence of `text`; empty for text without words."""
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
    """Join words into the text that is given to the full-text table."""
    return " ".join(sorted(words))
