"""Labels of several people, unit by unit: values, disagreements, agreement, and what comes next."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from tests.support.labels import home_at, opened_by, proposed, put_day, said

from signoff_collector.labels.comparing import (
    Agreement,
    Disagreement,
    agreements,
    disagreements,
    value_of,
)
from signoff_collector.labels.opening import with_others
from signoff_collector.labels.queue import queue_of
from signoff_collector.labels.schema_files import default_schema, parse_yaml_schema
from signoff_collector.labels.units import Unit
from signoff_schemas.errors import NotSignedError, RefusedError, UsageError
from signoff_schemas.labels import Label, LabelSet


def unit(first: int, last: int) -> Unit:
    return Unit(first=first, last=last, word="typed", text="a.py")


def set_of(letter: str, *labels: Label) -> LabelSet:
    schema = default_schema()
    return LabelSet(
        label_set=1, episode_sha256="e" * 64, episode_steps=100, schema_sha256=schema.sha256,
        label_schema=schema, labeller=letter * 32,
        labels=tuple(sorted(labels, key=lambda one: one.place)),
    )  # fmt: skip


UNITS = tuple(unit(10 * n, 10 * n + 9) for n in range(4))


def test_the_shortest_label_that_meets_a_unit_speaks_for_it() -> None:
    wide, narrow, beside = said("phase", "patch", 0, 39), said("phase", "validate", 12, 14), said(
        "phase", "localise", 21, 21
    )  # fmt: skip
    labels = [wide, narrow, beside]
    assert [value_of(labels, one) for one in UNITS] == ["patch", "validate", "localise", "patch"]
    assert value_of([narrow], UNITS[0]) is None
    equal = [said("phase", "patch", 8, 11), said("phase", "validate", 9, 12)]
    assert value_of(equal, UNITS[0]) == "patch"
    assert value_of(equal, UNITS[1]) == "validate"


def test_agreement_is_of_a_field_and_of_all_labellers_together() -> None:
    first = set_of("a", *(said("judgement", "good", 10 * n) for n in range(3)),
                   said("judgement", "mistake", 30))  # fmt: skip
    second = set_of("b", *(said("judgement", "good", 10 * n) for n in range(3)),
                    said("judgement", "recover", 30), said("difficulty", 3, 0))  # fmt: skip
    found = {one.field: one for one in agreements([first, second], UNITS)}
    assert set(found) == {"judgement", "phase", "difficulty"}
    assert found["judgement"].units == 4
    # o: 6 of good, one pair apart; e by hand: n=8, n_good=6, n_mistake=1, n_recover=1
    assert found["judgement"].alpha == pytest.approx(1 - 7 * 2 / (2 * (6 + 6 + 1)))
    assert found["difficulty"].measure == "ordinal"
    assert found["difficulty"].alpha is None
    (differing,) = disagreements([first, second], UNITS)
    assert differing.unit == UNITS[3]
    assert differing.values == ("mistake", "recover")


def test_nothing_that_is_compared_names_a_labeller() -> None:
    names = {field.name for kind in (Agreement, Disagreement) for field in fields(kind)}
    assert names == {"field", "measure", "alpha", "units", "unit", "values"}


def test_the_order_of_labellers_changes_no_agreement() -> None:
    sets = [set_of("a", said("phase", "patch", 0)), set_of("b", said("phase", "patch", 0, 25)),
            set_of("c", said("phase", "validate", 5, 33))]  # fmt: skip
    assert list(agreements(sets, UNITS)) == list(agreements(sets[::-1], UNITS))


def test_sets_that_cannot_be_compared_are_refused() -> None:
    one, other = set_of("a"), set_of("b")
    schema = parse_yaml_schema(b"{label_schema: 1, name: o, fields: [{kind: text, name: x}]}")
    foreign = other.model_copy(update={"label_schema": schema, "schema_sha256": schema.sha256})
    for sets in ([], [one], [one, one], [one, foreign], [set_of("a")] * 30):
        with pytest.raises(UsageError):
            list(agreements(sets, UNITS))


def test_what_is_least_certain_comes_first() -> None:
    two, three = (
        Disagreement(field="judgement", unit=UNITS[3], values=("good", "mistake", None)),
        Disagreement(field="judgement", unit=UNITS[2], values=("good", "mistake", "recover")),
    )
    sure, unsure = proposed("mistake", 1, 2, sure=90), proposed("mistake", 50, 60, sure=40)
    disputed = proposed("mistake", 70, 72, sure=95), proposed("recover", 70, 72, sure=95)
    waiting = queue_of([two, three], [sure, unsure, *disputed])
    assert [(one.first, one.last) for one in waiting] == [
        (20, 29), (30, 39), (70, 72), (70, 72), (50, 60), (1, 2),
    ]  # fmt: skip
    assert waiting[1].why == "labellers differ: good / mistake / -"
    assert waiting[-1].proposal == sure
    assert "for this reason" in waiting[-1].why


def test_sets_of_others_have_to_be_signed_by_them_and_of_this_episode(tmp_path: Path) -> None:
    me = opened_by(home_at(tmp_path / "me"), put_day(tmp_path / "mine"))
    ada = opened_by(home_at(tmp_path / "ada"), put_day(tmp_path / "adas"))
    me.file.set_label("judgement", "good", 20, 20)
    ada.file.set_label("judgement", "mistake", 20, 20)
    with pytest.raises(NotSignedError, match="not signed"):
        with_others(me, [ada.file.path])
    ada.file.sign()
    found = with_others(me, [ada.file.path])
    assert [one.labeller for one in found] == [
        me.file.found.labeller, ada.file.found.labeller,
    ]  # fmt: skip
    assert with_others(me, [ada.file.path, me.file.path])[0].labeller == ada.file.found.labeller
    content = ada.file.path.read_bytes()
    ada.file.path.write_bytes(content.replace(b'"mistake",\n   "first"', b'"good",\n   "first"'))
    with pytest.raises(NotSignedError, match="not over these bytes"):
        with_others(me, [ada.file.path])
    other = me.file.path.with_name("o.labels.json")
    other.write_bytes(me.file.path.read_bytes().replace(me.sha256.encode(), b"0" * 64))
    with pytest.raises(RefusedError):
        with_others(me, [other])
