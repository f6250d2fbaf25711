"""Which tests are red at a place, and which line says why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.episodes import ASTRAL
from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist

from signoff_collector.levels.test_runs.failing import Failing, FailingTests, RedTest, telling_line


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (
            f"def test():\n    one\n>   assert a\nE   assert {ASTRAL}\nE    +  where",
            f"assert {ASTRAL}",
        ),
        (f"\n  Expected {ASTRAL}\nreceived", f"Expected {ASTRAL}"),
        ("", ""),
        ("\n \n", ""),
    ],
)
def test_the_line_that_says_what_is_wrong(message: str, line: str) -> None:
    assert telling_line(message) == line


def test_a_test_is_red_from_its_failure_until_it_passes() -> None:
    typist = Typist()
    typist.open("a.py", "a = 1\n")
    red = run_tests(typist, {f"t.py::test_{ASTRAL}": "failed", "t.py::test_b": "failed"})
    partly = run_tests(typist, {f"t.py::test_{ASTRAL}": "passed", "t.py::test_b": "failed"})
    green = run_tests(typist, {"t.py::test_b": "passed"})
    failing = FailingTests(typist.episode())
    a, b = (
        RedTest(name=name, message=f"E   {name} is wrong")
        for name in (f"t.py::test_{ASTRAL}", "t.py::test_b")
    )
    assert failing.at(red - 1) is None
    assert failing.at(red) == Failing(tests=(a, b), count=2)
    assert failing.at(partly) == Failing(tests=(b,), count=1)
    assert failing.at(green) is None


CASES = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["t.py::a", "t.py::b"]),
        "outcome": st.sampled_from(["passed", "failed", "error", "skipped", "xfailed"]),
    },
    optional={"message": st.sampled_from([f"one {ASTRAL}", "two", "three"])},
)
RUNS = st.lists(
    st.lists(CASES, min_size=1, max_size=2, unique_by=lambda case: case["id"]), max_size=6
)


@given(RUNS)
def test_a_red_test_says_what_its_latest_failure_said(told: list[list[dict[str, str]]]) -> None:
    typist = Typist()
    typist.open("a.py", "a = 1\n")
    model: dict[str, str] = {}
    for cases in told:
        run = {case["id"]: case["outcome"] for case in cases}
        seq = run_tests(typist, run, cases=tuple(cases), selection=("-k", "x"), exit_code=1)
        for case in cases:
            if case["outcome"] in {"failed", "error"}:
                model[case["id"]] = case.get("message", "")
            elif case["outcome"] == "passed":
                model.pop(case["id"], None)
        found = FailingTests(typist.episode()).at(seq)
        assert model == ({} if found is None else {one.name: one.message for one in found.tests})
