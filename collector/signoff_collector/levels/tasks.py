"""Propose how to split a session into tasks; proposing keeps nothing.

Pure function. Boundaries are stated tasks, commits, branch changes, tests that turn from red to
green, and long idle times.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal

from signoff_collector.episode.verdicts import RedTests, Run
from signoff_collector.levels.boundaries import Why, is_commit, is_green, stretches
from signoff_schemas.plan import TITLE_MAX
from signoff_schemas.steps import CommandStep, FilesStep, GitStep, TaskStep, TestsStep, seen_on_disk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.episode.content import Column, Episode
    from signoff_collector.levels.boundaries import Stretch
    from signoff_schemas.steps import AnyStep

Outcome = Literal["solved", "partly", "abandoned"]
_NAMED_FILES: Final = 2
_PSEUDONYM: Final = re.compile(r"branch-[0-9a-f]{12}\Z")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A stretch of the session that looks like one task."""

    from_seq: int
    to_seq: int
    """Its last step; the next proposal begins with the following step."""
    task: int | None
    """The recorded task with exactly these steps, if there is one."""
    title: str
    why: tuple[Why, ...]
    """Reasons for its end, or for its beginning."""
    outcome: Outcome | None
    """As it was stated; None if nobody said how it ended."""
    is_green: bool
    """Whether a test of it turned green, and none of its tests is red at its end."""
    edits: int
    files: int
    """Number of files that were changed or edited."""
    test_runs: int
    commits: int
    duration_ns: int
    """See `lasting_ns`."""

    def row(self) -> dict[str, object]:
        """Return the JSON form."""
        return {**asdict(self), "why": list(self.why)}


def lasting_ns(times: Column, first: int, last: int) -> int:
    """Return the recorded time from the first to the last of some steps.

    The single definition for proposals, task lists and overviews: cuts in between and coarsened
    times do not change it.

    Args:
        times: of all steps of the base episode, in ns, by `seq`.
        first: `seq` of the first step.
        last: `seq` of the last one.
    """
    count = len(times)
    return int(times[min(last, count - 1)] - times[min(first, count - 1)]) if count else 0


def proposed_tasks(episode: Episode) -> tuple[Proposal, ...]:
    """Partition the session into proposed tasks: in order, without gaps or overlaps."""
    proposing = _Proposing(episode)
    found = [proposing.look(one) for one in stretches(episode)]
    return tuple(proposing.proposal(one) for one in _joined(found))


@dataclass(slots=True, kw_only=True)
class _Look:
    """A stretch and its statistics."""

    stretch: Stretch
    steps: Sequence[AnyStep]
    edits: int
    changed: Counter[str]

    @property
    def has_work(self) -> bool:
        told = any(isinstance(step, TaskStep) for step in self.steps)
        return told or self.edits > 0 or bool(self.changed)


def _joined(found: Sequence[_Look]) -> list[_Look]:
    """Join stretches without work to the task after them: people read code before they edit."""
    joined: list[_Look] = []
    waiting: _Look | None = None
    for look in found:
        whole = look if waiting is None else _both(waiting, look)
        waiting = None if whole.has_work else whole
        if waiting is None:
            joined.append(whole)
    if waiting is not None:
        joined.append(waiting if not joined else _both(joined.pop(), waiting))
    return joined


def _both(one: _Look, other: _Look) -> _Look:
    kept = other if other.has_work or not one.has_work else one
    stretch = type(one.stretch)(
        first=one.stretch.first, last=other.stretch.last, why=kept.stretch.why
    )
    return _Look(
        stretch=stretch,
        steps=(*one.steps, *other.steps),
        edits=one.edits + other.edits,
        changed=one.changed + other.changed,
    )


class _Proposing:
    def __init__(self, episode: Episode) -> None:
        self._episode = episode
        self._times = episode.times()
        self._seqs = [step.seq for step in episode.steps]
        self._spans = _task_spans(episode)

    def look(self, stretch: Stretch) -> _Look:
        from bisect import bisect_left, bisect_right

        edits, files = self._episode.edits, self._episode.files
        low, high = edits.count_until(stretch.first - 1), edits.count_until(stretch.last)
        changed = Counter({files[f]: n for f, n in Counter(edits.file[low:high].tolist()).items()})
        first = bisect_left(self._seqs, stretch.first)
        steps = self._episode.steps[first : bisect_right(self._seqs, stretch.last)]
        for step in steps:
            if not (isinstance(step, FilesStep) and step.is_base):
                changed.update(item.path for item in seen_on_disk(step) if item.blob is not None)
        return _Look(stretch=stretch, steps=steps, edits=high - low, changed=changed)

    def proposal(self, look: _Look) -> Proposal:
        first, last = look.stretch.first, look.stretch.last
        tests = [step for step in look.steps if isinstance(step, TestsStep)]
        stated = [step for step in look.steps if isinstance(step, TaskStep)]
        why = dict.fromkeys([*(["stated"] if stated else []), *look.stretch.why])
        known: list[Why] = [one for one in _ORDER if one in why]
        return Proposal(
            from_seq=first,
            to_seq=last,
            task=self._spans.get((first, last)),
            title=_title(look)[:TITLE_MAX],
            why=tuple(known),
            outcome=next((one.outcome for one in reversed(stated) if one.outcome), None),
            is_green=_is_green(tests),
            edits=look.edits,
            files=len(look.changed),
            test_runs=len(tests),
            commits=sum(map(is_commit, look.steps)),
            duration_ns=lasting_ns(self._times, first, last),
        )


_ORDER: Final[tuple[Why, ...]] = ("stated", "commit", "branch", "red_green", "idle", "session")


def _task_spans(episode: Episode) -> dict[tuple[int, int], int]:
    """Map (first, last) step to the recorded tasks that are contiguous."""
    tasks = [-1] * episode.step_count
    for step in episode.steps:
        tasks[step.seq] = -1 if step.task is None else step.task
    for seq, task in zip(episode.edits.seq.tolist(), episode.edits.task.tolist(), strict=True):
        tasks[seq] = task
    runs = [
        (task, [seq for seq, _ in run]) for task, run in groupby(enumerate(tasks), lambda p: p[1])
    ]
    count = Counter(task for task, _ in runs)
    return {(run[0], run[-1]): task for task, run in runs if task >= 0 and count[task] == 1}


def _is_green(tests: Sequence[TestsStep]) -> bool:
    """Return whether a red test turned green, none is red at the end, and the last run passed."""
    results = [green for green in map(is_green, tests) if green is not None]
    red = RedTests[int]()
    turned = [red.take(Run.of(step), step.seq) for step in tests]
    return any(turned) and not red.since and results[-1:] == [True]


def _title(look: _Look) -> str:
    stated = [step.text for step in look.steps if isinstance(step, TaskStep)]
    commits = [
        s.message for s in look.steps if isinstance(s, GitStep) and is_commit(s) and s.message
    ]
    branches = [s.branch for s in look.steps if isinstance(s, GitStep) and s.branch]
    names = [*stated[:1], *commits[-1:]]
    names += [name for name in branches[-1:] if not _PSEUDONYM.match(name)]
    for name in names:
        line = _CONTROL.sub(" ", name.strip().partition("\n")[0]).strip()
        if line:
            return line
    return _from_files(look)


def _from_files(look: _Look) -> str:
    paths = [path for path, _ in look.changed.most_common()]
    doing = "changes in"
    if not paths:
        seen = Counter(step.path for step in look.steps if step.path is not None)
        paths, doing = [path for path, _ in seen.most_common()], "looking at"
    if not paths:
        commands = sum(isinstance(step, CommandStep) for step in look.steps)
        return f"{commands} commands" if commands else "nothing but waiting"
    said = ", ".join(_CONTROL.sub(" ", path) for path in paths[:_NAMED_FILES])
    more = len(paths) - _NAMED_FILES
    return f"{doing} {said}" + (f" and {more} more" if more > 0 else "")
