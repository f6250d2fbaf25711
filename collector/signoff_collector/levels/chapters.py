"""Chapters of an episode, by which players jump: tasks, tests that turned, operations of git."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from signoff_collector.levels.git_operations import git_operations
from signoff_collector.levels.tasks import proposed_tasks
from signoff_collector.levels.test_runs.failing import bare_name
from signoff_collector.levels.test_runs.red_green import turns
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.moments.moments import Moments
    from signoff_collector.levels.test_runs.red_green import RedGreen

Kind = Literal["task", "red_green", "git"]
_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One stretch of an episode that has a name."""

    kind: Kind
    title: str
    """In words; holds recorded text, which is masked where it is shown."""
    seq_first: int
    seq_last: int
    """Its last step, inclusive."""
    t_ms: int
    """Time of its first step since the start."""
    outcome: str | None
    """Of a task `solved`, `partly` or `abandoned`, as stated, else `tests green` if they turned so;
    of tests `green` or `red`; else None."""


def chapters(episode: Episode, moments: Moments) -> tuple[Chapter, ...]:
    """Return the chapters by their first step, the longer one first.

    Raises:
        DamagedError: an edit does not fit its text.
    """
    times = episode.times() // _MS
    if not len(times):
        return ()
    np.maximum.accumulate(times, out=times)
    found = [*_tasks(episode), *_red_green(episode, moments), *_git(episode)]
    placed = [
        Chapter(
            kind=kind,
            title=title,
            seq_first=first,
            seq_last=last,
            t_ms=int(times[first]),
            outcome=outcome,
        )
        for kind, title, first, last, outcome in found
    ]
    return tuple(sorted(placed, key=lambda one: (one.seq_first, -one.seq_last, one.kind)))


def whole_chapters(episode: Episode, moments: Moments) -> tuple[Chapter, ...]:
    """Return the chapters; none where an edit does not fit its text."""
    try:
        return chapters(episode, moments)
    except DamagedError:
        return ()


_Found = tuple[Kind, str, int, int, str | None]


def _tasks(episode: Episode) -> Iterator[_Found]:
    for task in proposed_tasks(episode):
        outcome = task.outcome or ("tests green" if task.is_green else None)
        yield "task", task.title, task.from_seq, task.to_seq, outcome


def _red_green(episode: Episode, moments: Moments) -> Iterator[_Found]:
    for run, tests in turns(episode, moments).by_run().items():
        first = min(test.red for test in tests)
        is_red = run is None
        last = max(test.last_red for test in tests) if run is None else run
        word, outcome = ("still red", "red") if is_red else ("red → green", "green")
        yield "red_green", f"{word}: {_names(tests)}", first, last, outcome


def _names(tests: list[RedGreen]) -> str:
    """Return the name of the first test without its file, and the number of the others."""
    more = len(tests) - 1
    return bare_name(tests[0].test) + (f" and {more} more" if more else "")


def _git(episode: Episode) -> Iterator[_Found]:
    for one in git_operations(episode):
        title = f"{one.operation}: {one.title}" if one.title else one.operation
        yield "git", title, one.first, one.last, None
