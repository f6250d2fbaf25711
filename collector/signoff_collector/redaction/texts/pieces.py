"""Store a long sequence in chunks, so that an edit costs one chunk and not the whole.

Chunks are immutable, so copies share them.
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
"""The minimum size of a chunk, in characters."""
GROWTH: Final = 8
"""The chunk size is this times the square root of the length.

An edit updates the list of chunks and copies one chunk; so both cost about the same.
"""


class Pieces(Generic[S]):
    """A string, or an array of ids, that is split into chunks at its first edit."""

    __slots__ = ("_join", "_pieces", "_size", "_starts")
    _join: Callable[[Sequence[S]], S]

    def __init__(self, whole: S, join: Callable[[Sequence[S]], S]) -> None:
        self._join = join
        self._pieces: list[S] = [whole]
        self._starts = [0, len(whole)]
        self._size = PIECE
        """Target size of a chunk; one of up to twice this size is not split."""

    def __len__(self) -> int:
        return self._starts[-1]

    def copy(self) -> Pieces[S]:
        """Return an independent copy; it shares the chunks and copies no characters."""
        other = Pieces(self._pieces[0], self._join)
        other._pieces, other._starts, other._size = self._pieces[:], self._starts, self._size
        return other

    def whole(self) -> S:
        """Join the sequence, and keep it joined until the next edit."""
        if len(self._pieces) > 1:
            self._pieces = [self._join(self._pieces)]
            self._starts = [0, len(self._pieces[0])]
        return self._pieces[0]

    def part(self, low: int, high: int) -> S:
        """Return the slice `[low:high]`; `low` is not negative."""
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
        """Yield the content before `high`, chunk by chunk."""
        for start, piece in zip(self._starts, self._pieces, strict=False):
            if start >= high:
                return
            yield piece if start + len(piece) <= high else piece[: high - start]

    def replace(self, start: int, end: int, fresh: S) -> None:
        """Replace the slice `[start:end]`; both offsets are within the sequence."""
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
    """Concatenate strings."""
    return "".join(pieces)


def join_arrays(pieces: Sequence[array[int]]) -> array[int]:
    """Concatenate arrays."""
    joined: array[int] = array("i")
    for piece in pieces:
        joined.frombytes(memoryview(piece).cast("B"))
    return joined
