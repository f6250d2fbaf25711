"""Lay out a recorded text as screen rows, linearised lazily: 100 MB open as fast as one line.

A row shows what `linearise` would show of it. Only the offsets at which rows begin are stored: 32
bytes per row besides the text itself. Nothing is linearised before it is displayed.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from typing import Final

from rich.cells import get_character_cell_size

from signoff_collector.text.linear import linearise

_PLAIN_LINE: Final = re.compile(r"[ -~]*\Z")
_BLANK: Final = re.compile(r"(?:[ \t]*\n){3,}")
_PIECE: Final = 2048
"""Most characters of a line that are linearised at once."""
_TAB_STOP: Final = 4
_PLAIN, _SPELLED, _TOLD = range(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One screen row: the text shown, and the characters it stands for."""

    shown: str
    start: int
    """Offset of its first character in the text, in code points."""
    places: tuple[int, ...] | None
    """For each shown character its offset in the text; None where offsets are consecutive."""
    line_start: int
    """Offset of the start of its line."""

    @property
    def is_continued(self) -> bool:
        """Whether it continues the line of the row above."""
        return self.start > self.line_start

    def place(self, column: int) -> int:
        """Return the offset in the text of the character at a column."""
        if self.places is None:
            return self.start + min(column, len(self.shown))
        if not self.places:
            return self.start
        return self.places[min(column, len(self.places) - 1)] + (column >= len(self.places))


class Rows:
    """The rows of one text at one width, computed lazily by `advance`."""

    def __init__(self, text: str, width: int) -> None:
        """Begin at the start of the text.

        Args:
            text: as it was recorded; code points, lone halves of pairs among them.
            width: how many cells a row has, at least 8.
        """
        self.text = text
        self.width = max(8, width)
        self._kinds = bytearray()
        self._starts = array("Q")
        self._ends = array("Q")
        self._lines = array("Q")
        self._next = 0
        self.is_complete = False

    def __len__(self) -> int:
        """Return how many rows are computed."""
        return len(self._kinds)

    def advance(self, rows: int) -> None:
        """Compute about so many rows more; `is_complete` says when there are none left."""
        aim = len(self._kinds) + rows
        while len(self._kinds) < aim and not self.is_complete:
            self._take_line(aim)

    def row(self, number: int) -> Row:
        """Return one of the computed rows."""
        start, end = self._starts[number], self._ends[number]
        line_start = self._lines[number]
        kind = self._kinds[number]
        if kind == _PLAIN:
            shown = self.text[start:end]
            return Row(shown=shown, start=start, places=None, line_start=line_start)
        if kind == _TOLD:
            said = f"… {self.text.count(chr(10), start, end)} empty lines …"
            places = (start,) * len(said)
            return Row(shown=said, start=start, places=places, line_start=line_start)
        shown, places = _spelled(self.text, start, end)
        return Row(shown=shown, start=start, places=places, line_start=line_start)

    def row_of(self, offset: int) -> int:
        """Return the computed row that shows the character at an offset."""
        low, high = 0, len(self._starts)
        while low < high:
            middle = (low + high) // 2
            if self._starts[middle] <= offset:
                low = middle + 1
            else:
                high = middle
        return max(0, low - 1)

    def _take_line(self, aim: int) -> None:
        """Compute the rows of the rest of one line, or of a run of empty ones."""
        text, start = self.text, self._next
        is_line_start = start == 0 or text[start - 1] == "\n"
        blank = _BLANK.match(text, start) if is_line_start else None
        if blank is not None:
            self._add(_TOLD, start, blank.end(), start)
            self._next = blank.end()
            return
        line_start = start if is_line_start else self._lines[-1]
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        place = min(end, start + _PIECE)
        self._take_piece(line_start, start, place)
        while place < end and len(self._kinds) < aim:
            piece_end = min(end, place + _PIECE)
            self._take_piece(line_start, place, piece_end)
            place = piece_end
        self.is_complete = place == len(text)
        self._next = place if place < end else end + 1

    def _take_piece(self, line_start: int, start: int, end: int) -> None:
        """Compute the rows of a part of one line."""
        width = self.width
        if _PLAIN_LINE.match(self.text, start, end):
            for place in range(start, max(end, start + 1), width):
                self._add(_PLAIN, place, min(end, place + width), line_start)
            return
        cells, row_start = 0, start
        for place in range(start, end):
            size = _cells(_shown(self.text[place], cells))
            if cells + size > width and place > row_start:
                self._add(_SPELLED, row_start, place, line_start)
                cells, row_start = 0, place
                size = _cells(_shown(self.text[place], 0))
            cells += size
        self._add(_SPELLED, row_start, end, line_start)

    def _add(self, kind: int, start: int, end: int, line_start: int) -> None:
        self._kinds.append(kind)
        self._starts.append(start)
        self._ends.append(end)
        self._lines.append(line_start)


def _spelled(text: str, start: int, end: int) -> tuple[str, tuple[int, ...]]:
    shown: list[str] = []
    places: list[int] = []
    cells = 0
    for place in range(start, end):
        said = _shown(text[place], cells)
        shown.append(said)
        places += [place] * len(said)
        cells += _cells(said)
    return "".join(shown), tuple(places)


def _shown(char: str, cells: int) -> str:
    """Return how one character is shown that begins at a cell, which matters for tabs."""
    if char == "\t":
        return " " * (_TAB_STOP - cells % _TAB_STOP)
    return linearise(char)


def _cells(shown: str) -> int:
    return sum(get_character_cell_size(char) for char in shown)
