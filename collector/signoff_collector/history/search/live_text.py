"""A text that changes edit by edit, and the lines around a place in it; both cheap when long."""

from __future__ import annotations

from typing import Final

from signoff_collector.redaction.texts.pieces import Pieces, join_strings

WINDOW: Final = 2_000
"""Characters looked at on either side of a place, at most."""


class LiveText:
    """One text; an edit costs the length of a piece of it."""

    def __init__(self, initial: str) -> None:
        self._pieces: Pieces[str] = Pieces(initial, join_strings)

    def __len__(self) -> int:
        return len(self._pieces)

    def apply(self, start: int, deleted: int, put: str) -> None:
        """Put something in place of `deleted` characters at `start`; both inside the text."""
        self._pieces.replace(start, start + deleted, put)

    def whole(self) -> str:
        """Return all of it."""
        return self._pieces.whole()

    def lines_before(self, place: int) -> int:
        """Return how many line ends stand before a place."""
        return sum(piece.count("\n") for piece in self._pieces.parts(place))

    def bounds(self, low: int, high: int) -> tuple[int, int]:
        """Return where the lines that hold a stretch begin and end, `WINDOW` away at most."""
        left = max(0, low - WINDOW)
        before = self._pieces.part(left, low)
        cut = before.rfind("\n")
        first = low - len(before) + cut + 1 if cut >= 0 else left
        after = self._pieces.part(high, min(len(self), high + WINDOW))
        end = after.find("\n")
        return first, high + (len(after) if end < 0 else end)

    def part(self, low: int, high: int) -> str:
        """Return a stretch."""
        return self._pieces.part(low, high)
