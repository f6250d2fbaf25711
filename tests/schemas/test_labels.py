"""Label schemas and label sets as documents: one spelling, and nothing that the schema lacks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.labels import WORDS, said

from signoff_collector.labels.schema_files import default_schema
from signoff_schemas.errors import DamagedError
from signoff_schemas.labels import LabelSet, label_set_bytes, parse_label_set, parse_schema

Json = dict[str, Any]


def small_set() -> LabelSet:
    schema = default_schema()
    return LabelSet(
        label_set=1,
        episode_sha256="e" * 64,
        episode_steps=50,
        schema_sha256=schema.sha256,
        label_schema=schema,
        labeller="a" * 32,
        labels=(said("judgement", "good", 1), said("intent", WORDS, 2, 9)),
    )


def test_a_label_set_is_read_as_it_was_written() -> None:
    content = label_set_bytes(small_set())
    assert content.isascii()
    assert parse_label_set(content) == small_set()


BROKEN: dict[str, Callable[[Json], object]] = {
    "another version": lambda one: one.update(label_set=2),
    "an unknown name": lambda one: one.update(surprise=1),
    "another schema": lambda one: one["label_schema"].update(name="other"),
    "an unknown field": lambda one: one["labels"][0].update(field="mood"),
    "an unknown value": lambda one: one["labels"][0].update(value="great"),
    "a number for a tag": lambda one: one["labels"][0].update(value=1),
    "a label beyond the end": lambda one: one["labels"][1].update(last=50),
    "a span that ends before it begins": lambda one: one["labels"][1].update(first=10),
    "two labels of one place": lambda one: one["labels"].append(one["labels"][1]),
    "labels out of order": lambda one: one["labels"].reverse(),
    "a line break in words": lambda one: one["labels"][1].update(value="a\nb"),
    "half a surrogate pair": lambda one: one["labels"][1].update(value="\ud83d"),
    "words that are too long": lambda one: one["labels"][1].update(value="a" * 201),
    "a proposal as a label": lambda one: one["labels"][0].update(origin="proposed"),
    "a time finer than a day": lambda one: one["labels"][0].update(set_on="2026-11-28T10:00:00Z"),
    "a day that is none": lambda one: one["labels"][0].update(set_on="2026-02-30"),
    "no labeller": lambda one: one.pop("labeller"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_set_that_says_something_else_is_none(how: str) -> None:
    value = json.loads(label_set_bytes(small_set()))
    BROKEN[how](value)
    content = json.dumps(value, ensure_ascii=True, indent=1).encode() + b"\n"
    with pytest.raises(DamagedError):
        parse_label_set(content)


def test_another_spelling_of_the_same_set_is_refused() -> None:
    content = label_set_bytes(small_set())
    for other in (content + b"\n", content.replace(b'"e', b'"\\u0065', 1), content[:-1]):
        with pytest.raises(DamagedError):
            parse_label_set(other)
    twice = content.replace(b"{\n", b'{\n "label_set": 1,\n', 1)
    with pytest.raises(DamagedError, match="every name given once"):
        parse_label_set(twice)


@given(st.binary(max_size=300))
def test_whatever_bytes_are_read_as_a_set_or_a_schema_are_refused_as_damaged(data: bytes) -> None:
    for parse in (parse_label_set, parse_schema):
        with pytest.raises(DamagedError):
            parse(data)


@given(st.data())
def test_a_changed_byte_of_a_set_is_another_set_or_damaged(data: st.DataObject) -> None:
    content = bytearray(label_set_bytes(small_set()))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[place]))
    try:
        found = parse_label_set(bytes(content))
    except DamagedError:
        return
    assert label_set_bytes(found) == bytes(content)
    assert found != small_set()


def test_no_message_repeats_a_word_of_the_document() -> None:
    value = json.loads(label_set_bytes(small_set()))
    value["labels"][0]["value"] = "a-very-private-word"
    value["a-private-name"] = 1
    with pytest.raises(DamagedError) as caught:
        parse_label_set(json.dumps(value, indent=1).encode() + b"\n")
    assert "private" not in f"{caught.value}{caught.value.hint}"


def schema_json(**fields: object) -> bytes:
    scale = {"kind": "scale", "name": "s", "lowest": 0, "highest": 3, **fields}
    return json.dumps({"label_schema": 1, "name": "x", "fields": [scale]}).encode()


@pytest.mark.parametrize(
    "fields",
    [
        {"highest": 0}, {"highest": 100}, {"measure": "ratio", "lowest": -1}, {"kind": "bar"},
        {"name": "Two Words"}, {"key": "ab"}, {"where": "nowhere"}, {"words": "a\tb"},
        {"lowest": 1.5},
    ],
)  # fmt: skip
def test_a_scale_that_makes_no_sense_is_refused(fields: Json) -> None:
    assert parse_schema(schema_json()).keys() == []
    with pytest.raises(DamagedError):
        parse_schema(schema_json(**fields))


@pytest.mark.parametrize(
    ("where", "first", "last", "is_right"),
    [("step", 3, 3, True), ("step", 3, 4, False), ("span", 3, 4, True), ("span", 3, 3, False),
     ("any", 3, 3, True), ("any", 3, 9, True)],
)  # fmt: skip
def test_a_field_is_said_of_what_it_is_for(
    where: str, first: int, last: int, *, is_right: bool
) -> None:
    schema = parse_schema(schema_json(where=where))
    assert (schema.fault_of("s", 2, first, last) is None) is is_right
