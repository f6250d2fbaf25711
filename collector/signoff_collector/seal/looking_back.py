"""What an episode came to, in two numbers that an editor may show without opening it."""

from __future__ import annotations

from collections.abc import Iterable

from signoff_collector.episode.verdicts import RedTests, Run
from signoff_schemas.steps import AnyStep, TaskStep, TestsStep


def count_tasks(steps: Iterable[AnyStep]) -> int:
    """Return how many tasks were told."""
    return sum(isinstance(step, TaskStep) for step in steps)


def count_red_to_green(steps: Iterable[AnyStep]) -> int:
    """Return how many tests failed in one run and passed in a later one.

    A run without single results counts as one test, told apart by its command.
    """
    red = RedTests[int]()
    turned: set[str] = set()
    for step in steps:
        if isinstance(step, TestsStep):
            turned.update(red.take(Run.of(step), step.seq))
    return len(turned)
