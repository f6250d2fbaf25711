"""Escape one line of recorded text for the terminal, with a map of columns.

Escapes what `review.linear` escapes, so that recorded text cannot hide, move or colour anything
(threat 31). Lines stay separate, so that positions can be mapped.
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
"""Combining marks drawn per letter; a stack of them would cover the lines above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """An escaped line."""

    text: str
    places: Sequence[int] | None = None
    """For each recorded character, and the end: its offset in `text`; None: identical."""

    def place(self, column: int) -> int:
        """Map a recorded column to its displayed column, clamped to the end."""
        if self.places is None:
            return min(column, len(self.text))
        return self.places[min(column, len(self.places) - 1)]


def shown_line(raw: str) -> ShownLine:
    """Escape one recorded line, or a part of one, without its line break."""
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
    """Escape recorded text into one line; line breaks become signs."""
    return shown_line(text.replace("\n", "␊")).text


def spelled(char: str) -> str:
    """Return a character as its code point number."""
    return f"<U+{ord(char):04X}>"


@lru_cache(4096)
def _mark(char: str) -> str:
    if unicodedata.category(char) == "Cn":  # terminals differ in the width of this character
        return spelled(char)
    return linearise(char)


@lru_cache(4096)
def _combines(char: str) -> bool:
    return not char.isascii() and unicodedata.category(char) in {"Mn", "Me"} and _mark(char) == char
