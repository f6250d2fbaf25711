"""Cells of a drawn text: which characters share a cell, how many cells they take, what is ours.

One rule of width with the player (`replay/drawing/shown_text`): what would hide, move or colour
anything is spelled out (`<U+200B>`), and what is spelled out is marked as ours. Text is never
reordered: the cells of right-to-left letters stand in the order in which they were written.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.cells import get_character_cell_size

from signoff_collector.replay.drawing.shown_text import TAB_CELLS, shown_line, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator

MORE: Final = "…"
"""Stands for what does not fit."""


class Look(NamedTuple):
    """How cells look, by names of a theme's colours (`themes.py`)."""

    ink: str = "text"
    ground: str = "editor"
    is_bold: bool = False
    under: str = ""
    """Colour of a wave below; empty for none."""


class Piece(NamedTuple):
    """Neighbouring cells of one row with one look."""

    column: int
    """Of its first cell."""
    text: str
    cells: int
    look: Look
    is_own: bool = False
    """Whether the words are ours: a label, a number, a character spelled out."""


class Glyph(NamedTuple):
    """One recorded character of a line, as it is drawn."""

    text: str
    cells: int
    is_own: bool


def glyphs(raw: str, *, column: int = 0) -> list[Glyph]:
    """Return how each character of a line, or of a part of one, is drawn.

    Args:
        raw: recorded characters; a line break among them is spelled out.
        column: cells to the left of it in its line, which matter for tabs.
    """
    if raw.isascii() and raw.isprintable():
        return [Glyph(char, 1, is_own=False) for char in raw]
    shown = shown_line(raw)
    places = shown.places or range(len(raw) + 1)
    found: list[Glyph] = []
    at = column
    for number, char in enumerate(raw):
        put = shown.text[places[number] : places[number + 1]]
        if char == "\t":
            put = " " * (TAB_CELLS - at % TAB_CELLS)
        elif char < " ":  # few fonts have the signs that the player shows for these
            put = spelled(char)
        size = width(put)
        if not size and (not found or found[-1].is_own):  # no letter to stand over
            put = spelled(char)
            size = len(put)
        found.append(Glyph(put, size, is_own=put != char))
        at += size
    return found


def width(text: str) -> int:
    """Return how many cells a spelled text takes."""
    return len(text) if text.isascii() else sum(size for _, size in clusters(text))


def clusters(text: str) -> Iterator[tuple[str, int]]:
    """Yield the characters that share a cell, or a pair of cells, with the number of cells.

    Marks that take no cell belong to the letter before them; the first of a text may have none.
    """
    held, size = "", 0
    for char in text:
        own = _size(char)
        if held and own:
            yield held, size
            held, size = "", 0
        held += char
        size += own
    if held:
        yield held, size


def put(
    raw: str, column: int, room: int, look: Look, *, is_own: bool = False
) -> tuple[list[Piece], int]:
    """Return a text in one row from a column on, and the column behind it; what is long is cut.

    Args:
        raw: recorded text, or words of ours.
        column: where it begins.
        room: how many cells it may take; what is longer ends with `MORE`.
        look: of all of it.
        is_own: the words are ours.
    """
    if room <= 0:
        return [], column
    pieces, end = _put(raw[: 2 * room + 2], room, look, is_own)
    return [one._replace(column=column + one.column) for one in pieces], column + end


@lru_cache(16384)
def _put(raw: str, room: int, look: Look, is_own: bool) -> tuple[tuple[Piece, ...], int]:  # cached
    if is_own and raw.isascii():
        cut = raw if len(raw) <= room else raw[: room - 1] + MORE
        return (Piece(0, cut, len(cut), look, is_own=True),), len(cut)
    line = glyphs(raw)
    is_cut = sum(one.cells for one in line) > room or len(raw) > 2 * room + 1
    spare = room - 1 if is_cut else room
    found, at = joined(line, [look] * len(line), 0, spare)
    if is_own:
        found = [one._replace(is_own=True) for one in found]
    if is_cut:
        found.append(Piece(at, MORE, 1, look, is_own=True))
        at += 1
    return tuple(found), at


def joined(line: list[Glyph], looks: list[Look], column: int, room: int) -> tuple[list[Piece], int]:
    """Join glyphs of one look into pieces, as far as they fit; return the column behind them."""
    found: list[Piece] = []
    at, end, first = column, column + room, 0
    while first < len(line):
        text, begin = "", at
        look, is_own, last = looks[first], line[first].is_own, first
        while last < len(line):
            one = line[last]
            if one.cells and looks[last] != look:  # a mark looks as its letter
                break
            if one.is_own is not is_own or at + one.cells > end:
                break
            text += one.text
            at += one.cells
            last += 1
        if text:
            found.append(Piece(begin, text, at - begin, look, is_own=is_own))
        if last == first or (last < len(line) and at + line[last].cells > end):
            break
        first = last
    return found, at


@lru_cache(8192)
def _size(char: str) -> int:
    return 1 if char.isascii() else get_character_cell_size(char)
