"""From what each contributor shared to figures that tell of none of them: pure functions.

A cell is a row and a column, as a purpose and a language. Nothing is said of a cell with fewer
contributors than k, or where one of them has more than a fifth. What is said is rounded down, so
that who compares two releases mostly learns nothing of a single withdrawal; there are no totals,
which would be one more figure to compare; and no line has exactly one hidden cell, because its
total may be known from elsewhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SMALLEST_K: Final = 10
"""Figures are never of fewer contributors, whatever a hub settles on for its data sets."""
_STEP: Final = 10
_LARGEST_SHARE: Final = 5
"""One contributor may have one part in this many of a cell."""

Cell = tuple[str, str]
"""A row and a column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is said of a cell; both are multiples of ten, at least ten."""

    contributors: int
    episodes: int | None
    """None: some have so many that a coarser step leaves nothing to say."""


@dataclass(slots=True)
class Tally:
    """Episodes by cell and contributor: held while a snapshot is made, and kept nowhere."""

    held: dict[Cell, Counter[str]] = field(default_factory=dict[Cell, "Counter[str]"])

    def add(self, contributor: str, cell: Cell) -> None:
        """Count one episode."""
        self.held.setdefault(cell, Counter())[contributor] += 1


def released(tally: Tally, *, k: int) -> Mapping[Cell, Figures | None]:
    """Return what may be said of each cell; None: hidden.

    Args:
        tally: what was shared.
        k: contributors that a figure needs at least; taken as ten where it is smaller.
    """
    needed = max(k, SMALLEST_K)
    told = {cell: _figures(held, needed) for cell, held in sorted(tally.held.items())}
    while (victim := _to_hide(told)) is not None:
        told[victim] = None
    return told


def _figures(held: Counter[str], needed: int) -> Figures | None:
    episodes, largest = held.total(), max(held.values())
    if len(held) < needed or largest * _LARGEST_SHARE > episodes:
        return None
    step = _STEP
    while step < _STEP * largest:  # one contributor moves a figure by a tenth of a step at most
        step *= 10
    return Figures(
        contributors=len(held) // _STEP * _STEP, episodes=episodes // step * step or None
    )


def _to_hide(told: Mapping[Cell, Figures | None]) -> Cell | None:
    """Return the cell to hide beside one that is hidden alone in its row or column.

    Chosen by what would be told, never by exact counts: the choice would tell of them.
    """
    for axis in (0, 1):
        for line in sorted({cell[axis] for cell in told}):
            cells = [cell for cell in told if cell[axis] == line]
            shown = [(one.contributors, cell) for cell in cells if (one := told[cell]) is not None]
            if shown and len(cells) - len(shown) == 1:
                return min(shown)[1]
    return None
