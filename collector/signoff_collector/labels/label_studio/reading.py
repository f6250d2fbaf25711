"""Read annotations that Label Studio exported (its form JSON) back into labels.

Predictions are never read, and a region that Label Studio copied from one unchanged is counted,
not taken: nobody is known to have looked at it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from signoff_collector.labels.label_studio.form import (
    ABOUT,
    PLACE,
    PROPOSED,
    WORDS,
    Paragraphs,
    steps_of_region,
)
from signoff_schemas.errors import DamagedError, RefusedError, UsageError
from signoff_schemas.labels import MOST_LABELS, Label, ScaleField, TextField
from signoff_schemas.untyped import fields_of, is_fields, is_items

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from signoff_collector.labels.units import Unit
    from signoff_schemas.labels import LabelSchema, LabelSet, Value

MAX_BYTES: Final = 64 << 20
TOOL: Final = "label-studio"
_COPIED: Final = "prediction"
"""`origin` of a region that was taken from a prediction and not changed."""
_HINT: Final = "Export it from Label Studio as JSON (not JSON-MIN)."


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an annotation came to."""

    labels: tuple[Label, ...]
    copied: int
    """Regions that were proposals and are left to a person to accept."""


def read_tasks(content: bytes) -> list[Mapping[str, object]]:
    """Parse an export of Label Studio.

    Raises:
        DamagedError: it is none.
    """
    try:
        found: object = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DamagedError("this is no JSON in UTF-8", hint=_HINT) from error
    rows: list[Mapping[str, object]] = []
    rows += [one for one in found if is_fields(one)] if is_items(found) else []
    if not is_items(found) or not rows or len(rows) != len(found):
        raise DamagedError("this is no export of Label Studio: it is no list of tasks", hint=_HINT)
    return rows


def labels_of(
    rows: Sequence[Mapping[str, object]],
    own: LabelSet,
    units: Sequence[Unit],
    *,
    number: int | None,
    day: str,
) -> Imported:
    """Return the labels of one annotation of the task that is about an episode.

    Args:
        rows: of `read_tasks`.
        own: the label set that they are for.
        units: of its episode.
        number: of the annotation, from 1; None where there is only one.
        day: on which they are imported.

    Raises:
        RefusedError: no task is of this episode under this schema.
        UsageError: there is no such annotation, or several and none was chosen.
        DamagedError: an annotation says what the form does not have.
    """
    task = _task_of(rows, own)
    found = [one for one in _items(task.get("annotations")) if _counts(one)]
    chosen = _chosen(found, number)
    reading = _Reading(own.label_schema, Paragraphs(units), day)
    results = list(_items(chosen.get("result")))
    if len(results) > 2 * MOST_LABELS:
        raise DamagedError(f"an annotation has at most {2 * MOST_LABELS} results")
    for result in results:
        reading.take(result)
    return reading.imported()


def _task_of(rows: Sequence[Mapping[str, object]], own: LabelSet) -> Mapping[str, object]:
    abouts = [fields_of(fields_of(row.get("data")).get(ABOUT)) for row in rows]
    for row, about in zip(rows, abouts, strict=True):
        if about.get("episode") == own.episode_sha256:
            if about.get("schema") == own.schema_sha256:
                return row
            raise RefusedError(
                "the task of this episode was exported under another label schema",
                hint="Export it anew under this one.",
            )
    raise RefusedError(
        f"no task is of the episode {own.episode_sha256[:16]}",
        hint="An episode that was changed is another one.",
    )


def _counts(annotation: Mapping[str, object]) -> bool:
    return annotation.get("was_cancelled") is not True


def _chosen(found: Sequence[Mapping[str, object]], number: int | None) -> Mapping[str, object]:
    if not found:
        raise UsageError("nobody annotated this episode in Label Studio")
    if number is None and len(found) > 1:
        raise UsageError(
            f"the task has {len(found)} annotations, and a label set is of one labeller",
            hint="--annotation N names yours, from 1.",
        )
    if number is not None and not 1 <= number <= len(found):
        raise UsageError(f"there is no annotation {number}: the task has {len(found)}")
    return found[(number or 1) - 1]


def _items(value: object) -> Iterator[Mapping[str, object]]:
    if value is None:
        return
    if not is_items(value):
        raise DamagedError("this is no export of Label Studio", hint=_HINT)
    for one in value:
        if not is_fields(one):
            raise DamagedError("this is no export of Label Studio", hint=_HINT)
        yield one


@dataclass(slots=True)
class _Reading:
    schema: LabelSchema
    pages: Paragraphs
    day: str
    found: dict[tuple[int, int, str], Label] = field(
        default_factory=dict[tuple[int, int, str], Label]
    )
    copied: set[str] = field(default_factory=set[str])

    def take(self, result: Mapping[str, object]) -> None:
        """Add what one result says.

        Raises:
            DamagedError: it says what the form does not have.
        """
        control = result.get("from_name")
        name = result.get("id")
        if not isinstance(control, str) or not isinstance(name, str):
            raise DamagedError("a result of the annotation has no name", hint=_HINT)
        if result.get("origin") == _COPIED or _is_untouched(name, result):
            self.copied.add(name)
            return
        if control.startswith(WORDS):
            self._add(control.removeprefix(WORDS), _words(result), name, result)
        elif control.startswith(PLACE):
            called = control.removeprefix(PLACE)
            if not isinstance(self.schema.field(called), TextField):
                self._add(called, self._value(called, result), name, result)

    def imported(self) -> Imported:
        """Return what was taken."""
        labels = tuple(self.found[place] for place in sorted(self.found))
        return Imported(labels=labels, copied=len(self.copied))

    def _value(self, called: str, result: Mapping[str, object]) -> Value:
        values = fields_of(result.get("value")).get("paragraphlabels")
        only = values[0] if is_items(values) and len(values) == 1 else None
        if not isinstance(only, str):
            raise DamagedError("a region has no label, or several", hint=_HINT)
        if isinstance(self.schema.field(called), ScaleField):
            try:
                return int(only[:12])
            except ValueError as error:
                raise DamagedError("a region of a scale has no number") from error
        return only

    def _add(self, called: str, value: Value, name: str, result: Mapping[str, object]) -> None:
        first, last = self._steps(name, fields_of(result.get("value")))
        fault = self.schema.fault_of(called, value, first, last)
        if fault is not None:
            raise DamagedError(f"a region does not fit the label schema: {fault}")
        label = Label(
            origin="person", field=called, value=value, first=first, last=last, set_on=self.day,
            tool=TOOL, version="json",
        )  # fmt: skip
        self.found[label.place] = label

    def _steps(self, name: str, value: Mapping[str, object]) -> tuple[int, int]:
        """Return the steps of a region: those of its id where it was not moved since."""
        places = (_number(value.get("start")), _number(value.get("end")))
        own = steps_of_region(name)
        if own is not None and own[0] <= own[1] and self.pages.meeting(*own) == places:
            return own
        found = self.pages.steps(*places)
        if found is None:
            raise DamagedError("a region is beyond the last paragraph")
        return found


def _is_untouched(name: str, result: Mapping[str, object]) -> bool:
    """Whether a region is one of our proposals that nobody is known to have changed."""
    return name.startswith(PROPOSED) and result.get("origin") != "prediction-changed"


def _words(result: Mapping[str, object]) -> str:
    said = fields_of(result.get("value")).get("text")
    parts = list(said) if is_items(said) else [said]
    if not all(isinstance(part, str) for part in parts):
        raise DamagedError("the words of a region are no text", hint=_HINT)
    return " ".join(" ".join(str(part).split()) for part in parts)


def _number(value: object) -> int:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise DamagedError("a region has no place", hint=_HINT)
    return int(text)
