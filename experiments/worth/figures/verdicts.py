"""What the protocol makes of the figures of a session, or of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from experiments.worth.figures.scoring import Contrast

THRESHOLD: Final = -0.05
"""Bits per character that `true` has to be below `code`, at least."""
MARGIN: Final = 0.02
"""Bits per character by which a control may miss 0: less than half of what would count."""


class Verdict(StrEnum):
    """The outcomes of the protocol."""

    YES = "yes"
    EDITS = "edits, not their order"
    LESS = "less than was asked"
    NO = "no"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Control:
    """A difference that has to be 0, but for a margin."""

    name: str
    contrast: Contrast

    @property
    def has_failed(self) -> bool:
        """Whether its interval lies wholly beyond the margin."""
        return self.contrast.low > MARGIN or self.contrast.high < -MARGIN


def of_family(to_code: Contrast, to_shuffled: Contrast) -> tuple[Verdict, str]:
    """Return the outcome of a family and why, by `true` less `code` and `true` less `shuffled`."""
    if to_code.high >= 0:
        return Verdict.NO, "the interval of true less code holds 0 or lies above it"
    if to_code.difference > THRESHOLD:
        return Verdict.LESS, f"true less code is below 0, but not by {-THRESHOLD} bit"
    if to_shuffled.is_below:
        return Verdict.YES, "true is below code and below shuffled"
    return Verdict.EDITS, "true is below code, and not surely below shuffled"


def of_all(families: Mapping[str, tuple[Verdict, str] | None]) -> tuple[Verdict, str]:
    """Return the outcome of both families; null stands for one that a control made void."""
    void = [name for name, outcome in families.items() if outcome is None]
    if void:
        return Verdict.UNDECIDED, f"a control of {' and '.join(void)} failed"
    outcomes = {name: outcome for name, outcome in families.items() if outcome is not None}
    if len(outcomes) < 2:
        return Verdict.UNDECIDED, "one family of models alone was run"
    if len({outcome for outcome, _ in outcomes.values()}) > 1:
        told = ", ".join(f"{name}: {outcome}" for name, (outcome, _) in outcomes.items())
        return Verdict.UNDECIDED, f"the families disagree ({told})"
    return next(iter(outcomes.values()))
