"""The levels of an episode, asked by step: in which task, attempt, phase, burst does it lie?"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from signoff_collector.episode.content import Column, Episode
    from signoff_collector.levels.levels import Levels

_NONE = -1


class Spans:
    """Levels of one episode by `seq`."""

    def __init__(self, episode: Episode, levels: Levels) -> None:
        self._episode = episode
        self.levels = levels
        self._task_starts = [one.from_seq for one in levels.tasks]
        self._attempt_starts = [one.first for one in levels.attempts]
        self._phase_starts = [one.first for one in levels.phases]
        self._chapters = self._painted()
        self._is_repair = self._covered(
            (one.last_red, one.green)
            for one in levels.red_green
            if one.green is not None and one.is_tree_changed
        )
        self._is_breaking = self._covered(
            (one.green, one.red) for one in levels.green_red if one.is_tree_changed
        )
        self._dead: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for dead in levels.dead_ends:
            self._dead[dead.path].append((dead.first, dead.last))
        self._reverted: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for revert in levels.reverts:
            for path in revert.paths:
                if revert.since is None:
                    self._reverted[path].append((revert.first, revert.last))
                    continue
                self._reverted[path].append((revert.since, revert.last))
                taken = levels.taken(revert, path)
                self._reverted[path].extend((burst.first, burst.last) for burst in taken)

    def task(self, seq: int) -> int | None:
        """Return the number of the task."""
        return _place(self._task_starts, seq)

    def tasks(self, seqs: Column) -> Column:
        """Return the numbers of the tasks of many steps, -1 for none."""
        return np.searchsorted(np.array(self._task_starts, np.int64), seqs, side="right") - 1

    def attempt(self, seq: int) -> int | None:
        """Return the number of the attempt."""
        return _place(self._attempt_starts, seq)

    def attempts(self, seqs: Column) -> Column:
        """Return the numbers of the attempts of many steps, -1 for none."""
        return np.searchsorted(np.array(self._attempt_starts, np.int64), seqs, side="right") - 1

    def phase(self, seq: int) -> str | None:
        """Return the name of the phase."""
        place = _place(self._phase_starts, seq)
        return None if place is None else self.levels.phases[place].name

    def chapter(self, seq: int) -> str | None:
        """Return the title of the shortest chapter that holds the step."""
        place = int(self._chapters[seq])
        return None if place == _NONE else self.levels.chapters[place].title

    def labels(self, seq: int, path: str | None, *, is_null: bool | None = None) -> list[str]:
        """Return the labels of a row; `is_null` is None where it is no burst."""
        found = ["null_edit"] if is_null else []
        if is_null is not None and path is not None:
            found += ["dead_end"] if _holds(self._dead.get(path, ()), seq) else []
            found += ["reverted"] if _holds(self._reverted.get(path, ()), seq) else []
        found += ["repair"] if self._is_repair[seq] else []
        return found + (["breaking"] if self._is_breaking[seq] else [])

    def bursts(self) -> Column:
        """Return the number of the burst of each edit of the table."""
        edits, files = self._episode.edits, self._episode.files
        places: dict[tuple[str, int], list[int]] = defaultdict(list)
        for number, burst in enumerate(self.levels.bursts):
            places[burst.path, burst.buffer].append(number)
        found = np.full(len(edits), _NONE, np.int64)
        for (path, buffer), numbers in places.items():
            own = (edits.buffer == buffer) & np.isin(
                edits.file, [at for at, name in enumerate(files) if name == path]
            )
            firsts = np.array([self.levels.bursts[number].first for number in numbers])
            which = np.searchsorted(firsts, edits.seq[own], side="right") - 1
            found[own] = np.array(numbers)[which]
        return found

    def _painted(self) -> NDArray[np.int64]:
        painted = np.full(self._episode.step_count, _NONE, np.int64)
        numbered = enumerate(self.levels.chapters)
        for number, one in sorted(numbered, key=lambda each: each[1].seq_first - each[1].seq_last):
            painted[one.seq_first : one.seq_last + 1] = number
        return painted

    def _covered(self, spans: Iterable[tuple[int, int]]) -> NDArray[np.bool_]:
        """Return for each step whether it lies behind the first and up to the last of a span."""
        covered = np.zeros(self._episode.step_count, np.bool_)
        for first, last in spans:
            covered[first + 1 : last + 1] = True
        return covered


def _place(starts: Sequence[int], seq: int) -> int | None:
    place = bisect_right(starts, seq) - 1
    return place if place >= 0 else None


def _holds(spans: Sequence[tuple[int, int]], seq: int) -> bool:
    return any(first <= seq <= last for first, last in spans)


def each_none(numbers: Column) -> Iterator[int | None]:
    """Yield each number, None for -1."""
    return (None if number == _NONE else number for number in numbers.tolist())
