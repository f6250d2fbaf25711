"""What one measure is: a share of an episode, its gate, and a sentence of a closed list.

A measure holds no text of the episode, no count and no time: a share cannot be added up to what
somebody did in a day (docs/quality.md, "What is left out").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

from signoff_collector.quality.sentences import SENTENCES
from signoff_schemas.gates import Gate

if TYPE_CHECKING:
    from collections.abc import Mapping

Elsewhere = Literal["benchmarks", "copies", "rights"]
"""Name of a measure that needs other episodes, outside lists or a sign-off."""
ELSEWHERE: Final[tuple[Elsewhere, ...]] = get_args(Elsewhere)
LEAST: Final[Mapping[Gate, float]] = {
    "replay": 1.0,
    "coverage": 0.95,
    "authors": 0.98,
    "tests": 1.0,
    "repair": 1.0,
    "steady-tests": 0.98,
    "environment": 1.0,
    "task": 1.0,
    "readable": 0.95,
}
"""Least value that passes a gate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One thing that was looked at."""

    name: Gate | Elsewhere
    value: float | None
    """From 0 to 1, rounded down to hundredths; 0 or 1 for no or yes; None: it is not known."""
    least: float | None
    """What passes the gate; None: it is not looked at here."""
    passed: bool | None
    """None: nobody can tell, or it is not looked at here."""
    says: str
    """One sentence of `SENTENCES`: what it means."""


def measured(name: Gate, value: float | None) -> Measure:
    """Return a measure with its gate.

    Args:
        name: of it.
        value: from 0 to 1; None where it is not known.
    """
    least = LEAST[name]
    passed = None if value is None else value >= least
    shown = None if value is None else int(value * 100 + 1e-9) / 100
    return Measure(name=name, value=shown, least=least, passed=passed, says=SENTENCES[name, passed])


def not_looked_at(name: Elsewhere) -> Measure:
    """Return a measure that whoever builds a data set looks at."""
    return Measure(name=name, value=None, least=None, passed=None, says=SENTENCES[name, None])
