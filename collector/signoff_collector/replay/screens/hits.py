"""What a search through everything found, and which of it comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.replay.drawing.painting import Highlight
from signoff_collector.replay.seeking import Found, seek

if TYPE_CHECKING:
    from signoff_collector.replay.reel import Reel
    from signoff_collector.replay.scenes import Scene


class Hits:
    """The places where some words came to stand, in order; none before anything is searched."""

    def __init__(self, reel: Reel | None = None, words: str = "") -> None:
        self.words = words
        self._found: list[Found] = [] if reel is None else seek(reel, words)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._found)

    def nearest(self, place: int) -> int:
        """Return the number of the first at or after a place, else of the first of all."""
        return next((number for number, one in enumerate(self._found) if one.place >= place), 0)

    def next(self, place: int) -> int:
        """Return the number of the first after a place, else of the first of all."""
        return self.nearest(place + 1)

    def previous(self, place: int) -> int:
        """Return the number of the last before a place, else of the last of all."""
        before = [number for number, one in enumerate(self._found) if one.place < place]
        return before[-1] if before else self.count - 1

    def at(self, number: int) -> Found:
        """Return one of them."""
        return self._found[number]

    def remark(self, number: int) -> str:
        """Return what is said where one of them is shown."""
        return f"{self.words!r} {number + 1} of {self.count} (> < go on)"

    def mark_in(self, scene: Scene) -> Highlight | None:
        """Return the words in the text of a scene, None where they do not come there."""
        for one in self._found:
            if one.place == scene.place and one.path == scene.path and one.path is not None:
                return Highlight(start=one.offset, end=one.offset + len(self.words), look="hit")
        return None
