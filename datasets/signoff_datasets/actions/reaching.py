"""Doing the actions of a trace again, and comparing with what was recorded at every checkpoint.

Nothing is run: what a command did to files comes from its record. Comparing needs the episode and
nothing of how its actions were found.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from signoff_collector.episode.moments.checking import WHOLE_TREE
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.episode.moments.tree_hash import TreeHasher
from signoff_datasets.actions.action import FileState
from signoff_datasets.actions.changes import carry_out
from signoff_datasets.actions.disk_walk import is_same
from signoff_datasets.actions.editing import never_saved
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import CheckpointStep, DiskStep, SaveStep

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from signoff_collector.episode.content import Episode
    from signoff_datasets.actions.action import Action, Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One file that is not as recorded."""

    seq: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What doing the actions again came to."""

    actions: int
    """Actions that change files."""
    done: int
    """Of these, such as fitted."""
    compared: int
    """Moments at which all known files were compared."""
    trees: int
    """Of these, such as have a recorded tree hash."""
    differences: tuple[Difference, ...]
    files: Mapping[str, FileState]
    """At the end, unsaved text with them."""

    @property
    def is_whole(self) -> bool:
        """Whether everything fitted and every moment is as recorded."""
        return self.done == self.actions and not self.differences


def reach(episode: Episode, trace: Trace) -> Reached:
    """Do the actions of a trace, in a folder that holds its start.

    Raises:
        DamagedError: an edit of the episode does not fit its text.
    """
    return _Reaching(episode, trace).reach()


class _Reaching:
    def __init__(self, episode: Episode, trace: Trace) -> None:
        self._episode = episode
        self._trace = trace
        self._moments = Moments(episode)
        self._hasher = TreeHasher(self._moments)
        self._files = dict(trace.start)
        self._changes = self._moments.changes()
        self._taken = bisect_right(self._changes, trace.first - 1, key=lambda one: one[0])
        self._never_saved = never_saved(episode, self._moments)
        self._fresh = set[str]()
        """Paths that changed, here or in the record, since files were compared."""
        self._done = self._all = self._trees = 0
        self._differences: list[Difference] = []

    def reach(self) -> Reached:
        waiting = list(reversed(self._trace.actions))
        compared = 0
        for step in self._episode.steps:
            if not self._trace.first <= step.seq <= self._trace.last:
                continue
            if not isinstance(step, (DiskStep, SaveStep)):
                continue
            self._carry_out(waiting, step.seq)
            compared += 1
            if isinstance(step, SaveStep):
                self._compare([step.path] if step.path is not None else [], step.seq)
            else:
                self._look(step)
        self._carry_out(waiting, self._trace.last)
        self._compare(self._moments.disk_paths(self._trace.last), self._trace.last)
        self._carry_out(waiting, self._episode.step_count)
        if self._trace.last >= self._episode.step_count - 1:
            self._compare_unsaved()
        return Reached(
            actions=self._all,
            done=self._done,
            compared=compared + 1,
            trees=self._trees,
            differences=tuple(self._differences),
            files=self._files,
        )

    def _look(self, step: DiskStep) -> None:
        """Compare what changed since the step before that saw the disk."""
        until = bisect_right(self._changes, step.seq, key=lambda one: one[0])
        self._fresh.update(path for _, path in self._changes[self._taken : until])
        self._taken = until
        before = len(self._differences)
        self._compare(sorted(self._fresh), step.seq)
        self._fresh.clear()
        if not isinstance(step, CheckpointStep) or step.tree_sha256 in {None, "withheld"}:
            return
        # Of equal files the hash is equal; so is that of the episode's own, which is computed.
        self._trees += 1
        if before == len(self._differences) and self._hasher.at(step.seq) != step.tree_sha256:
            self._differences.append(Difference(seq=step.seq, path=WHOLE_TREE))

    def _carry_out(self, waiting: list[Action], seq: int) -> None:
        while waiting and waiting[-1].place <= seq:
            action = waiting.pop()
            if not action.changes:
                continue
            self._all += 1
            try:
                for change in action.changes:
                    carry_out(self._files, change)
                    self._fresh |= {
                        change.path,
                        change.new if change.name == "rename" else change.path,
                    }
            except DamagedError:
                self._differences.append(
                    Difference(seq=action.seq_first, path=action.path or action.changes[0].path)
                )
            else:
                self._done += 1

    def _compare(self, paths: Iterable[str], seq: int) -> None:
        for path in paths:
            if path in self._never_saved:
                continue  # the record cannot say when it reached the disk
            recorded = self._recorded(path, seq)
            if recorded is not False and not is_same(self._files.get(path), recorded):
                self._differences.append(Difference(seq=seq, path=path))

    def _recorded(self, path: str, seq: int) -> FileState | Literal[False] | None:
        """Return a file as the episode holds it; False where it does not hold its content."""
        moments = self._moments
        content = moments.disk_bytes(path, seq)
        if content is not None:
            return FileState(content=content, mode=moments.mode(path, seq))
        return False if moments.absent(path, seq) is not None else None

    def _compare_unsaved(self) -> None:
        end = self._episode.step_count
        for path, _ in self._moments.buffers(end):
            content = self._moments.file_bytes(path, end)
            if self._moments.hiding(path, end) is None or content is None:
                continue
            now = self._files.get(path)
            if now is None or now.content != content:
                self._differences.append(Difference(seq=end, path=path))
