"""Find the common prefix and suffix of two texts by bisection: slices compare at memory speed."""

from __future__ import annotations


def shared_head(old: str, new: str) -> int:
    """Return the length of the common prefix."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def shared_tail(old: str, new: str, head: int = 0) -> int:
    """Return the length of the common suffix, after `head` shared characters at the front."""
    low, high = 0, min(len(old), len(new)) - head
    while low < high:
        middle = (low + high + 1) // 2
        if old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]:
            low = middle
        else:
            high = middle - 1
    return low
