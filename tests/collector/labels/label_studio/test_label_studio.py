"""To Label Studio's form and back: labels whole, proposals apart, foreign files refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.labels import WORDS, day, said

from signoff_collector.labels.label_studio.form import Paragraphs
from signoff_collector.labels.label_studio.reading import Imported, labels_of, read_tasks
from signoff_collector.labels.label_studio.writing import configuration, tasks, tasks_bytes
from signoff_collector.labels.proposing import proposals_of
from signoff_collector.labels.schema_files import default_schema, parse_json_schema
from signoff_collector.labels.units import Unit, Units
from signoff_collector.levels.levels import levels_of
from signoff_schemas.errors import DamagedError, RefusedError, UsageError
from signoff_schemas.labels import Label, LabelSet

pytestmark = pytest.mark.slow
Json = dict[str, Any]
LEVELS = levels_of(day())
UNITS = Units(day(), LEVELS.bursts).all
SCHEMA = default_schema()
PROPOSALS = proposals_of(LEVELS, SCHEMA)
LABELS = (
    said("judgement", "good", 20), said("difficulty", 5, 20, 90), said("intent", WORDS, 33, 41),
    said("phase", "patch", 0, day().step_count - 1),
)  # fmt: skip


def set_of(*labels: Label) -> LabelSet:
    return LabelSet(
        label_set=1, episode_sha256="e" * 64, episode_steps=day().step_count,
        schema_sha256=SCHEMA.sha256, label_schema=SCHEMA, labeller="a" * 32,
        labels=tuple(sorted(labels, key=lambda one: one.place)),
    )  # fmt: skip


def exported(*labels: Label) -> list[Json]:
    found: list[Json] = json.loads(tasks_bytes(tasks(set_of(*labels), UNITS, PROPOSALS)))
    return found


def taken(rows: object, number: int | None = None) -> Imported:
    content = json.dumps(rows).encode()
    return labels_of(read_tasks(content), set_of(), UNITS, number=number, day="2026-11-28")


def read_xml(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  # our own


def facts(labels: tuple[Label, ...]) -> list[tuple[str, str | int, int, int]]:
    return [(one.field, one.value, one.first, one.last) for one in labels]


def test_labels_come_back_with_their_exact_steps() -> None:
    found = taken(exported(*LABELS))
    assert facts(found.labels) == facts(set_of(*LABELS).labels)
    assert found.copied == 0
    assert {one.tool for one in found.labels} == {"label-studio"}


steps = st.integers(0, day().step_count - 1)
random_labels = st.lists(
    st.tuples(
        st.sampled_from([("judgement", "good"), ("difficulty", 2), ("intent", WORDS)]), steps, steps
    ),
    max_size=6,
)


@given(drawn=random_labels)
def test_whatever_is_labelled_comes_back(
    drawn: list[tuple[tuple[str, str | int], int, int]],
) -> None:
    by_place = {}
    for (field, value), first, last in drawn:
        label = said(field, value, min(first, last), max(first, last))
        by_place[label.place] = label
    labels = tuple(by_place.values())
    if labels:
        assert facts(taken(exported(*labels)).labels) == facts(set_of(*labels).labels)


def test_proposals_are_predictions_and_never_annotations() -> None:
    (task,) = exported(*LABELS)
    regions = task["predictions"][0]["result"]
    assert len(regions) == len(PROPOSALS)
    assert {one["origin"] for one in regions} == {"prediction"}
    assert "stood at the end" in json.dumps(regions)
    assert not {one["id"] for one in regions} & {
        one["id"] for one in task["annotations"][0]["result"]
    }
    assert "annotations" not in exported()[0]
    with pytest.raises(UsageError, match="nobody annotated"):
        taken(exported())


@pytest.mark.parametrize("origin", ["prediction", "manual", None])
def test_a_prediction_that_label_studio_copied_is_no_label(origin: str | None) -> None:
    """It puts predictions into a new annotation, for a person to change or not."""
    (task,) = exported(*LABELS)
    held = task["annotations"][0]["result"]
    for one in task["predictions"][0]["result"]:
        copy = {key: value for key, value in one.items() if key != "origin"}
        held.append(copy if origin is None else {**copy, "origin": origin})
    found = taken([task])
    assert facts(found.labels) == facts(set_of(*LABELS).labels)
    assert found.copied == len(PROPOSALS)


def test_a_prediction_that_a_person_changed_is_a_label_of_theirs() -> None:
    (task,) = exported()
    one = task["predictions"][0]["result"][0]
    one["origin"] = "prediction-changed"
    one["value"]["paragraphlabels"] = ["good"]
    task["annotations"] = [{"result": [one]}]
    (label,) = taken([task]).labels
    assert label.value == "good"
    assert label.accepted is None


def test_a_region_that_was_moved_gets_the_steps_of_whole_units() -> None:
    (task,) = exported(said("judgement", "good", 20))
    region = task["annotations"][0]["result"][0]
    region["value"].update(start="3", end="5")
    (label,) = taken([task]).labels
    assert (label.first, label.last) == (UNITS[3].first, max(one.last for one in UNITS[3:6]))


def test_nobody_is_named_and_no_time_is_told() -> None:
    text = json.dumps(exported(*LABELS))
    for word in ("labeller", "a" * 32, "completed_by", "created", "lead_time", "2026-11-28"):
        assert word not in text


def test_offsets_count_as_a_browser_does_and_controls_are_spelled_out() -> None:
    unit = Unit(first=0, last=3, word="typed", text=f"\x1b[31m{WORDS}", before="", after="a\r\nb")
    (page,) = Paragraphs([unit]).all
    assert "\x1b" not in page.text
    assert page.length == len(page.text) + 2
    assert page.text.endswith("+ a\n+ b")


def test_the_configuration_names_every_value_and_escapes_words() -> None:
    other = {
        "label_schema": 1, "name": "o",
        "fields": [
            {"kind": "tag", "name": "x", "words": "<a> & \"b\" \U0001f642\U00010348",
             "values": [{"name": "y", "key": "1"}]}
        ],
    }  # fmt: skip
    view = read_xml(configuration(parse_json_schema(json.dumps(other).encode())))
    assert view.find("Header").get("value") == '<a> & "b" \U0001f642\U00010348'  # type: ignore[union-attr]
    values = {one.get("value") for one in read_xml(configuration(SCHEMA)).iter("Label")}
    assert values >= {"good", "dead-end", "patch", "1", "5", "intent"}


def test_several_annotations_are_of_several_labellers() -> None:
    (task,) = exported(*LABELS)
    task["annotations"].append({"result": [], "was_cancelled": True})
    assert len(taken([task]).labels) == len(LABELS)
    task["annotations"].append({"result": []})
    with pytest.raises(UsageError, match="2 annotations"):
        taken([task])
    assert taken([task], 2).labels == ()
    assert len(taken([task], 1).labels) == len(LABELS)
    for number in (0, 3, -1):
        with pytest.raises(UsageError):
            taken([task], number)


def test_a_task_of_another_episode_or_schema_is_refused() -> None:
    (task,) = exported(*LABELS)
    for name in ("episode", "schema"):
        about = {**task["data"]["signoff"], name: "0" * 64}
        with pytest.raises(RefusedError):
            taken([{**task, "data": {**task["data"], "signoff": about}}])
    with pytest.raises(RefusedError):
        taken([{"data": {}}])


BROKEN: dict[str, Callable[[Json], object]] = {
    "no list of results": lambda one: one.update(result="x"),
    "a result that is none": lambda one: one["result"].append(1),
    "no control": lambda one: one["result"][0].pop("from_name"),
    "no id": lambda one: one["result"][0].pop("id"),
    "an unknown field": lambda one: one["result"][0].update(from_name="place-mood"),
    "an unknown value": lambda one: one["result"][0]["value"].update(paragraphlabels=["fine"]),
    "two values": lambda one: one["result"][0]["value"].update(paragraphlabels=["good", "good"]),
    "no value": lambda one: one["result"][0].pop("value"),
    "a paragraph beyond the last": lambda one: one["result"][0]["value"].update(end="99999"),
    "a place that is no number": lambda one: one["result"][0]["value"].update(start="x"),
    "a place below nothing": lambda one: one["result"][0]["value"].update(start=-1),
    "ends before it begins": lambda one: one["result"][0]["value"].update(start="9", end="3"),
    "words that are none": lambda one: one["result"][-1]["value"].update(text=[1]),
}


@pytest.mark.parametrize("how", BROKEN)
def test_what_the_form_does_not_have_is_damaged(how: str) -> None:
    (task,) = exported(said("judgement", "good", 20), said("intent", WORDS, 33, 41))
    BROKEN[how](task["annotations"][0])
    with pytest.raises(DamagedError):
        taken([task])


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6)),
    lambda one: st.one_of(
        st.lists(one, max_size=3), st.dictionaries(st.text(max_size=6), one, max_size=3)
    ),
    max_leaves=8,
)
results = st.dictionaries(
    st.sampled_from(["id", "from_name", "type", "origin", "value"]),
    st.one_of(
        json_values,
        st.sampled_from(
            ["place-judgement", "place-difficulty", "words-intent", "steps-1-9-intent"]
        ),
        st.fixed_dictionaries(
            {"start": json_values, "end": json_values, "paragraphlabels": st.lists(json_values)}
        ),
    ),
)


@given(result=st.lists(results, max_size=4))
def test_whatever_an_annotation_holds_is_labels_or_damaged(result: list[Json]) -> None:
    (task,) = exported(*LABELS)
    task["annotations"] = [{"result": result}]
    try:
        found = taken([task])
    except DamagedError:
        return
    for label in found.labels:
        assert SCHEMA.fault_of(label.field, label.value, label.first, label.last) is None


@given(
    st.one_of(
        st.binary(max_size=80), json_values.map(json.dumps).map(str.encode),
        st.just(b"[" * 100_000), st.just(b'[{"a": NaN}]'),
        st.just(b'[{"id": ' + b"9" * 5000 + b"}]"),
    )
)  # fmt: skip
def test_whatever_bytes_come_are_tasks_or_refused(data: bytes) -> None:
    try:
        rows = read_tasks(data)
        labels_of(rows, set_of(), UNITS, number=None, day="2026-11-28")
    except (DamagedError, RefusedError, UsageError):
        return
    raise AssertionError("no random file is of this episode")
