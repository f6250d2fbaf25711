"""Delta-encodes the times of edits in the largest fitting unit (format.md, section 5.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.episode.columns import integers

if TYPE_CHECKING:
    from signoff_collector.episode.content import Column

MILLISECOND_NS: Final = 1_000_000
UNITS_NS: Final = (1_000_000_000, 100_000_000, 10_000_000, MILLISECOND_NS)
"""Largest first; the largest that divides every time is used."""
MAX_NS: Final = 1 << 62


def to_steps(t_ns: Column) -> tuple[int, Column]:
    """Return the unit, and the delta of each time to the one before it, in that unit.

    Raises:
        ValueError: a time lies before the one before it, or before 0.
    """
    steps = t_ns // MILLISECOND_NS
    unit = next(unit for unit in UNITS_NS if not (steps % (unit // MILLISECOND_NS)).any())
    steps //= unit // MILLISECOND_NS
    steps[1:] -= steps[:-1]
    if steps.size and int(steps.min()) < 0:
        raise ValueError("times run backwards")
    return unit, steps


def from_steps(steps: Column, unit_ns: int) -> Column:
    """Return times in nanoseconds.

    Raises:
        ValueError: a time exceeds MAX_NS.
    """
    if not steps.any():
        return steps
    if integers.total(steps) * unit_ns > MAX_NS:
        raise ValueError("a time lies more than 146 years after the start")
    return np.cumsum(steps) * unit_ns
