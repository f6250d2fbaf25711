"""Counts an episode's tasks and fixed tests, which an editor shows without opening it."""

from __future__ import annotations

from collections.abc import Iterable

from signoff_collector.episode.verdicts import RedTests, Run
from signoff_schemas.steps import AnyStep, TaskStep, TestsStep


def count_tasks(steps: Iterable[AnyStep]) -> int:
    """Return the number of `task` steps."""
    return sum(isinstance(step, TaskStep) for step in steps)


def count_red_to_green(steps: Iterable[AnyStep]) -> int:
    """Return the number of tests that failed in one run and passed in a later one.

    A run without results per test counts as one test, identified by its command.
    """
    red = RedTests[int]()
    turned: set[str] = set()
    for step in steps:
        if isinstance(step, TestsStep):
            turned.update(red.take(Run.of(step), step.seq))
    return len(turned)
