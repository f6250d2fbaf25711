"""What a sealed session keeps about itself: two numbers and a title."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.support.episodes import sample_episode

from signoff_collector.seal.looking_back import count_red_to_green, count_tasks, title_of
from signoff_schemas.steps import AnyStep, TestsStep, parse_step


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


def test_the_title_is_the_first_stated_task_else_the_files_most_worked_on() -> None:
    episode = replace(sample_episode(), steps=())
    assert title_of(episode) == ", ".join(episode.files[:2])
    text = "mend the count \U0001f600\U0001f9ea\nand more"
    task = parse_step({**COMMON, "kind": "task", "task": 0, "origin": "person",
                       "stated": "during", "text": text})  # fmt: skip
    stated = replace(episode, steps=(*episode.steps, task))
    assert title_of(stated) == "mend the count \U0001f600\U0001f9ea"
    assert title_of(replace(stated, steps=(replace_text(task, "x" * 900),))) == "x" * 200


def replace_text(step: AnyStep, text: str) -> AnyStep:
    return step.model_copy(update={"text": text})
