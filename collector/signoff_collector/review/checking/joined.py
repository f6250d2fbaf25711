"""Search many texts for many values in one pass, with a rolling hash over n-grams."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

import numpy as np

if TYPE_CHECKING:
    import re
    from collections.abc import Container, Iterable, Iterator

    from numpy.typing import NDArray

GRAM: Final = 6
"""Length of the n-grams; shorter values are not searched."""
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
_END: Final = "\0"
"""Separator between two texts."""
Record = TypeVar("Record")


class Found(NamedTuple, Generic[Record]):
    """A match of a value or of a part of it."""

    value: str
    record: Record
    """The record that the text was added with."""
    start: int
    """In code points of the text."""
    end: int
    at: int
    """Offset in the concatenation of all texts."""
    text: str
    """The matched text."""


class Joined(Generic[Record]):
    """A collection of texts, each with its record."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._records: list[Record] = []
        self._starts: list[int] = []
        self._length = 0
        self._whole: str | None = None
        self._hashes: NDArray[np.uint64] | None = None

    def add(self, record: Record, text: str) -> None:
        """Add a text, before the first search."""
        self._records.append(record)
        self._starts.append(self._length)
        self._parts += [text, _END]
        self._length += len(text) + 1

    def __len__(self) -> int:
        return self._length

    def find(self, values: Iterable[str]) -> Iterator[Found[Record]]:
        """Yield every place of values of at least `GRAM` characters."""
        by_start: dict[int, list[str]] = {}
        for value in values:
            if len(value) >= GRAM:
                by_start.setdefault(_hash_of(value), []).append(value)
        whole = self._text()
        for at, number in self._places(by_start):
            for value in by_start[number]:
                if whole.startswith(value, at):
                    yield self._found(value, at, at + len(value))

    def find_pieces(
        self, values: Iterable[str], common: Container[str] = ()
    ) -> Iterator[Found[Record]]:
        """Yield every maximal run of matching n-grams of some value.

        Args:
            values: what is looked for.
            common: n-grams in lower case that are too frequent to identify a value.
        """
        owner: dict[int, str] = {}
        for value in values:
            grams = {value[place : place + GRAM] for place in range(len(value) - GRAM + 1)}
            for gram in sorted(grams):
                if gram.lower() not in common:
                    owner.setdefault(_hash_of(gram), value)
        first, end, value = -1, -1, ""
        for at, number in self._places(owner):
            if at > end:
                if first >= 0:
                    yield self._found(value, first, end)
                first, value = at, owner[number]
            end = at + GRAM
        if first >= 0:
            yield self._found(value, first, end)

    def matches(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Yield the matches of a pattern that matches no end of a text, by their `at`."""
        return pattern.finditer(self._text())

    def _found(self, value: str, start: int, end: int) -> Found[Record]:
        number = bisect_right(self._starts, start) - 1
        low = self._starts[number]
        here = self._text()[start:end]
        return Found(value, self._records[number], start - low, end - low, start, here)

    def _text(self) -> str:
        if self._whole is None:
            self._whole = "".join(self._parts)
            self._parts = []
        return self._whole

    def _places(self, wanted: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Yield offset and hash of each n-gram whose hash is wanted, in order."""
        if self._hashes is None:
            self._hashes = _rolling(self._text())
        sought = np.array(sorted(wanted), np.uint64)
        if not len(sought) or not len(self._hashes):
            return
        nearest = np.searchsorted(sought, self._hashes).clip(max=len(sought) - 1)
        places = np.flatnonzero(sought[nearest] == self._hashes)
        yield from zip(places.tolist(), self._hashes[places].tolist(), strict=True)


def grams_of(words: Iterable[str]) -> frozenset[str]:
    """Return every n-gram of some words."""
    return frozenset(
        word[place : place + GRAM] for word in words for place in range(len(word) - GRAM + 1)
    )


def _hash_of(text: str) -> int:
    return int(_rolling(text[:GRAM])[0])


def _rolling(text: str) -> NDArray[np.uint64]:
    """Return one hash per n-gram of a text."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    count = max(0, len(codes) - GRAM + 1)
    found = np.zeros(count, np.uint64)
    for place in range(GRAM):
        found = found * _FACTOR + codes[place : place + count]
    return found
