"""A long sequence in pieces: an edit costs the length of a piece, not of the whole.

Pieces are never changed in place, so copies share them.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from math import isqrt
from typing import Final, Generic, TypeVar

S = TypeVar("S", str, "array[int]")

PIECE: Final = 1 << 12
"""The least number of characters in a piece."""
GROWTH: Final = 8
"""Pieces grow with the root of the whole: finding one and copying one take about as long."""


class Pieces(Generic[S]):
    """A string, or an array of ids, that is cut up when it is first edited."""

    __slots__ = ("_join", "_pieces", "_size", "_starts")
    _join: Callable[[Sequence[S]], S]

    def __init__(self, whole: S, join: Callable[[Sequence[S]], S]) -> None:
        self._join = join
        self._pieces: list[S] = [whole]
        self._starts = [0, len(whole)]
        self._size = PIECE
        """How long pieces are; one of twice the size is still left whole."""

    def __len__(self) -> int:
        return self._starts[-1]

    def copy(self) -> Pieces[S]:
        """Return the same sequence, to be changed on its own; costs no character."""
        other = Pieces(self._pieces[0], self._join)
        other._pieces, other._starts, other._size = self._pieces[:], self._starts, self._size
        return other

    def whole(self) -> S:
        """Return the sequence in one piece, and keep it so until the next edit."""
        if len(self._pieces) > 1:
            self._pieces = [self._join(self._pieces)]
            self._starts = [0, len(self._pieces[0])]
        return self._pieces[0]

    def part(self, low: int, high: int) -> S:
        """Return what a slice of the whole from `low`, not negative, to `high` would be."""
        if len(self._pieces) == 1:
            return self._pieces[0][low : max(low, high)]
        starts = self._starts
        first = min(bisect_right(starts, low), len(self._pieces)) - 1
        last = max(first, min(bisect_left(starts, high), len(self._pieces)) - 1)
        base = starts[first]
        if first == last:
            return self._pieces[first][low - base : max(low, high) - base]
        joined: S = self._join(self._pieces[first : last + 1])
        return joined[low - base : high - base]

    def parts(self, high: int) -> Iterator[S]:
        """Yield what stands before `high`, piece by piece."""
        for start, piece in zip(self._starts, self._pieces, strict=False):
            if start >= high:
                return
            yield piece if start + len(piece) <= high else piece[: high - start]

    def replace(self, start: int, end: int, fresh: S) -> None:
        """Put something else in place of what stands from `start` to `end`, both inside."""
        if len(self._pieces) == 1:
            whole = self._pieces[0]
            self._size = max(PIECE, GROWTH * isqrt(len(whole)))
            self._pieces = self._cut(whole[:start] + fresh + whole[end:])
            self._count()
            return
        starts, pieces = self._starts, self._pieces
        first = min(bisect_right(starts, start), len(pieces)) - 1
        last = max(first, min(bisect_left(starts, end), len(pieces)) - 1)
        before = pieces[first][: start - starts[first]]
        after = pieces[last][end - starts[last] :]
        made = self._cut(before + fresh + after)
        is_needless = not len(made[0]) and last - first + 1 < len(pieces)
        pieces[first : last + 1] = [] if is_needless else made
        self._count()

    def _count(self) -> None:
        if len(self._pieces) == 1:
            self._starts = [0, len(self._pieces[0])]
            return
        self._starts = list(accumulate(map(len, self._pieces), initial=0))

    def _cut(self, whole: S) -> list[S]:
        size = self._size
        if len(whole) <= 2 * size:
            return [whole]
        return [whole[at : at + size] for at in range(0, len(whole), size)]


def join_strings(pieces: Sequence[str]) -> str:
    """Return strings as one."""
    return "".join(pieces)


def join_arrays(pieces: Sequence[array[int]]) -> array[int]:
    """Return arrays as one."""
    joined: array[int] = array("i")
    for piece in pieces:
        joined.frombytes(memoryview(piece).cast("B"))
    return joined
