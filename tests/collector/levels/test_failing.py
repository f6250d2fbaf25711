"""Which tests are red at a place, and which line says why."""

from __future__ import annotations

import pytest
from tests.support.episodes import ASTRAL
from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist

from signoff_collector.levels.failing import Failing, FailingTests, RedTest, telling_line


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
