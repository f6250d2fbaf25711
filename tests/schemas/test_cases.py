"""The columns of a test run's cases are, seen from outside, a tuple of `TestCase`."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from signoff_schemas.cases import OUTCOMES, Cases
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import TestsStep, parse_step, step_json
from signoff_schemas.values import TestCase

PLAIN = TypeAdapter(tuple[TestCase, ...])
COUNTS = st.none() | st.integers(0, 5) | st.sampled_from([2**63 - 1, 2**63, 2**64 - 1])
TEXTS = st.sampled_from(["", "t::a😀🚀", "\ud800", "x" * 40]) | st.text(max_size=5)
FRAMES = st.fixed_dictionaries(
    {"path": TEXTS, "line": st.integers(0, 9)}, optional={"function": st.none() | TEXTS}
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"id": TEXTS, "outcome": st.sampled_from(OUTCOMES)},
        optional={
            "duration_ns": COUNTS,
            "message": st.none() | TEXTS,
            "frame": st.none() | FRAMES,
            "reruns": COUNTS,
        },
    ),
    max_size=6,
)
ODD = (
    st.none() | st.booleans() | st.integers(-2, 3) | st.just(2.0) | st.just("7") | TEXTS
    | st.lists(st.integers(), max_size=1) | st.dictionaries(TEXTS, TEXTS, max_size=1)
)  # fmt: skip


def run_of(cases: object, **more: object) -> TestsStep:
    fields = {"seq": 0, "t_ns": 0, "source": "run", "run_id": "r", "framework": "pytest"}
    return TestsStep.model_validate({**fields, "cases": cases, **more})


@given(ROWS)
def test_columns_hold_what_models_hold(rows: list[dict[str, object]]) -> None:
    models = PLAIN.validate_python(rows)
    cases = run_of(rows).cases
    assert cases == models
    assert cases == Cases(models) == run_of(models).cases == run_of(cases).cases
    assert hash(cases) == hash(models)
    assert list(cases.ids) == [case.id for case in models]
    assert list(cases.outcomes) == [case.outcome for case in models]
    assert list(cases.durations_ns) == [case.duration_ns for case in models]
    assert list(cases.messages) == [case.message or "" for case in models]
    assert [cases[at] for at in range(-len(cases), 0)] == list(models)
    assert cases[1:3] == models[1:3]
    assert len(cases) == len(models)


@given(ROWS, st.sampled_from(["json", "python"]), st.sampled_from(["", "none", "defaults"]))
def test_columns_are_published_as_models_are(
    rows: list[dict[str, object]], mode: Literal["json", "python"], left_out: str
) -> None:
    models = PLAIN.validate_python(rows)
    no_none, no_defaults = left_out == "none", left_out == "defaults"
    dumped = run_of(rows).model_dump(mode=mode, exclude_none=no_none, exclude_defaults=no_defaults)
    published = dumped.get("cases", ())
    expected = PLAIN.dump_python(
        models, mode=mode, exclude_none=no_none, exclude_defaults=no_defaults
    )
    if rows or left_out != "defaults":
        assert published == expected
        assert [list(row) for row in published] == [list(row) for row in expected]


@given(ROWS, ROWS)
def test_two_runs_are_equal_where_their_models_are(
    one: list[dict[str, object]], other: list[dict[str, object]]
) -> None:
    is_equal = PLAIN.validate_python(one) == PLAIN.validate_python(other)
    assert (run_of(one).cases == run_of(other).cases) is is_equal


@given(ROWS, st.dictionaries(st.sampled_from([*TestCase.model_fields, "new"]), ODD, max_size=3))
def test_what_no_model_takes_is_refused_at_the_same_place(
    rows: list[dict[str, object]], odd: dict[str, object]
) -> None:
    told: list[object] = [*rows, {"id": "a", "outcome": "passed", **odd}]
    try:
        expected = PLAIN.validate_python(told)
    except ValidationError as error:
        with pytest.raises(ValidationError) as found:
            run_of(told)
        places = [("cases", *one["loc"]) for one in error.errors(include_url=False)]
        assert [one["loc"] for one in found.value.errors(include_url=False)] == places
    else:
        assert run_of(told).cases == expected


@pytest.mark.parametrize("cases", [None, 3, "passed", {"id": "a"}, [3], [["a", "passed"]]])
def test_what_is_no_list_of_cases_is_refused(cases: object) -> None:
    with pytest.raises(ValidationError):
        run_of(cases)


def test_an_unknown_field_of_a_case_is_refused_without_being_named_by_its_content() -> None:
    case = {"id": "a", "outcome": "passed", "duration_ns": 1, "extra": "content 😀🚀"}
    row = {**run_of([]).model_dump(mode="json"), "cases": [case]}
    with pytest.raises(DamagedError) as raised:
        parse_step(row)
    assert "cases.0.extra" in str(raised.value)
    assert "content" not in str(raised.value)


def test_replacing_keeps_the_other_cases_and_makes_no_second_copy_of_their_ids() -> None:
    cases = Cases(
        [
            TestCase(id="t::first", outcome="passed", duration_ns=3),
            TestCase(id="t::second", outcome="failed", message="m😀🚀"),
            TestCase(id="t::third", outcome="xpassed", reruns=0),
        ]
    )
    new = cases.replaced({1: TestCase(id="t::second", outcome="failed", message="shown")})
    assert list(new.messages) == ["", "shown", ""]
    assert new[0] == cases[0]
    assert new[2] == cases[2]
    again = Cases([{"id": "".join(["t::", "first"]), "outcome": "error"}])
    assert again.ids[0] is cases.ids[0]


def test_a_copy_that_nobody_validated_is_published_all_the_same() -> None:
    case = TestCase(id="a", outcome="passed")
    copied = run_of([]).model_copy(update={"cases": (case,)})
    assert step_json(copied)["cases"] == [{"id": "a", "outcome": "passed"}]
