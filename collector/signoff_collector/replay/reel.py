"""Playback index of an episode: places, playback time, stops and marks.

A place is an index from 0 to `count` - 1, one for each step and edit, in order; -1 is before the
first. The index is built once in numpy, so that lookups take microseconds.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, assert_never

import numpy as np

from signoff_collector.episode.content import Edit
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.levels.chapters import whole_chapters
from signoff_collector.levels.test_runs.failing import FailingTests
from signoff_schemas.steps import (
    AnyStep,
    AssistStep,
    CloseStep,
    DiskStep,
    FilesStep,
    FileStep,
    GitStep,
    OpenStep,
    SeenStep,
    SelectStep,
    StepBase,
    ToldStep,
    UnknownStep,
    ViewStep,
    seen_on_disk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signoff_collector.episode.content import Column, Episode
    from signoff_collector.levels.chapters import Chapter

IDLE_NS: Final = 2_000_000_000
"""A longer pause is played as `SQUEEZED_NS`."""
SQUEEZED_NS: Final = 500_000_000
START: Final = -1
EDIT: Final = "edit"
STOPS: Final[Mapping[str, frozenset[str]]] = {
    "test run": frozenset({"tests"}),
    "git operation": frozenset({"git"}),
    "note or task": frozenset({"note", "task"}),
    "gap": frozenset({"gap"}),
    "command": frozenset({"command"}),
    "agent step": frozenset({"agent"}),
}
"""Names of jump targets, with the kinds of steps that they stop at."""


class Reel:
    """Queries of a player over an episode, by place."""

    def __init__(self, episode: Episode, *, faults: tuple[str, ...] = ()) -> None:
        """Build the index; about 50 ms for a day of eight hours.

        Args:
            episode: what is played.
            faults: descriptions of the parts of the file that could not be read.

        Raises:
            DamagedError: its edits belong to no open buffer, or a blob is missing.
        """
        self.episode = episode
        self.faults = faults
        self.moments = Moments(episode)
        edits, steps = episode.edits, episode.steps
        seqs = np.concatenate([edits.seq, np.array([step.seq for step in steps], np.int64)])
        times = np.concatenate([edits.t_ns, np.array([step.t_ns for step in steps], np.int64)])
        self._order: Column = np.argsort(seqs, kind="stable")
        """For each place the index of an edit; steps have indices after all edits."""
        self.count = len(seqs)
        self.seqs: Column = seqs[self._order]
        self.t_ns: Column = np.maximum.accumulate(times[self._order]) if self.count else times
        waits = np.diff(self.t_ns, prepend=self.t_ns[:1])
        squeezed = np.where(waits > IDLE_NS, SQUEEZED_NS, waits)
        self.played_ns: Column = np.cumsum(squeezed)
        """Playback time of each place with idle time shortened."""
        kinds = [step.kind for step in steps]
        self._kinds = sorted({EDIT, *kinds})
        numbers = {kind: number for number, kind in enumerate(self._kinds)}
        of_steps = np.array([numbers[kind] for kind in kinds], np.int64)
        of_all = np.concatenate([np.full(len(edits), numbers[EDIT], np.int64), of_steps])
        self._kind: Column = of_all[self._order]
        self.paths: list[str] = list(episode.files)
        self._focus: Column = self._followed()

    # One place

    def step(self, place: int) -> AnyStep | Edit:
        """Return the step or edit at a place."""
        number = int(self._order[place])
        edits = self.episode.edits
        if number < len(edits):
            return edits.edit(number)
        return self.episode.steps[number - len(edits)]

    def kind(self, place: int) -> str:
        """Return the kind of step at a place."""
        return self._kinds[int(self._kind[place])]

    def seq(self, place: int) -> int:
        """Return the `seq` of a place; -1 before the first."""
        return int(self.seqs[place]) if place >= 0 else START

    def time(self, place: int) -> int:
        """Return the time of a place in ns since the start."""
        return int(self.t_ns[place]) if place >= 0 else 0

    def path(self, place: int) -> str | None:
        """Return the file that is viewed or edited at a place."""
        number = int(self._focus[max(place, 0)]) if self.count else -1
        return self.paths[number] if number >= 0 else None

    # Finding places

    def place_of_seq(self, seq: int) -> int:
        """Return the last place at or before a `seq`."""
        return int(np.searchsorted(self.seqs, seq, side="right")) - 1

    def place_at_time(self, t_ns: int) -> int:
        """Return the last place at or before a time."""
        return int(np.searchsorted(self.t_ns, t_ns, side="right")) - 1

    def places(self, kinds: frozenset[str]) -> Column:
        """Return the places of steps of some kinds, ascending."""
        wanted = [number for number, kind in enumerate(self._kinds) if kind in kinds]
        return np.flatnonzero(np.isin(self._kind, wanted))

    def next_stop(self, place: int, stop: str, *, forward: bool) -> int | None:
        """Return the next, or the previous, place for one of `STOPS`."""
        return _neighbour(self.places(STOPS[stop]), place, forward=forward)

    @cached_property
    def chapters(self) -> tuple[Chapter, ...]:
        """The chapters; none where parts of the file are missing. 0.3 s of CPU for a long day."""
        return () if self.faults else whole_chapters(self.episode, self.moments)

    @cached_property
    def failing(self) -> FailingTests:
        """The tests that are red at each place; built when first asked for."""
        return FailingTests(self.episode)

    def next_chapter(self, place: int, *, forward: bool) -> Chapter | None:
        """Return the next chapter that begins behind a place, or the last before it."""
        seq = self.seq(place)
        if forward:
            return next((one for one in self.chapters if one.seq_first > seq), None)
        return next((one for one in reversed(self.chapters) if one.seq_first < seq), None)

    def next_file(self, place: int, *, forward: bool) -> int | None:
        """Return the place at which work moves to another file, or came from one."""
        turns = np.flatnonzero(np.diff(self._focus, prepend=-2) != 0)
        return _neighbour(turns, place, forward=forward)

    def first_in_file(self, path: str, place: int) -> int | None:
        """Return the next place at which a file is worked on, else the first one."""
        if path not in self.paths:
            return None
        found = np.flatnonzero(self._focus == self.paths.index(path))
        if not found.size:
            return None
        later = found[found > place]
        return int(later[0] if later.size else found[0])

    def last_of(self, place: int, kinds: frozenset[str]) -> int | None:
        """Return the last place of some kinds at or before a place."""
        return _neighbour(self.places(kinds), place + 1, forward=False)

    def steps_of(self, kinds: frozenset[str]) -> Iterator[tuple[int, AnyStep]]:
        """Yield place and step of every step of some kinds, except edits."""
        for place in self.places(kinds).tolist():
            step = self.step(place)
            if isinstance(step, StepBase):
                yield place, step

    def edit_counts(self) -> Mapping[str, int]:
        """Return the number of edits per file."""
        edits = np.bincount(self.episode.edits.file, minlength=len(self.paths))
        return dict(zip(self.paths, edits.tolist(), strict=True))

    def _followed(self) -> Column:
        """Return for each place the index of the shown file."""
        edits = self.episode.edits
        known = {path: number for number, path in enumerate(self.paths)}
        of_steps = np.full(len(self.episode.steps), -1, np.int64)
        for number, step in enumerate(self.episode.steps):
            path = _leads_to(step)
            if path is not None:
                if path not in known:
                    known[path] = len(self.paths)
                    self.paths.append(path)
                of_steps[number] = known[path]
        own = np.concatenate([edits.file, of_steps])[self._order]
        if not own.size:
            return own
        told = np.flatnonzero(own >= 0)
        if not told.size:
            return own
        last = np.maximum.accumulate(np.where(own >= 0, np.arange(len(own)), -1))
        return own[np.where(last >= 0, last, told[0])]


def _leads_to(step: AnyStep) -> str | None:
    """Return the file that a step switches the view to."""
    match step:
        case OpenStep(reason=reason):
            return step.path if reason == "open" else None
        case CloseStep():
            return None
        case FilesStep() | GitStep():
            items = seen_on_disk(step)
            return next((item.path for item in items if item.blob is not None), None)
        case FileStep() | ViewStep() | SelectStep() | AssistStep():
            return step.path
        case DiskStep() | SeenStep() | ToldStep() | UnknownStep():
            return None
        case _:
            assert_never(step)


def _neighbour(places: Column, place: int, *, forward: bool) -> int | None:
    if forward:
        at = int(np.searchsorted(places, place, side="right"))
        return int(places[at]) if at < len(places) else None
    at = int(np.searchsorted(places, place, side="left")) - 1
    return int(places[at]) if at >= 0 else None
