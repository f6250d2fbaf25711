"""One line of recorded text as a terminal may get it, and where each character went.

What `review.linear` spells out is spelled out here too, so that nothing hides, moves or
colours anything (threat 31). Lines stay lines: what is shown can be pointed at.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from signoff_collector.text.linear import linearise

if TYPE_CHECKING:
    from collections.abc import Sequence

TAB_CELLS: Final = 4
MOST_COMBINING: Final = 2
"""Marks over one letter that are drawn; a tower of them would cover the lines above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """A harmless line."""

    text: str
    places: Sequence[int] | None = None
    """For each recorded character, and the end, where it begins in `text`; None: the same."""

    def place(self, column: int) -> int:
        """Return where a recorded column is shown; beyond the end is the end."""
        if self.places is None:
            return min(column, len(self.text))
        return self.places[min(column, len(self.places) - 1)]


def shown_line(raw: str) -> ShownLine:
    """Return one recorded line, or a piece of one, without its line break."""
    if raw.isascii() and raw.isprintable():
        return ShownLine(text=raw)
    parts: list[str] = []
    places: list[int] = []
    at = cells = stacked = 0
    for char in raw:
        if char == "\t":
            put = " " * (TAB_CELLS - cells % TAB_CELLS)
        elif _combines(char):
            stacked += 1
            put = char if cells and stacked <= MOST_COMBINING else spelled(char)
        else:
            stacked = 0
            put = char if " " <= char <= "~" else _mark(char)
        places.append(at)
        parts.append(put)
        at += len(put)
        cells += len(put) if put.isascii() else cell_len(put)
    places.append(at)
    return ShownLine(text="".join(parts), places=places)


def shown_words(text: str) -> str:
    """Return any recorded text as one harmless line; line breaks are marks."""
    return shown_line(text.replace("\n", "␊")).text


def spelled(char: str) -> str:
    """Return a character as its number."""
    return f"<U+{ord(char):04X}>"


@lru_cache(4096)
def _mark(char: str) -> str:
    if unicodedata.category(char) == "Cn":  # nobody knows how wide a terminal draws it
        return spelled(char)
    return linearise(char)


@lru_cache(4096)
def _combines(char: str) -> bool:
    return not char.isascii() and unicodedata.category(char) in {"Mn", "Me"} and _mark(char) == char
