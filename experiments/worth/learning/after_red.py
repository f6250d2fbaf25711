"""What follows a failing test: the kind of the next action, by the last three actions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import log2
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from experiments.worth.examples import Action

ORDER: Final = 3


@dataclass(frozen=True, slots=True)
class RedScore:
    """How well the actions after failing tests were met."""

    actions: int
    right: float
    """Share of them whose kind was the likeliest."""
    bits: float | None
    """Of one kind, on average; null where one of them was never seen in training."""


class Kinds:
    """How often each kind of action followed others, with Witten and Bell's back-off."""

    def __init__(self, rows: Sequence[Sequence[Action]], order: int) -> None:
        self._order = order
        self._kinds = sorted({action.kind for row in rows for action in row})
        self._counts: dict[tuple[str, ...], Counter[str]] = {}
        for row in rows:
            for at, action in enumerate(row):
                for length in range(min(order, at) + 1):
                    context = _context(row, at, length)
                    self._counts.setdefault(context, Counter())[action.kind] += 1

    def shares(self, row: Sequence[Action], at: int) -> dict[str, float]:
        """Return the share of each kind at a place of a row."""
        shares = dict.fromkeys(self._kinds, 1 / max(1, len(self._kinds)))
        for length in range(min(self._order, at) + 1):
            counts = self._counts.get(_context(row, at, length))
            if counts is None:
                break
            below = counts.total() + len(counts)
            shares = {
                kind: (counts[kind] + len(counts) * share) / below for kind, share in shares.items()
            }
        return shares


def score(model: Kinds, rows: Sequence[Sequence[Action]], begins: Sequence[int]) -> RedScore | None:
    """Ask for each action behind a failing test, from `begins` on; null where there is none."""
    right, number = 0, 0
    costs: list[float] = []
    for row, begin in zip(rows, begins, strict=True):
        for at in range(max(1, begin), len(row)):
            if row[at - 1].is_red:
                shares = model.shares(row, at)
                number += 1
                right += max(shares, key=lambda kind: (shares[kind], kind)) == row[at].kind
                costs += [-log2(shares[row[at].kind])] if row[at].kind in shares else []
    if not number:
        return None
    return RedScore(number, right / number, sum(costs) / number if len(costs) == number else None)


def by_time(rows: Sequence[Sequence[Action]], order: int = ORDER) -> RedScore | None:
    """Train on the first 80 % of each row, ask in the rest."""
    begins = [len(row) * 4 // 5 for row in rows]
    early = [row[:begin] for row, begin in zip(rows, begins, strict=True)]
    return score(Kinds(early, order), rows, begins)


def held_out(rows: Sequence[Sequence[Action]], order: int = ORDER) -> RedScore | None:
    """Ask each row by the model of all others; null where there are not two."""
    found = [
        one
        for at, row in enumerate(rows)
        if len(rows) > 1
        for one in [score(Kinds([*rows[:at], *rows[at + 1 :]], order), [row], [0])]
        if one is not None
    ]
    number = sum(one.actions for one in found)
    if not number:
        return None
    right = sum(one.right * one.actions for one in found) / number
    if any(one.bits is None for one in found):
        return RedScore(number, right, None)
    return RedScore(number, right, sum((one.bits or 0) * one.actions for one in found) / number)


def _context(row: Sequence[Action], at: int, length: int) -> tuple[str, ...]:
    """Return the last actions before a place; a test run with how it ended."""
    outcome = {None: "", True: " red", False: " green"}
    return tuple([one.kind + outcome[one.is_red] for one in row[at - length : at]])
