"""Results of a search over the whole episode, and navigation between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.replay.drawing.painting import Highlight
from signoff_collector.replay.seeking import Found, seek

if TYPE_CHECKING:
    from signoff_collector.replay.reel import Reel
    from signoff_collector.replay.scenes import Scene


class Hits:
    """Places where words were inserted or said, in order; empty before a search."""

    def __init__(self, reel: Reel | None = None, words: str = "") -> None:
        self.words = words
        self._found: list[Found] = [] if reel is None else seek(reel, words)

    @property
    def count(self) -> int:
        """Number of hits."""
        return len(self._found)

    def nearest(self, place: int) -> int:
        """Return the index of the first hit at or after a place, wrapping around."""
        return next((number for number, one in enumerate(self._found) if one.place >= place), 0)

    def next(self, place: int) -> int:
        """Return the index of the first hit after a place, wrapping around."""
        return self.nearest(place + 1)

    def previous(self, place: int) -> int:
        """Return the index of the last hit before a place, wrapping around."""
        before = [number for number, one in enumerate(self._found) if one.place < place]
        return before[-1] if before else self.count - 1

    def at(self, number: int) -> Found:
        """Return one hit."""
        return self._found[number]

    def remark(self, number: int) -> str:
        """Return the status message for a hit."""
        return f"{self.words!r} {number + 1} of {self.count} (> < go on)"

    def mark_in(self, scene: Scene) -> Highlight | None:
        """Return the range of the words in the text of a scene, or None."""
        for one in self._found:
            if one.place == scene.place and one.path == scene.path and one.path is not None:
                return Highlight(start=one.offset, end=one.offset + len(self.words), look="hit")
        return None
