"""Write an episode with its labels as Label Studio reads them: configuration and one task.

A person's labels are `annotations`, what rules propose are `predictions`. Who labelled is not said.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from signoff_collector.labels.label_studio.form import (
    ABOUT,
    PLACE,
    PROPOSED,
    STEPS,
    WORDS,
    Paragraphs,
    region_id,
    values_of,
)
from signoff_collector.labels.marks import Marks, undecided
from signoff_collector.labels.proposing import RULES_VERSION
from signoff_schemas.errors import UsageError
from signoff_schemas.labels import TagField, TextField

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.labels.units import Unit
    from signoff_schemas.labels import Label, LabelSchema, LabelSet, ProposedLabel

Json = dict[str, object]


def configuration(schema: LabelSchema) -> str:
    """Return the labelling configuration of a schema: what can be said above what happened."""
    view = ET.Element("View")
    for field in schema.fields:
        ET.SubElement(view, "Header", value=field.words or field.name, size="5")
        control = ET.SubElement(view, "ParagraphLabels", name=PLACE + field.name, toName=STEPS)
        keys = (
            {value.name: value.key for value in field.values} if isinstance(field, TagField) else {}
        )
        for value in values_of(field):
            key = keys.get(value)
            more = {} if key is None else {"hotkey": key}
            ET.SubElement(control, "Label", {"value": value, **more})
        if isinstance(field, TextField):
            ET.SubElement(
                view, "TextArea", name=WORDS + field.name, toName=STEPS, perRegion="true",
                maxSubmissions="1", whenLabelValue=field.name,
            )  # fmt: skip
    ET.SubElement(
        view, "Paragraphs", name=STEPS, value=f"${STEPS}", layout="dialogue",
        nameKey="author", textKey="text", granularity="paragraph",
    )  # fmt: skip
    ET.indent(view)
    return ET.tostring(view, encoding="unicode") + "\n"


def tasks(found: LabelSet, units: Sequence[Unit], proposals: Sequence[ProposedLabel]) -> list[Json]:
    """Return the one task of an episode.

    Args:
        found: its labels.
        units: of the episode, masked as it is.
        proposals: all of them; those that a person decided are left out.

    Raises:
        UsageError: there is nothing in it that could be labelled.
    """
    if not units:
        raise UsageError("nothing happens in this episode that could be labelled")
    pages = Paragraphs(units)
    marks = Marks(labels=found.labels, rejected=found.rejected)
    guessed = undecided(marks, proposals)
    task: Json = {
        "data": {
            STEPS: [{"author": one.author, "text": one.text} for one in pages.all],
            ABOUT: {"episode": found.episode_sha256, "schema": found.schema_sha256},
        }
    }
    if found.labels:
        result = [one for label in found.labels for one in _annotated(label, found, pages)]
        task["annotations"] = [{"result": result, "was_cancelled": False, "ground_truth": False}]
    if guessed:
        task["predictions"] = [
            {
                "model_version": f"signoff-rules-{RULES_VERSION}",
                "score": min(one.sure for one in guessed) / 100,
                "result": [_predicted(one, pages) for one in guessed],
            }
        ]
    return [task]


def tasks_bytes(made: list[Json]) -> bytes:
    """Return tasks as a file for `Import`."""
    return json.dumps(made, ensure_ascii=True, indent=1).encode("ascii") + b"\n"


def _annotated(label: Label, found: LabelSet, pages: Paragraphs) -> list[Json]:
    """Return the region of a label, and behind it the words that were written to it."""
    field = found.label_schema.field(label.field)
    is_text = isinstance(field, TextField)
    name = region_id(label.first, label.last, label.field)
    value = label.field if is_text else str(label.value)
    place = _place(label.first, label.last, pages)
    region = _region(name, label.field, value, place)
    if not is_text:
        return [region]
    words = {**place, "text": [label.value]}
    return [
        region,
        {
            "id": name, "from_name": WORDS + label.field, "to_name": STEPS, "type": "textarea",
            "origin": "manual", "value": words,
        },
    ]  # fmt: skip


def _predicted(one: ProposedLabel, pages: Paragraphs) -> Json:
    name = f"{PROPOSED}{one.id}"
    region = _region(name, one.field, one.value, _place(one.first, one.last, pages))
    return {
        **region,
        "origin": "prediction",
        "score": one.sure / 100,
        "meta": {"text": [f"{one.rule} {one.rule_version}: {one.reason}"]},
    }


def _region(name: str, field: str, value: str, place: Json) -> Json:
    return {
        "id": name,
        "from_name": PLACE + field,
        "to_name": STEPS,
        "type": "paragraphlabels",
        "origin": "manual",
        "value": {**place, "paragraphlabels": [value]},
    }


def _place(first: int, last: int, pages: Paragraphs) -> Json:
    begin, end = pages.meeting(first, last)
    return {
        "start": str(begin),
        "end": str(end),
        "startOffset": 0,
        "endOffset": pages.all[end].length,
    }
