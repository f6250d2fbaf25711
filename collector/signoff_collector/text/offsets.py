"""Arrays of consecutive offsets, made quickly also for texts of many megabytes."""

from __future__ import annotations

from array import array
from typing import Final

import numpy as np

_SMALL: Final = 128
"""Below this length an array is filled faster without numpy."""


def add_offsets(offsets: array[int], low: int, high: int) -> None:
    """Append the numbers from `low` up to, not including, `high` to an array of type `i`."""
    if high - low < _SMALL:
        offsets.extend(range(low, high))
    else:
        offsets.frombytes(np.arange(low, high, dtype=np.intc).tobytes())
