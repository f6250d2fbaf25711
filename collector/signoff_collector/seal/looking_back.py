"""What an episode came to, in two numbers that an editor may show without opening it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from signoff_schemas.steps import StepBase, TaskStep, TestsStep

_RED: Final = frozenset({"failed", "error"})
_GREEN: Final = frozenset({"passed", "xpassed"})


def count_tasks(steps: Iterable[StepBase]) -> int:
    """Return how many tasks were told."""
    return sum(isinstance(step, TaskStep) for step in steps)


def count_red_to_green(steps: Iterable[StepBase]) -> int:
    """Return how many tests failed in one run and passed in a later one.

    A run without single results counts as one test, told apart by its command.
    """
    red: set[str] = set()
    turned: set[str] = set()
    for step in steps:
        if not isinstance(step, TestsStep):
            continue
        for name, is_green in _results(step):
            if not is_green:
                red.add(name)
            elif name in red:
                turned.add(name)
    return len(turned)


def _results(step: TestsStep) -> list[tuple[str, bool]]:
    if not step.cases:
        known = step.exit_code is not None
        return [("\0".join(step.argv), step.exit_code == 0)] if known else []
    told = _RED | _GREEN
    cases = zip(step.cases.ids, step.cases.outcomes, strict=True)
    return [(name, outcome in _GREEN) for name, outcome in cases if outcome in told]
