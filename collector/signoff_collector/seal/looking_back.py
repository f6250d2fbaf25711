"""What an editor or a list tells of an episode without opening it: counts and a title."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.episode.verdicts import RedTests, Run
from signoff_schemas.steps import AnyStep, TaskStep, TestsStep

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode

_MOST_CHARACTERS: Final = 200
_MOST_FILES: Final = 2


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


def title_of(episode: Episode) -> str:
    """Return the first task that was stated, else the files that were edited most; maybe empty."""
    for step in episode.steps:
        if isinstance(step, TaskStep) and step.text:
            return step.text.partition("\n")[0][:_MOST_CHARACTERS]
    numbers, counts = np.unique(episode.edits.file, return_counts=True)
    most = [int(number) for number in numbers[np.argsort(-counts, kind="stable")]]
    return ", ".join(episode.files[number] for number in most[:_MOST_FILES])[:_MOST_CHARACTERS]
