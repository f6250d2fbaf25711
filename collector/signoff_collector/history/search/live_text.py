"""A mutable text with fast edits and fast access to the lines around an offset."""

from __future__ import annotations

from typing import Final

from signoff_collector.redaction.texts.pieces import Pieces, join_strings

WINDOW: Final = 2_000
"""Characters examined on either side of an offset, at most."""


class LiveText:
    """One text, stored in chunks; an edit costs the length of a chunk."""

    def __init__(self, initial: str) -> None:
        self._pieces: Pieces[str] = Pieces(initial, join_strings)

    def __len__(self) -> int:
        return len(self._pieces)

    def apply(self, start: int, deleted: int, put: str) -> None:
        """Replace `deleted` characters at `start`; both must lie inside the text."""
        self._pieces.replace(start, start + deleted, put)

    def whole(self) -> str:
        """Return all of it."""
        return self._pieces.whole()

    def lines_before(self, place: int) -> int:
        """Return the number of line breaks before an offset."""
        return sum(piece.count("\n") for piece in self._pieces.parts(place))

    def bounds(self, low: int, high: int) -> tuple[int, int]:
        """Return begin and end of the lines that contain a range, at most `WINDOW` away."""
        left = max(0, low - WINDOW)
        before = self._pieces.part(left, low)
        cut = before.rfind("\n")
        first = low - len(before) + cut + 1 if cut >= 0 else left
        after = self._pieces.part(high, min(len(self), high + WINDOW))
        end = after.find("\n")
        return first, high + (len(after) if end < 0 else end)

    def part(self, low: int, high: int) -> str:
        """Return a slice."""
        return self._pieces.part(low, high)
