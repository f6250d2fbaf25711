"""The text of an open file in pieces, so that an edit costs no more in a long file than in a short.

Offsets count code points or units of UTF-16. A recording holds 100,000 edits of one file and more;
a flat string would be copied for each.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Final

_PIECE: Final = 512
_LARGEST: Final = 2 * _PIECE


class BufferText:
    """A text that can be edited and asked for places."""

    def __init__(self, text: str) -> None:
        self._pieces = _split(text)
        self._units = [_units(piece) for piece in self._pieces]
        self._length = len(text)
        self._whole: str | None = text

    def __len__(self) -> int:
        return self._length

    def __str__(self) -> str:
        if self._whole is None:
            self._whole = "".join(self._pieces)
        return self._whole

    @property
    def cost(self) -> int:
        """How many characters and pieces an edit touches at most."""
        return _LARGEST + len(self._pieces)

    def replace(self, start: int, deleted: int, text: str) -> None:
        """Replace a part, which must lie inside, in code points."""
        first, at = self._find(start)
        last, end = self._find(start + deleted)
        kept = (self._pieces[first][:at] if self._pieces else "") + text
        kept += self._pieces[last][end:] if self._pieces else ""
        pieces = [kept] if len(kept) <= _LARGEST else _split(kept)
        self._pieces[first : last + 1] = pieces
        self._units[first : last + 1] = [_units(piece) for piece in pieces]
        self._length += len(text) - deleted
        self._whole = None

    def point(self, unit: int) -> int | None:
        """Return an offset of UTF-16 in code points; None inside a pair or beyond the end."""
        before = 0
        for piece, units in zip(self._pieces, self._units, strict=True):
            if unit <= units:
                if units == len(piece):
                    return before + unit
                head = piece.encode("utf-16-le", "surrogatepass")[: 2 * unit]
                told = head.decode("utf-16-le", "surrogatepass")
                found = len(told) if piece.startswith(told) else _counted(piece, unit)
                return None if found is None else before + found
            unit -= units
            before += len(piece)
        return before if unit == 0 else None

    def touches_half(self, start: int, end: int, text: str) -> bool:
        """Say whether a replacement meets half a surrogate pair, which it may join to another."""
        around = (self._at(start - 1), text[:1], text[-1:], self._at(end))
        return any("\ud800" <= one <= "\udfff" for one in around if one)

    def _at(self, place: int) -> str:
        if not 0 <= place < self._length:
            return ""
        number, at = self._find(place + 1)
        return self._pieces[number][at - 1]

    def _find(self, place: int) -> tuple[int, int]:
        """Return the piece that a place lies in, or at the end of, and the place within it."""
        for number, piece in enumerate(self._pieces):
            if place <= len(piece):
                return number, place
            place -= len(piece)
        return 0, 0


def _counted(piece: str, unit: int) -> int | None:
    """Return a place by counting, where halves of pairs stand side by side without being one."""
    units = [0, *accumulate(2 if one > "\uffff" else 1 for one in piece)]
    return units.index(unit) if unit in units else None


def _split(text: str) -> list[str]:
    return [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]


def _units(text: str) -> int:
    if text.isascii() or max(text) <= "\uffff":
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
