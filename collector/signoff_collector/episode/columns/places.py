"""Encodes a cursor jump as an index into recent positions (format.md, section 5.3).

With two writers in one text, several cursors, or a look back at a definition, the cursor
mostly returns to a position that it left recently. Those positions are kept in a list,
shifted by every later edit, and a jump to one of them is stored as its index.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signoff_collector.episode.content import Column

PLACES: Final = 31
"""Length of the list of recent positions, per buffer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """How each row moves the cursor of its buffer."""

    is_first: list[bool]
    """Whether the row is the first of its buffer."""
    is_cut: list[bool]
    """Whether it deletes after the cursor (the Delete key), not before (Backspace)."""
    removed: list[int]
    inserted: list[int]


class _Cursor:
    """The cursor of one buffer and its recent positions, newest last."""

    def __init__(self) -> None:
        self.at = 0
        self.left: list[int] = []

    def number_of(self, target: int) -> int:
        """Return the index of `target` among recent positions, 1 for the newest; 0 if absent."""
        left = self.left
        return next((n for n in range(1, len(left) + 1) if left[-n] == target), 0)

    def go(self, target: int, number: int) -> None:
        """Jump: remove entry `number` from the list, append the position left."""
        if number:
            del self.left[-number]
        self.left.append(self.at)
        if len(self.left) > PLACES:
            del self.left[0]
        self.at = target

    def change(self, removed: int, inserted: int, *, is_cut: bool) -> None:
        """Apply a row: `removed` characters before the cursor, or after it when cut."""
        low = self.at if is_cut else self.at - removed
        high = low + removed
        net = inserted - removed
        self.left = [place + net if place >= high else min(place, low) for place in self.left]
        self.at = low + inserted


def encode(moves: Moves, jumps: list[int]) -> NDArray[np.uint8]:
    """Return the list index for every jump that is not 0; 0 where the target is not listed.

    Cost: about 3 µs per row.
    """
    numbers: list[int] = []
    cursor = _Cursor()
    for row, jump in enumerate(jumps):
        if moves.is_first[row]:
            cursor = _Cursor()
        if jump:
            target = cursor.at + jump
            number = cursor.number_of(target)
            numbers.append(number)
            cursor.go(target, number)
        cursor.change(moves.removed[row], moves.inserted[row], is_cut=moves.is_cut[row])
    return np.array(numbers, np.uint8)


def decode(moves: Moves, has_jump: list[bool], numbers: list[int], missed: list[int]) -> Column:
    """Return all jumps; those whose number is 0 come from `missed`.

    Positions are shifted lazily, through all rows since they were left, when a jump uses
    them: most are never used. Cost: about 1 µs per row.

    Raises:
        ValueError: a number exceeds the list, or numbers and jumps differ in count.
    """
    if len(numbers) != sum(has_jump) or numbers.count(0) != len(missed):
        raise ValueError("column places does not fit the jumps")
    jumps: list[int] = []
    given, rest = iter(numbers), iter(missed)
    changes: list[tuple[int, int, int]] = []
    """Per row: start and end of the deleted range, and the change in text length."""
    left: list[tuple[int, int]] = []
    """Recent positions: where the cursor was when it jumped, and before which row."""
    at = 0
    for row, (is_jump, is_first, is_cut, removed, inserted) in enumerate(
        zip(has_jump, moves.is_first, moves.is_cut, moves.removed, moves.inserted, strict=True)
    ):
        if is_first:
            at = 0
            left.clear()
        if is_jump:
            number = next(given)
            if number > len(left):
                raise ValueError("column places names no place")
            target = _moved(*left.pop(-number), changes) if number else at + next(rest)
            jumps.append(target - at)
            left.append((at, row))
            if len(left) > PLACES:
                del left[0]
            at = target
        low = at if is_cut else at - removed
        changes.append((low, low + removed, inserted - removed))
        at = low + inserted
    return np.array(jumps, np.int64)


def _moved(place: int, row: int, changes: list[tuple[int, int, int]]) -> int:
    """Return a position shifted by the changes of `row` and all later rows."""
    for low, high, net in changes[row:]:
        if place >= high:
            place += net
        elif place > low:
            place = low
    return place
