"""Which tests are red and which turned green, by what each run says and by nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from signoff_collector.episode.verdicts import RedTests, Run

ANSWERS = Path(__file__).parents[3] / "editor_extensions/review_page/test/fixtures/verdicts.json"
"""What both readers say of how a run ended."""


def run(*cases: tuple[str, str], code: int | None = 1, **more: object) -> Run:
    fields: dict[str, object] = {
        "framework": "pytest",
        "argv": ["pytest", "-q"],
        "exit_code": code,
        "cases": [{"id": name, "outcome": outcome} for name, outcome in cases],
        **more,
    }
    return Run.of_fields(fields)


def reds(*runs: Run) -> list[str]:
    red = RedTests[int]()
    for place, one in enumerate(runs):
        red.take(one, place)
    return sorted(red.since)


@pytest.mark.parametrize("code", [2, 3, 4, 5])
def test_pytest_that_ran_no_test_makes_nothing_red_or_green(code: int) -> None:
    empty = run(code=code, argv=["pytest", "-k", "nomatch"])
    assert empty.is_green is None
    assert reds(empty) == []
    before = run(("t.py::a", "failed"))
    assert reds(before, empty) == ["t.py::a"]


def test_pytest_without_single_results_is_red_only_when_it_says_that_tests_failed() -> None:
    assert reds(run(code=1)) == ["pytest -q"]
    assert reds(run(code=1), run(code=0)) == []
    assert reds(run(code=1), run(("t.py::a", "passed"), code=0)) == []
    narrow = run(("t.py::a", "passed"), code=0, selection=["-k", "a"])
    assert reds(run(code=1), narrow) == ["pytest -q"]


@pytest.mark.parametrize(
    ("framework", "code", "is_green"),
    [
        ("make", 2, False), ("go", 1, False), ("cargo", 101, False), ("unittest", 5, None),
        ("unittest", 1, False), ("npm", 127, None), ("npm", 126, None), ("npm", 130, None),
        ("npm", 143, None), ("npm", 139, False), ("npm", 0, True), ("npm", None, None),
    ],
)  # fmt: skip
def test_an_exit_code_is_read_as_its_runner_means_it(
    framework: str, code: int | None, is_green: bool | None
) -> None:
    assert run(code=code, framework=framework).is_green is is_green


def test_a_run_of_a_selection_says_nothing_of_other_tests() -> None:
    both = run(("t.py::a", "failed"), ("t.py::b 😀𝄞", "failed"))
    narrow = run(("t.py::a", "passed"), code=0, selection=["t.py::a"])
    assert reds(both, narrow) == ["t.py::b 😀𝄞"]
    only_k = run(("t.py::a", "passed"), code=0, selection=["-k", "a"])
    assert reds(both, only_k) == ["t.py::b 😀𝄞"]


def test_an_interrupted_run_says_what_its_tests_came_to_and_no_more() -> None:
    both = run(("t.py::a", "failed"), ("t.py::b", "failed"))
    stopped = run(("t.py::a", "passed"), code=2, stopped_early=True)
    assert reds(both, stopped) == ["t.py::b"]
    assert stopped.is_green is None


def test_a_file_that_could_be_collected_again_is_not_red_any_more() -> None:
    red = RedTests[int]()
    assert red.take(run(("t.py", "error"), code=2), 0) == {}
    assert red.take(run(("u.py::x", "passed"), code=0), 1) == {}
    assert red.take(run(("t.py::a", "passed"), code=0), 2) == {"t.py": 0}


def test_a_test_that_is_gone_from_a_file_run_whole_is_not_red_any_more() -> None:
    red = RedTests[int]()
    red.take(run(("t.py::old", "failed")), 0)
    assert red.take(run(("u.py::x", "passed"), code=0), 1) == {}
    assert list(red.since) == ["t.py::old"]
    assert red.take(run(("t.py::new", "passed"), code=0), 2) == {}
    assert red.since == {}


@pytest.mark.parametrize(("framework", "code", "verdict"), json.loads(ANSWERS.read_text()))
def test_the_end_of_a_run_says_what_the_page_says_of_it(
    framework: str, code: int | None, verdict: bool | None
) -> None:
    assert Run(framework=framework, exit_code=code).says_by_its_end is verdict
