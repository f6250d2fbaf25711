"""What is wrong with a hub: each with where, what to do, and the exit code that it leads to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Weight = Literal["damaged", "not-signed", "left-over"]
EXIT_CODES: Final[dict[Weight, int]] = {"damaged": 11, "not-signed": 12, "left-over": 3}
"""Bytes or rows are not as they were; a signature does not hold; something lies about that proves
nothing and hurts nothing."""
_ORDER: Final[tuple[Weight, ...]] = ("damaged", "not-signed", "left-over")

RESTORE: Final = "Bring it back from a backup; docs/hub/verifying.md says how."
ASK: Final = "Find out who wrote to the store or the database beside the hub's nodes."
SWEEP: Final = "Run `signoff hub sweep --data DIR`; verify again after it."
WAIT: Final = "Let a node run for some minutes, then verify again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong."""

    weight: Weight
    where: str
    """A key of the store, a row by table and name, or a leaf."""
    what: str
    do: str
    """What who runs the hub does about it."""

    def row(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"finding": self.weight, "where": self.where, "what": self.what, "do": self.do}


@dataclass(slots=True)
class Counts:
    """What was looked at; findings by weight are counted too, so that none has to be held."""

    objects: int = 0
    rows: int = 0
    leaves: int = 0
    heads: int = 0
    bytes_read: int = 0
    weights: dict[Weight, int] = field(default_factory=dict[Weight, int])

    def add(self, found: Finding) -> None:
        """Count a finding."""
        self.weights[found.weight] = self.weights.get(found.weight, 0) + 1

    @property
    def findings(self) -> int:
        """How many there are."""
        return sum(self.weights.values())

    @property
    def exit_code(self) -> int:
        """That of the gravest, 0 for none."""
        return exit_code(self.weights)


def exit_code(weights: Iterable[Weight]) -> int:
    """Return the exit code of the gravest, 0 for none."""
    found = set(weights)
    return next((EXIT_CODES[one] for one in _ORDER if one in found), 0)


def damaged(where: str, what: str, do: str = RESTORE) -> Finding:
    """Return a finding of bytes or rows that are not as they were."""
    return Finding(weight="damaged", where=where, what=what, do=do)


def not_signed(where: str, what: str, do: str = ASK) -> Finding:
    """Return a finding of a signature that does not hold."""
    return Finding(weight="not-signed", where=where, what=what, do=do)


def left_over(where: str, what: str, do: str = SWEEP) -> Finding:
    """Return a finding of what hurts nothing and proves nothing."""
    return Finding(weight="left-over", where=where, what=what, do=do)
