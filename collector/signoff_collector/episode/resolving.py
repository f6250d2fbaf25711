"""Resolves ``--at`` to the ``seq`` of the last step done at that moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

import numpy as np

from signoff_schemas.at import (
    AfterEdits,
    AfterStep,
    At,
    AtEnd,
    AtOffset,
    AtStart,
    AtWallTime,
)
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode

START: Final = -1
"""The state before the first step."""


def resolve_at(episode: Episode, at: At) -> int:
    """Return the ``seq`` of the last step done at a moment, START before the first.

    Raises:
        UsageError: the moment lies outside the episode, or it holds no wall clock.
    """
    match at:
        case AtStart():
            return START
        case AtEnd():
            return episode.step_count - 1
        case AfterEdits(n=n):
            return _after_edits(episode, n)
        case AfterStep(seq=seq):
            if seq >= episode.step_count:
                raise _out_of_range(f"step {seq}", f"steps 0 to {episode.step_count - 1}")
            return seq
        case AtOffset(t_ns=t_ns):
            return _at_offset(episode, t_ns)
        case AtWallTime(wall_ns=wall_ns):
            started = episode.header.started_wall_ns
            if started is None:
                raise UsageError(
                    "this episode holds no wall-clock time",
                    hint="Use time:+1h02m3s, counted from its start; a shared episode drops"
                    " the clock unless its owner chose to keep it.",
                )
            return _at_offset(episode, wall_ns - started)
    assert_never(at)


def _after_edits(episode: Episode, n: int) -> int:
    count = len(episode.edits)
    if n > count:
        raise _out_of_range(f"edit {n}", f"{count} edits")
    if n == 0:
        return int(episode.edits.seq[0]) - 1 if count else episode.step_count - 1
    return int(episode.edits.seq[n - 1])


def _at_offset(episode: Episode, t_ns: int) -> int:
    times = episode.times()
    last_ns = max(episode.header.duration_ns, int(times[-1]) if len(times) else 0)
    if not 0 <= t_ns <= last_ns:
        raise _out_of_range(f"{t_ns / 1e9:.3f} s from the start", f"{last_ns / 1e9:.3f} s")
    return int(np.searchsorted(times, t_ns, side="right")) - 1


def _out_of_range(asked: str, there: str) -> UsageError:
    return UsageError(
        f"there is no {asked}; the episode has {there}",
        hint="`signoff show --steps` lists the steps; start and end always exist.",
    )
