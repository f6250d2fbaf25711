"""Several label sets of one episode, unit by unit: agreement of each field, and disagreements.

Labellers are columns A, B, and so on, in the order in which their sets were named: nobody is
ranked, and no figure is about one of them (docs/refusals.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase
from typing import TYPE_CHECKING

from signoff_collector.labels.agreement import alpha
from signoff_schemas.errors import UsageError
from signoff_schemas.labels import ScaleField, TagField

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signoff_collector.labels.units import Unit
    from signoff_schemas.labels import Label, LabelSchema, LabelSet, Measure, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far labellers agree in one field."""

    field: str
    measure: Measure
    alpha: float | None
    """None where there is too little to tell, or all values are the same."""
    units: int
    """Units to which at least two labellers gave a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One unit to which labellers gave different values."""

    field: str
    unit: Unit
    values: tuple[Value | None, ...]
    """One for each set; None where it says nothing."""


def letters(count: int) -> tuple[str, ...]:
    """Return the names of so many labellers.

    Raises:
        UsageError: there are more than letters.
    """
    if count > len(ascii_uppercase):
        raise UsageError(f"at most {len(ascii_uppercase)} label sets can be compared")
    return tuple(ascii_uppercase[:count])


def refuse_incomparable(sets: Sequence[LabelSet]) -> LabelSchema:
    """Return the schema of all sets.

    Raises:
        UsageError: there are fewer than two, of one labeller, or under several schemas.
    """
    letters(len(sets))
    if len(sets) < 2:
        raise UsageError("there is only one label set", hint="Name those of other labellers.")
    if len({one.labeller for one in sets}) != len(sets):
        raise UsageError("two of the label sets are of one labeller")
    if len({one.schema_sha256 for one in sets}) != 1:
        raise UsageError(
            "the label sets were made under different schemas",
            hint="Only sets under one schema say the same by the same words.",
        )
    return sets[0].label_schema


def agreements(sets: Sequence[LabelSet], units: Sequence[Unit]) -> Iterator[Agreement]:
    """Yield the agreement in each field that has values to compare.

    Raises:
        UsageError: as `refuse_incomparable`.
    """
    for field in refuse_incomparable(sets).fields:
        measure = _measure(field)
        if measure is None:
            continue
        rows = [
            [value for value in row if value is not None]
            for row in _rows(sets, units, field.name)
        ]  # fmt: skip
        yield Agreement(
            field=field.name,
            measure=measure,
            alpha=alpha(rows, measure),
            units=sum(len(row) > 1 for row in rows),
        )


def disagreements(sets: Sequence[LabelSet], units: Sequence[Unit]) -> Iterator[Disagreement]:
    """Yield what labellers see differently, by step.

    Raises:
        UsageError: as `refuse_incomparable`.
    """
    names = [field.name for field in refuse_incomparable(sets).fields if _measure(field)]
    columns = {name: _rows(sets, units, name) for name in names}
    for number, unit in enumerate(units):
        for name in names:
            values = columns[name][number]
            if len({value for value in values if value is not None}) > 1:
                yield Disagreement(field=name, unit=unit, values=values)


def value_of(labels: Sequence[Label], unit: Unit) -> Value | None:
    """Return what labels of one field say of a unit: of those that meet it, the shortest."""
    meeting = [one for one in labels if one.first <= unit.last and unit.first <= one.last]
    if not meeting:
        return None
    return min(meeting, key=lambda one: (one.last - one.first, -_common(one, unit))).value


def _common(label: Label, unit: Unit) -> int:
    return min(label.last, unit.last) - max(label.first, unit.first)


def _rows(
    sets: Sequence[LabelSet], units: Sequence[Unit], field: str
) -> list[tuple[Value | None, ...]]:
    of_field = [[label for label in one.labels if label.field == field] for one in sets]
    return [tuple(value_of(labels, unit) for labels in of_field) for unit in units]


def _measure(field: object) -> Measure | None:
    match field:
        case TagField():
            return "nominal"
        case ScaleField(measure=measure):
            return measure
        case _:
            return None
