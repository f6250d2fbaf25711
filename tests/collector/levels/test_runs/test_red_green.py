"""Which tests turned from red to green and back, and between which runs."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st
from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.levels.test_runs.red_green import Turns, turns

A, B = "tests/test_words.py::test_a", "tests/test_words.py::test_b 😀🚀"


def turns_of(episode: Episode) -> Turns:
    return turns(episode, Moments(episode))


def begun() -> Typist:
    typist = Typist()
    typist.open("words.py", "# 😀🚀\n")
    typist.open("tests/test_words.py", "def test_a():\n    assert one() == 1\n")
    return typist


def work(typist: Typist, path: str = "words.py") -> None:
    typist.type_at_end(path, "x = 1\n")
    typist.save(path)


def test_a_repair_lies_between_the_last_failure_and_the_pass() -> None:
    typist = begun()
    run_tests(typist, {A: "passed", B: "passed"})
    work(typist)
    red = run_tests(typist, {A: "failed", B: "passed"})
    work(typist)
    last = run_tests(typist, {A: "failed"})
    work(typist)
    green = run_tests(typist, {A: "passed"})
    (one,) = turns_of(typist.episode()).repaired
    assert (one.test, one.red, one.last_red, one.green) == (A, red, last, green)
    assert (one.is_new, one.is_tree_changed, one.is_by_test_edit) == (False, True, False)
    (broken,) = turns_of(typist.episode()).broken
    assert (broken.test, broken.red, broken.is_tree_changed) == (A, red, True)


def test_a_test_that_fails_first_is_new_and_its_own_file_is_told_apart() -> None:
    typist = begun()
    run_tests(typist, {A: "failed", B: "passed"})
    work(typist, "tests/test_words.py")
    run_tests(typist, {A: "passed", B: "passed"})
    (one,) = turns_of(typist.episode()).repaired
    assert one.is_new
    assert one.is_by_test_edit


def test_a_test_that_turns_without_any_change_is_flaky() -> None:
    typist = begun()
    for outcome in ("failed", "passed", "failed"):
        run_tests(typist, {A: outcome})
    found = turns_of(typist.episode())
    assert [one.is_tree_changed for one in found.repaired] == [False, False]
    assert [one.is_tree_changed for one in found.broken] == [False]


def test_equal_trees_are_equal_though_a_file_was_saved_between() -> None:
    typist = begun()
    run_tests(typist, {A: "failed"}, state_before=3)
    work(typist)
    run_tests(typist, {A: "passed"}, state_before=3)
    run_tests(typist, {A: "failed"}, state_before=3)
    run_tests(typist, {A: "passed"}, state_before=4)
    repaired = turns_of(typist.episode()).repaired
    assert [one.is_tree_changed for one in repaired] == [False, True]


def test_a_run_that_was_interrupted_or_collected_nothing_makes_no_test_red() -> None:
    typist = begun()
    run_tests(typist, {}, exit_code=130)
    run_tests(typist, {}, exit_code=5)
    run_tests(typist, {}, exit_code=0)
    assert turns_of(typist.episode()).repaired == ()
    run_tests(typist, {}, exit_code=1)
    (one,) = turns_of(typist.episode()).repaired
    assert (one.test, one.green) == ("pytest", None)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from([A, B]), st.sampled_from(["passed", "failed", "skipped"]), min_size=1
        )
    )
)
def test_turns_are_those_of_a_plain_model(runs: list[dict[str, str]]) -> None:
    """The model: of each test the verdicts in order; a turn is two unlike neighbours."""
    typist = begun()
    told: dict[str, list[tuple[int, str]]] = {A: [], B: []}
    for outcomes in runs:
        seq = run_tests(typist, outcomes, selection=("-k", "it"))
        for name, outcome in outcomes.items():
            if outcome != "skipped":
                told[name].append((seq, outcome))
    repaired, broken = set[tuple[str, int, int | None]](), set[tuple[str, int, int]]()
    for name, verdicts in told.items():
        for (before, one), (after, other) in itertools.pairwise(verdicts):
            if (one, other) == ("failed", "passed"):
                repaired.add((name, before, after))
            if (one, other) == ("passed", "failed"):
                broken.add((name, before, after))
        if verdicts and verdicts[-1][1] == "failed":
            repaired.add((name, verdicts[-1][0], None))
    found = turns_of(typist.episode())
    assert {(one.test, one.last_red, one.green) for one in found.repaired} == repaired
    assert {(one.test, one.green, one.red) for one in found.broken} == broken
    for one in found.repaired:
        assert one.red <= one.last_red
        assert one.green is None or one.last_red < one.green
