"""Compute the one replacement that turns an old text into a new one, for full-text sync clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signoff_collector.text.line_text import Splice


def one_change(old: str, new: str) -> Splice | None:
    """Return the smallest single replacement, or None when the texts are equal.

    Costs a few comparisons of slices, O(length) in C.
    """
    if old == new:
        return None
    shorter = min(len(old), len(new))
    head = _common(old, new, shorter, from_end=False)
    tail = _common(old, new, shorter - head, from_end=True)
    return head, len(old) - head - tail, new[head : len(new) - tail]


def _common(old: str, new: str, limit: int, *, from_end: bool) -> int:
    """Return the length of the common prefix, or suffix; at most `limit`."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if from_end:
            same = (
                old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]
            )
        else:
            same = old[low:middle] == new[low:middle]
        if same:
            low = middle
        else:
            high = middle - 1
    return low
