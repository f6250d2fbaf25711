"""What the test runs of an episode are good for: a result, a repair, steadiness, a second run.

All but steadiness are yes or no. How many tests failed, or how often they were run, says
something of the person and is never told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.episode.verdicts import Run
from signoff_schemas.steps import EnvironmentStep, TestsStep

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.levels.test_runs.red_green import Turns


def has_result(episode: Episode) -> bool:
    """Say whether any test run told anything of any test."""
    return bool(_told(episode))


def has_repair(turned: Turns) -> bool:
    """Say whether a test passed that had failed, by a change of files, and asks no less."""
    return any(
        one.green is not None and one.is_tree_changed and not one.is_weakened
        for one in turned.repaired
    )


def steady_share(episode: Episode, turned: Turns) -> float:
    """Return the share of tests that never gave two answers for the same files."""
    told = _told(episode)
    flaky = {
        one.test for one in turned.repaired if one.green is not None and not one.is_tree_changed
    } | {one.test for one in turned.broken if not one.is_tree_changed}
    return 1 - len(flaky & told) / len(told)


def has_environment(episode: Episode) -> bool:
    """Say whether interpreter and packages are known, so that tests could be run again."""
    return any(
        step.interpreters and (step.installed or step.distributions or step.lock_files)
        for step in episode.steps
        if isinstance(step, EnvironmentStep)
    )


def _told(episode: Episode) -> set[str]:
    """Return the names of all tests that a run told of."""
    runs = (Run.of(step) for step in episode.steps if isinstance(step, TestsStep))
    return {name for run in runs for name, _ in run.told()}
