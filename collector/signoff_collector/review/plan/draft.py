"""Parse the arguments of review commands: steps, files, tasks, times."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import UsageError
from signoff_schemas.plan import RangesKeep, TaskKeep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.episode.content import Episode
    from signoff_collector.review.plan.plan_edits import Resolution
    from signoff_schemas.plan import Keep

_RANGE: Final = re.compile(r"(\d{1,9})-(\d{1,9})\Z", re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,9}\Z", re.ASCII)
_RESOLUTIONS: Final[Mapping[str, Resolution]] = {"1s": "1s", "100ms": "100ms", "exact": "exact"}


def number(word: str, what: str) -> int:
    """Parse a number.

    Raises:
        UsageError: it is none.
    """
    if not _NUMBER.match(word):
        raise UsageError(f"{word!r} is not the number of {what}")
    return int(word)


def only(words: list[str]) -> str:
    """Return the only argument.

    Raises:
        UsageError: there are more, or none.
    """
    if len(words) != 1:
        raise UsageError("give one number", hint="`help` shows how.")
    return words[0]


def is_range(word: str) -> bool:
    """Say whether a word looks like `12-40`."""
    return _RANGE.match(word) is not None


def step_range(word: str, episode: Episode) -> tuple[int, int]:
    """Parse `12-40` or `12` to first and last step.

    Raises:
        UsageError: it names none, or the episode has no such steps.
    """
    match = _RANGE.match(word if "-" in word else f"{word}-{word}")
    low, high = (int(match[1]), int(match[2])) if match else (0, -1)
    if not 0 <= low <= high < episode.step_count:
        last = episode.step_count - 1
        raise UsageError(f"there are no steps {word}; they are 0 to {last}")
    return low, high


def task_number(word: str, episode: Episode) -> int:
    """Parse the number of a recorded task.

    Raises:
        UsageError: the episode has no such task.
    """
    task = number(word, "a task")
    if task not in {step.task for step in episode.steps} | set(episode.edits.task.tolist()):
        raise UsageError(f"there is no task {task}", hint="`tasks` lists them.")
    return task


def file_number(word: str, paths: list[str]) -> int:
    """Parse the number of a file.

    Raises:
        UsageError: the episode has no such file.
    """
    file = number(word, "a file")
    if file >= len(paths):
        raise UsageError(f"there is no file {file}", hint="`files` lists them.")
    return file


def resolution(words: list[str]) -> Resolution:
    """Parse a time resolution.

    Raises:
        UsageError: it is not one of three.
    """
    if len(words) != 1 or words[0] not in _RESOLUTIONS:
        raise UsageError("name a resolution", hint="times 1s, times 100ms or times exact")
    return _RESOLUTIONS[words[0]]


def keep_name(keep: Keep) -> str:
    """Return the display name of a keep."""
    if isinstance(keep, TaskKeep):
        return f"task {keep.task}"
    if isinstance(keep, RangesKeep):
        return "steps " + ", ".join(f"{one.from_seq}-{one.to_seq}" for one in keep.ranges)
    return f"steps {keep.from_seq}-{keep.to_seq}"
