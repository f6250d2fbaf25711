"""What a label would be about: the place that was gone to, a marked span, a unit, or one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.labels.queue import Waiting
    from signoff_collector.labels.units import Units
    from signoff_schemas.labels import Label, ProposedLabel


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointed:
    """The steps that a label would be said of."""

    first: int
    last: int
    what: str
    """In words."""


def pointed_at(
    seq: int, *, since: tuple[int, int] | None, went_to: Waiting | None, units: Units
) -> Pointed:
    """Return what a label would be about.

    Args:
        seq: of the step that is shown.
        since: the first and last step of the unit at which a span was begun, or None.
        went_to: the place that the person went to and has not left, or None.
        units: of the episode.
    """
    unit = units.at(seq)
    here = (seq, seq) if unit is None else (unit.first, unit.last)
    if since is not None:
        first, last = min(since[0], here[0]), max(since[1], here[1])
        return Pointed(first=first, last=last, what=_span("from here", first, last))
    if went_to is not None:
        return Pointed(
            first=went_to.first,
            last=went_to.last,
            what=_span("to look at", went_to.first, went_to.last),
        )
    word = "this step" if here[0] == here[1] else "this burst"
    return Pointed(first=here[0], last=here[1], what=_span(word, *here))


def said_of(labels: Sequence[Label], at: Pointed) -> list[Label]:
    """Return the labels of exactly these steps."""
    return [one for one in labels if (one.first, one.last) == (at.first, at.last)]


def around(labels: Sequence[Label], at: Pointed) -> list[Label]:
    """Return the labels that are said of these steps among others."""
    return [
        one for one in labels
        if one.first <= at.first and at.last <= one.last
        and (one.first, one.last) != (at.first, at.last)
    ]  # fmt: skip


def proposed_of(undecided: Sequence[ProposedLabel], at: Pointed) -> ProposedLabel | None:
    """Return the surest proposal for exactly these steps, or None."""
    found = [one for one in undecided if (one.first, one.last) == (at.first, at.last)]
    return max(found, key=lambda one: one.sure, default=None)


def _span(word: str, first: int, last: int) -> str:
    if first == last:
        return f"{word}: {first + 1}"
    return f"{word}: {first + 1} to {last + 1}"
