"""Where to look next: what is least certain comes first.

1. Units that labellers see differently: the more different values, the earlier.
2. Proposals that nobody has decided, the least sure first; of steps to which rules propose
   different values, first of all.

Within a rank by step, so that one can go through it in one direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signoff_collector.labels.comparing import Disagreement
    from signoff_schemas.labels import ProposedLabel


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One place to look at."""

    first: int
    last: int
    field: str
    why: str
    """In words."""
    proposal: ProposedLabel | None = None
    """What a rule proposes there; None where labellers differ."""


def queue_of(
    differing: Iterable[Disagreement], undecided: Sequence[ProposedLabel]
) -> tuple[Waiting, ...]:
    """Return all places, the least certain first."""
    rows = [
        (0, -len({*one.values} - {None}), one.unit.first, one.unit.last, one.field, _of(one))
        for one in differing
    ]
    for one in undecided:
        is_disputed = any(_contradicts(one, other) for other in undecided)
        waiting = Waiting(
            first=one.first, last=one.last, field=one.field, proposal=one,
            why=f"proposed {one.value}: {one.reason}",
        )  # fmt: skip
        sure = -1 if is_disputed else one.sure
        rows.append((1, sure, one.first, one.last, f"{one.field} {one.value}", waiting))
    return tuple(row[-1] for row in sorted(rows, key=lambda row: row[:-1]))


def _of(one: Disagreement) -> Waiting:
    said = " / ".join("-" if value is None else str(value) for value in one.values)
    return Waiting(
        first=one.unit.first, last=one.unit.last, field=one.field, why=f"labellers differ: {said}"
    )


def _contradicts(one: ProposedLabel, other: ProposedLabel) -> bool:
    is_same = (one.first, one.last, one.field) == (other.first, other.last, other.field)
    return is_same and one.value != other.value
