"""The two numbers that a sealed session keeps about itself."""

from __future__ import annotations

from typing import Any

from signoff_collector.seal.looking_back import count_red_to_green, count_tasks
from signoff_schemas.steps import TestsStep, parse_step


def run(outcome: str | None, name: str = "t::a", **more: object) -> TestsStep:
    cases: list[dict[str, Any]] = [] if outcome is None else [{"id": name, "outcome": outcome}]
    step = parse_step({**COMMON, "kind": "tests", "run_id": "r", "framework": "pytest",
                       "cases": cases, **more})  # fmt: skip
    assert isinstance(step, TestsStep)
    return step


COMMON: dict[str, object] = {"seq": 0, "t_ns": 0, "t_kind": "event", "source": "test"}


def test_a_test_that_failed_and_passed_later_counts_once() -> None:
    assert count_red_to_green([run("failed"), run("passed"), run("error"), run("passed")]) == 1
    assert count_red_to_green([run("passed"), run("failed")]) == 0
    assert count_red_to_green([run("failed"), run("skipped")]) == 0
    assert count_red_to_green([run("failed"), run("passed", "t::b")]) == 0


def test_a_run_without_results_counts_by_its_exit_code() -> None:
    def made(goal: str, code: int | None) -> TestsStep:
        return run(None, framework="make", argv=["make", goal], exit_code=code)

    red = made("test", 2)
    assert count_red_to_green([red, made("test", 0)]) == 1
    assert count_red_to_green([red, made("lint", 0)]) == 0
    assert count_red_to_green([red, made("test", None)]) == 0


def test_only_tasks_are_tasks() -> None:
    task = parse_step({**COMMON, "kind": "task", "text": "mend \U0001f600\U0001f9ea"})
    note = parse_step({**COMMON, "kind": "note", "text": "x", "stated": "live"})
    assert count_tasks([task, note, task]) == 2
