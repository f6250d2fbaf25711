"""Remember what a search found in a text, so that the same text is searched once.

A minified file is a few lines of many kilobytes, and nearly every one holds a hit. Without a
memory each of them is searched again for the buffer, for the disk, at each save and at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Final, Generic, TypeVar

T = TypeVar("T")

MOST: Final = 200_000
"""How much is remembered: results, and one for each text. Some 200 B each."""
_LONG: Final = 1_000
"""A shorter text in which nothing was found is not remembered: there are too many of them."""


class Remembered(Generic[T]):
    """A search with a memory; the result is always that of a fresh search.

    Texts are known by their digest, so no text is kept.

    Args:
        search: depends on the text alone, or `forget` is called when anything else changes.
        most: what was found longest ago is forgotten beyond this many results and texts.
    """

    def __init__(self, search: Callable[[str], Iterable[T]], most: int = MOST) -> None:
        self._search = search
        self._most = most
        self._known: dict[bytes, tuple[T, ...]] = {}
        self.size = 0
        """How many results and texts are remembered."""

    def find(self, text: str) -> tuple[T, ...]:
        """Return what the search finds in a text."""
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        known = self._known.get(digest)
        if known is not None:
            return known
        found = tuple(self._search(text))
        if found or len(text) >= _LONG:
            self._known[digest] = found
            self.size += 1 + len(found)
            while self.size > self._most:
                oldest = next(iter(self._known))
                self.size -= 1 + len(self._known.pop(oldest))
        return found

    def forget(self) -> None:
        """Forget all results."""
        self._known.clear()
        self.size = 0
