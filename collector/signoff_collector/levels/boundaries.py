"""Detect where one task of a session ends and the next begins."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from signoff_collector.episode.verdicts import RedTests, Run
from signoff_schemas.steps import GitStep, TaskStep, TestsStep

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_schemas.steps import AnyStep

Why = Literal["commit", "branch", "red_green", "idle", "stated", "session"]
IDLE_NS: Final = 20 * 60 * 10**9
"""Idle time that ends a task."""
_FEW_EDITS: Final = 10
"""With fewer edits on either side of a green test run, that run is no boundary."""
_COMMITS: Final = frozenset({"commit", "merge", "cherry-pick", "revert"})


@dataclass(slots=True, kw_only=True)
class Stretch:
    """The steps between two boundaries."""

    first: int
    last: int
    """First and last `seq`, both inclusive."""
    why: list[Why] = field(default_factory=list[Why])


def is_commit(step: AnyStep) -> bool:
    """Return whether a step is a commit, which ends a task."""
    return isinstance(step, GitStep) and step.operation in _COMMITS


def is_green(step: TestsStep) -> bool | None:
    """Return whether a test run passed; None if unknown."""
    return Run.of(step).is_green


def stretches(episode: Episode) -> list[Stretch]:
    """Partition the session: in order, without gaps or overlaps."""
    ends = _Ends(episode)
    cuts = ends.find()
    found: list[Stretch] = []
    first = 0
    for last, why in sorted(cuts.items()):
        if last >= episode.step_count - 1:
            found.append(Stretch(first=first, last=episode.step_count - 1, why=[why]))
            return found
        found.append(Stretch(first=first, last=last, why=[why]))
        first = last + 1
    if first < episode.step_count:
        found.append(Stretch(first=first, last=episode.step_count - 1, why=["session"]))
    return found


class _Ends:
    """Boundaries found so far: last step of each stretch and the reasons."""

    def __init__(self, episode: Episode) -> None:
        self._episode = episode
        self._found: dict[int, Why] = {}

    def find(self) -> dict[int, Why]:
        stated = False
        branch: str | None = self._episode.header.base.branch
        worked = 0
        for step in self._episode.steps:
            if isinstance(step, TaskStep) and step.stated != "review":
                self._end(step.seq - 1, "stated")
                stated, worked = True, step.seq
            elif isinstance(step, GitStep):
                changed = step.branch is not None and branch not in (None, step.branch)
                branch = step.branch or branch
                if changed and step.operation in {"checkout", "branch"}:
                    self._end(step.seq - 1, "branch")
                    stated, worked = False, step.seq
                elif is_commit(step) and not stated and self._edits(worked, step.seq):
                    self._end(step.seq, "commit")
                    worked = step.seq + 1
        self._idle()
        self._green()
        return self._found

    def _end(self, seq: int, why: Why) -> None:
        if seq >= 0:
            self._found.setdefault(seq, why)

    def _edits(self, first: int, last: int) -> int:
        edits = self._episode.edits
        return edits.count_until(last) - edits.count_until(first - 1)

    def _files(self, first: int, last: int) -> set[int]:
        edits = self._episode.edits
        low, high = edits.count_until(first - 1), edits.count_until(last)
        return set(edits.file[low:high].tolist())

    def _idle(self) -> None:
        """End a stretch at a long pause, unless work on what is red goes on after it."""
        times = self._episode.times()
        steps = deque(step for step in self._episode.steps if isinstance(step, TestsStep))
        red = RedTests[int]()
        for seq in np.flatnonzero(np.diff(times) >= IDLE_NS).tolist():
            while steps and steps[0].seq <= seq:
                step = steps.popleft()
                red.take(Run.of(step), step.seq)
            is_end = seq + 1 in self._found or seq - 1 in self._found
            if not is_end and not (red.since and self._goes_on(seq)):
                self._end(seq, "idle")

    def _goes_on(self, seq: int) -> bool:
        """Say whether the next edit is in a file that was edited since the last end."""
        edits = self._episode.edits
        place = edits.count_until(seq)
        since = max((end for end in self._found if end < seq), default=-1)
        return place < len(edits) and int(edits.file[place]) in self._files(since + 1, seq)

    def _green(self) -> None:
        """End a stretch without a commit where tests turn green and work moves elsewhere."""
        steps = [step for step in self._episode.steps if isinstance(step, TestsStep)]
        bounds = [-1, *sorted(self._found), self._episode.step_count - 1]
        turns: list[int] = []
        was_red = False
        for step in steps:
            green = is_green(step)
            if green and was_red:
                turns.append(step.seq)
            was_red = was_red if green is None else not green
        for low, high in pairwise(bounds):
            if self._found.get(high) == "commit":
                continue
            inside = [turn for turn in turns if low < turn < high]
            self._split(low + 1, high, inside)

    def _split(self, first: int, last: int, turns: list[int]) -> None:
        for place, turn in enumerate(turns):
            until = turns[place + 1] if place + 1 < len(turns) else last
            before, after = self._edits(first, turn), self._edits(turn + 1, until)
            if min(before, after) < _FEW_EDITS:
                continue
            if self._files(first, turn).isdisjoint(self._files(turn + 1, until)):
                self._end(turn, "red_green")
                first = turn + 1
