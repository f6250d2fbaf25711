"""Coalesces runs of contiguous edits into one replacement each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Column = NDArray[np.int64]

_APART, _TYPING, _CUTTING, _ERASING = 0, 1, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replacements:
    """The replacements of one text as parallel arrays, one entry per run of edits.

    `first` and `text_start` have one more entry, the end of the last run.
    """

    first: Column
    """Number of the first edit, from 0; one more entry."""
    start: Column
    stop: Column
    text_start: Column
    """Offset of the inserted characters in all inserted text; one more entry."""
    is_backward: NDArray[np.bool_]
    """Whether characters were deleted from right to left (Backspace)."""

    def __iter__(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield start and stop of the deleted range, and of the inserted text."""
        bounds = self.text_start.tolist()
        return zip(self.start.tolist(), self.stop.tolist(), bounds[:-1], bounds[1:], strict=True)

    def without_corrections(self, width: int) -> Iterator[tuple[int, int, int, int]]:
        """Yield the same without text that the next replacement erases at once.

        Offsets are in bytes of characters that are `width` bytes wide. The final text is the
        same, after a third fewer replacements.
        """
        low, high = self.text_start[:-1].copy(), self.text_start[1:].copy()
        stop = self.stop.copy()
        put_at = np.flatnonzero(self.start == self.stop)
        put_at = put_at[put_at < len(stop) - 1]
        after = put_at + 1
        ends = self.start[put_at] + high[put_at] - low[put_at]
        erases = (stop[after] == ends) & (high[after] == low[after])
        put_at, after = put_at[erases], after[erases]
        lost = np.minimum(high[put_at] - low[put_at], stop[after] - self.start[after])
        high[put_at] -= lost
        stop[after] -= lost
        kept = np.flatnonzero((high > low) | (stop > self.start))
        return zip(
            (self.start[kept] * width).tolist(),
            (stop[kept] * width).tolist(),
            (low[kept] * width).tolist(),
            (high[kept] * width).tolist(),
            strict=True,
        )


def find_replacements(start: Column, deleted: Column, inserted: Column) -> Replacements:
    """Return the replacements that the edits of one text make."""
    count = len(start)
    if not count:
        empty, zero = np.zeros(0, np.int64), np.zeros(1, np.int64)
        return Replacements(
            first=zero, start=empty, stop=empty, text_start=zero, is_backward=np.zeros(0, bool)
        )
    link = _links(start, deleted, inserted)
    breaks = link == _APART
    breaks[1:] |= (link[:-1] != _APART) & (link[1:] != link[:-1])
    firsts = np.flatnonzero(breaks)
    ends = np.append(firsts[1:], count)
    kind = np.where(ends - firsts > 1, link[np.minimum(firsts + 1, count - 1)], _APART)
    low = np.where(kind == _ERASING, start[ends - 1], start[firsts])
    bounds = np.append(np.cumsum(inserted) - inserted, int(inserted.sum()))
    return Replacements(
        first=np.append(firsts, count),
        start=low,
        stop=low + np.add.reduceat(deleted, firsts),
        text_start=bounds[np.append(firsts, count)],
        is_backward=kind == _ERASING,
    )


def _links(start: Column, deleted: Column, inserted: Column) -> NDArray[np.int8]:
    """Classify how each edit continues the one before it, `_APART` if it does not."""
    link = np.zeros(len(start), np.int8)
    no_delete, no_insert = deleted == 0, inserted == 0
    both_insert = no_delete[1:] & no_delete[:-1]
    both_delete = no_insert[1:] & no_insert[:-1]
    link[1:][both_insert & (start[1:] == (start + inserted)[:-1])] = _TYPING
    link[1:][both_delete & (start[1:] == start[:-1])] = _CUTTING
    link[1:][both_delete & ((start + deleted)[1:] == start[:-1])] = _ERASING
    return link
