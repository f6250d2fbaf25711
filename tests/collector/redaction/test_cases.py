"""Results of tests: every string that a case may hold is visited, masked, and gone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.leaks import leaks_in_bytes, leaks_in_episode, random_secret
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.known_values.exact_values import of_values
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.redaction.strings.step_strings import map_strings, strings_of
from signoff_collector.redaction.strings.structure import schema_words
from signoff_schemas.cases import OUTCOMES, Cases
from signoff_schemas.steps import TestsStep, UnknownStep
from signoff_schemas.values import Frame, TestCase

SECRET = random_secret(77, 24)
PLACES = {
    "id": {"id": f"tests/a.py::test_😀🚀[{SECRET}]"},
    "id beside a message": {"id": f"t::{SECRET}", "message": "plain 😀🚀"},
    "message": {"message": f"assert 'x' == '{SECRET}' 😀🚀"},
    "path of the frame": {"frame": {"path": f"src/{SECRET}/😀🚀.py", "line": 3}},
    "function of the frame": {"frame": {"path": "src/a.py", "line": 3, "function": SECRET}},
    "message of a long run": {"message": f"got {SECRET}", "duration_ns": 2**63, "reruns": 2},
}
FRAMES = st.none() | st.builds(
    Frame, path=st.text(max_size=3), line=st.just(1), function=st.none() | st.text(max_size=3)
)
CASES = st.lists(
    st.builds(
        TestCase,
        id=st.text(max_size=3),
        outcome=st.sampled_from(OUTCOMES),
        duration_ns=st.none() | st.sampled_from([0, 2**63]),
        message=st.none() | st.text(max_size=3),
        frame=FRAMES,
    ),
    max_size=5,
)


def run_of(cases: object) -> TestsStep:
    fields = {"seq": 0, "t_ns": 0, "source": "run", "run_id": "r", "framework": "pytest"}
    return TestsStep.model_validate({**fields, "cases": cases})


def _sealed(fields: dict[str, object]) -> tuple[Episode, bytes]:
    typist = Typist()
    typist.open("a.py", "x = 1\n😀🚀\n")
    plain = {"id": "t::plain", "outcome": "passed", "duration_ns": 5}
    case = {"id": "t::named", "outcome": "failed"} | fields
    typist.add(TestsStep, run_id="r", framework="pytest", cases=[plain, case, plain])
    typist.type_at_end("a.py", "y = 2\n")
    redactor = Redactor(RedactionPolicy(exact_values=of_values([SECRET])))
    return redactor.seal_episode(typist.episode())


@pytest.mark.parametrize("fields", PLACES.values(), ids=PLACES.keys())
def test_a_value_anywhere_in_a_case_is_masked(fields: dict[str, object]) -> None:
    redacted, data = _sealed(fields)
    (run,) = (step for step in redacted.steps if isinstance(step, TestsStep))
    assert "REDACTED_SECRET_1" in str(run.cases[1])
    assert [case.id for case in (run.cases[0], run.cases[2])] == ["t::plain", "t::plain"]
    assert [case.duration_ns for case in (run.cases[0], run.cases[2])] == [5, 5]
    assert run.cases[1].duration_ns == fields.get("duration_ns")
    assert leaks_in_episode(redacted, [SECRET]) == []
    assert leaks_in_bytes(data, [SECRET]) == []


def test_a_value_in_a_field_of_a_case_that_a_newer_kind_holds_is_masked() -> None:
    typist = Typist()
    typist.open("a.py", "x = 1\n😀🚀\n")
    case = {"id": "t::a", "outcome": "passed", "extra": {"deep": [f"so {SECRET} 😀🚀"]}}
    typist.add(UnknownStep, kind="trials", cases=[case])
    redactor = Redactor(RedactionPolicy(exact_values=of_values([SECRET])))
    redacted, data = redactor.seal_episode(typist.episode())
    (step,) = (one for one in redacted.steps if isinstance(one, UnknownStep))
    assert "REDACTED_SECRET_1" in str(step.model_extra)
    assert leaks_in_bytes(data, [SECRET]) == []


@given(CASES)
def test_columns_are_visited_as_models_are(cases: list[TestCase]) -> None:
    columns = run_of(cases)
    models = columns.model_copy(update={"cases": tuple(cases)})
    assert isinstance(columns.cases, Cases)
    assert strings_of(columns) == strings_of(models)


@given(CASES, st.sets(st.integers(0, 20)))
def test_what_a_visitor_returns_stands_in_its_place(
    cases: list[TestCase], chosen: set[int]
) -> None:
    count = iter(range(1000))

    def visit(_: str, text: str) -> str:
        return f"<{text}>" if next(count) in chosen else text

    shown = map_strings(run_of(cases), visit)
    count = iter(range(1000))
    models = run_of([]).model_copy(update={"cases": tuple(cases)})
    assert isinstance(shown.cases, Cases)
    assert shown.cases == map_strings(models, visit).cases


def test_cases_with_nothing_to_mask_stay_the_very_same() -> None:
    run = run_of(
        [{"id": "a", "outcome": "passed"}, {"id": "b", "outcome": "error", "message": "m"}]
    )
    assert map_strings(run, lambda _, text: text) is run


def test_every_field_of_a_case_is_visited_or_cannot_hold_a_string() -> None:
    frame = Frame(path="P", line=1, function="F")
    full = TestCase(id="I", outcome="failed", duration_ns=1, message="M", frame=frame, reruns=1)
    assert set(full.model_fields_set) == set(TestCase.model_fields)
    said = [text for pointer, text in strings_of(run_of([full])) if pointer.startswith("/cases/")]
    assert said == ["I", "M", "P", "F"]


def test_the_words_of_cases_are_words_that_every_episode_holds() -> None:
    assert {*TestCase.model_fields, *Frame.model_fields, *OUTCOMES} <= set(schema_words().split())
