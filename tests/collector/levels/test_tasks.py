"""A session is proposed as tasks: where they end, and what they are called."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.odd_day import odd_day
from tests.support.runs_of_tests import run_tests as told_tests
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.levels.tasks import Proposal, proposed_tasks
from signoff_collector.levels.telling import level_lines
from signoff_schemas.steps import GitStep, TaskStep, TestsStep, ViewStep

MINUTE_MS = 60_000


def covers(episode: Episode, found: tuple[Proposal, ...]) -> bool:
    bounds = [-1, *(one.to_seq for one in found)]
    firsts = [one.from_seq for one in found]
    return firsts == [bound + 1 for bound in bounds[:-1]] and bounds[-1] == episode.step_count - 1


def commit(typist: Typist, message: str) -> None:
    typist.add(GitStep, operation="commit", message=message)


def run_tests(typist: Typist, outcome: str) -> None:
    cases = ({"id": "test_a", "outcome": outcome},)
    typist.add(TestsStep, run_id=f"r{typist.seq}", framework="pytest", cases=cases)


def test_each_commit_ends_a_task_that_is_called_by_its_message() -> None:
    typist = Typist()
    typist.open("src/a.py", "# 😀🚀\n")
    typist.type_at_end("src/a.py", "one = 1\n")
    commit(typist, "Count 😀🚀 from one\n\nIt began at zero.")
    typist.type_at_end("src/a.py", "two = 2\n")
    commit(typist, "Count on")
    typist.add(ViewStep, path="src/a.py", visible=({"first": 0, "last": 2},))
    episode = typist.episode()
    found = proposed_tasks(episode)
    assert [one.title for one in found] == ["Count 😀🚀 from one", "Count on"]
    assert [(one.commits, one.files, one.why) for one in found] == [(1, 1, ("commit",))] * 2
    assert covers(episode, found)


def test_the_lines_for_a_person_number_tasks_from_0_as_rows_do() -> None:
    typist = Typist()
    typist.open("src/a.py", "# 😀🚀\n")
    for name in ("One 😀🚀", "Two"):
        typist.type_at_end("src/a.py", "more\n")
        commit(typist, name)
    lines = "\n".join(level_lines(typist.episode()))
    assert "  task 0     One 😀🚀" in lines
    assert "  task 1     Two" in lines


def test_a_stated_task_is_one_task_whatever_it_commits_and_keeps_its_outcome() -> None:
    typist = Typist()
    typist.begin_task("Mend the 😀🚀 parser")
    typist.open("src/a.py", "# 😀🚀\n")
    typist.type_at_end("src/a.py", "one = 1\n")
    commit(typist, "part one")
    typist.type_at_end("src/a.py", "two = 2\n")
    typist.add(TaskStep, text="", outcome="partly", stated="review")
    typist.begin_task("Another")
    typist.type_at_end("src/a.py", "three = 3\n")
    first, second = proposed_tasks(typist.episode())
    assert (first.title, first.task, first.outcome) == ("Mend the 😀🚀 parser", 0, "partly")
    assert (second.title, second.task, second.why) == ("Another", 1, ("stated", "session"))


def test_another_branch_and_a_long_pause_end_a_task() -> None:
    typist = Typist()
    typist.open("src/a.py", "# 😀🚀\n")
    typist.add(GitStep, operation="checkout", branch="main")
    typist.type_at_end("src/a.py", "one = 1\n")
    typist.add(GitStep, operation="checkout", branch="wip/parser")
    typist.type_at_end("src/a.py", "two = 2\n")
    typist.wait(90 * MINUTE_MS)
    typist.type_at_end("src/a.py", "three = 3\n")
    found = proposed_tasks(typist.episode())
    assert [one.title for one in found] == ["main", "wip/parser", "changes in src/a.py"]
    assert [one.why for one in found] == [("branch",), ("idle",), ("session",)]
    assert all(one.duration_ns < 10 * MINUTE_MS * 10**6 for one in found)


def test_green_tests_end_a_task_when_work_goes_on_elsewhere() -> None:
    typist = Typist()
    for path in ("src/a.py", "src/b.py"):
        typist.open(path, "# 😀🚀\n")
    typist.type_at_end("src/a.py", "one = 1  # and more\n")
    run_tests(typist, "failed")
    typist.type_at_end("src/a.py", "two = 2  # and more\n")
    run_tests(typist, "passed")
    typist.type_at_end("src/b.py", "three = 3  # and more\n")
    first, second = proposed_tasks(typist.episode())
    assert (first.why, first.outcome, first.test_runs) == (("red_green",), None, 2)
    assert first.is_green
    assert second.title == "changes in src/b.py"


def test_a_task_counts_as_green_only_where_no_test_of_it_stays_red() -> None:
    typist = Typist()
    typist.begin_task("Mend the 😀🚀 parser")
    typist.open("src/a.py", "# 😀🚀\n")
    outcomes = ({"t.py::a": "failed"}, {"u.py::b": "failed"}, {"u.py::b": "passed"})
    for cases in outcomes:
        told_tests(typist, cases, selection=tuple(cases))
    (task,) = proposed_tasks(typist.episode())
    assert (task.outcome, task.is_green) == (None, False)
    told_tests(typist, {"t.py::a": "passed"}, selection=("t.py::a",))
    (task,) = proposed_tasks(typist.episode())
    assert (task.outcome, task.is_green) == (None, True)


@pytest.mark.parametrize("red", [True, False])
@pytest.mark.parametrize("path", ["src/a.py", "src/b.py"])
def test_a_long_pause_is_no_end_while_a_test_is_red_and_the_same_file_goes_on(
    red: bool, path: str
) -> None:
    typist = Typist()
    for name in ("src/a.py", "src/b.py"):
        typist.open(name, "# 😀🚀\n")
    typist.type_at_end("src/a.py", "one = 1\n")
    told_tests(typist, {"t.py::a": "failed" if red else "passed"}, selection=("t.py::a",))
    typist.wait(40 * MINUTE_MS)
    typist.type_at_end(path, "two = 2\n")
    goes_on = red and path == "src/a.py"
    assert len(proposed_tasks(typist.episode())) == (1 if goes_on else 2)


def test_a_session_without_work_is_one_proposal_and_nothing_is_none() -> None:
    typist = Typist()
    typist.open("src/a.py", "# 😀🚀\n")
    (only,) = proposed_tasks(typist.episode())
    assert (only.title, only.why) == ("looking at src/a.py", ("session",))
    assert proposed_tasks(Typist().episode()) == ()


def test_a_made_up_day_is_proposed_as_tasks_of_some_minutes() -> None:
    day, _ = odd_day(2, scale=0.1)
    found = proposed_tasks(day)
    assert covers(day, found)
    assert 2 <= len(found) <= 12
    assert all(one.edits and one.title.strip() for one in found)


@given(st.lists(st.integers(0, 6), max_size=25))
def test_proposals_cover_any_session_without_overlap(moves: list[int]) -> None:
    typist = Typist()
    typist.open("src/a.py", "# 😀🚀\n")
    for number, move in enumerate(moves):
        match move:
            case 0:
                typist.type_at_end("src/a.py", f"{number}\n")
            case 1:
                commit(typist, "\x1b[31m\u2028" if number % 2 else "")
            case 2:
                typist.begin_task(f"t{number}")
            case 3:
                run_tests(typist, "failed" if number % 3 else "passed")
            case 4:
                typist.add(GitStep, operation="checkout", branch=f"b{number % 2}")
            case 5:
                typist.wait(40 * MINUTE_MS)
            case _:
                typist.save("src/a.py")
    episode = typist.episode()
    found = proposed_tasks(episode)
    assert covers(episode, found)
    assert all(one.to_seq < other.from_seq for one, other in pairwise(found))
    assert all(one.title.isprintable() and one.title.strip() for one in found)
