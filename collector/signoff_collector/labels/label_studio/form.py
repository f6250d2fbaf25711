"""Names and places in Label Studio's form: controls, paragraphs, regions.

An episode is one task. Its units are the paragraphs of a dialogue: who or what, and what happened.
A label is a region from one paragraph to another; its id holds the exact steps, which need not be
those of whole units.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.screen.console import visible
from signoff_schemas.labels import ScaleField, TagField, TextField

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.labels.units import Unit

STEPS: Final = "steps"
"""The object of a configuration, and the value of its tasks."""
ABOUT: Final = "signoff"
"""The value of a task that says which episode it is of."""
PLACE: Final = "place-"
WORDS: Final = "words-"
"""Before the name of a field: the control that marks a place, and the one that takes words."""
PROPOSED: Final = "proposed-"
"""Before the id of a region that a rule proposed."""
_REGION: Final = re.compile(r"steps-([0-9]{1,15})-([0-9]{1,15})-[a-z0-9._-]{1,40}")


def region_id(first: int, last: int, field: str) -> str:
    """Return the id of a label's region."""
    return f"steps-{first}-{last}-{field}"


def steps_of_region(name: str) -> tuple[int, int] | None:
    """Return the steps that the id of a region names; None where it is not ours."""
    found = _REGION.fullmatch(name)
    return None if found is None else (int(found[1]), int(found[2]))


def values_of(field: TagField | ScaleField | TextField) -> tuple[str, ...]:
    """Return the labels of a field's control, as text."""
    match field:
        case TagField():
            return tuple(value.name for value in field.values)
        case ScaleField():
            return tuple(str(value) for value in range(field.lowest, field.highest + 1))
        case TextField():
            return (field.name,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One unit as a paragraph."""

    author: str
    text: str

    @property
    def length(self) -> int:
        """Of its text, in UTF-16 code units, as a browser counts."""
        return len(self.text.encode("utf-16-le", "replace")) // 2


class Paragraphs:
    """The paragraphs of an episode, and which steps each stands for."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self._units = units
        self.all = tuple(_paragraph(unit) for unit in units)

    def meeting(self, first: int, last: int) -> tuple[int, int]:
        """Return the first and the last paragraph with a step of a span; else the nearest one."""
        found = [
            number for number, unit in enumerate(self._units)
            if unit.first <= last and first <= unit.last
        ]  # fmt: skip
        if found:
            return found[0], found[-1]
        nearest = min(
            range(len(self._units)), key=lambda number: abs(self._units[number].first - first)
        )
        return nearest, nearest

    def steps(self, first: int, last: int) -> tuple[int, int] | None:
        """Return the steps from one paragraph to another; None where there are no such."""
        if not 0 <= first <= last < len(self._units):
            return None
        units = self._units[first : last + 1]
        return units[0].first, max(unit.last for unit in units)


def _paragraph(unit: Unit) -> Paragraph:
    lines = [unit.text]
    lines += [f"- {line}" for line in unit.before.splitlines()]
    lines += [f"+ {line}" for line in unit.after.splitlines()]
    return Paragraph(author=visible(unit.word), text=visible("\n".join(lines)))
