"""Finds the changes of files that happened before their record was made (docs/sealing.md, 2).

A record of the file watcher stands at the last event of a burst, and the watcher may be late. What
an editor tells meanwhile of the same file came after the change: the text that it then holds must
not be compared with what the file was before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signoff_collector.seal.disk.burst import Burst
    from signoff_collector.seal.disk.checkpoints import SeenFile

_Key = tuple[str, int | None]
"""Source of a record, and its time since boot."""


@dataclass(slots=True)
class Ahead:
    """The changes of all bursts by path; times in ms since session start."""

    _due: dict[str, deque[tuple[int, Burst]]] = field(
        default_factory=dict[str, "deque[tuple[int, Burst]]"]
    )
    """Path to (time of the change, burst), in order of the bursts."""
    _told: dict[_Key, set[str]] = field(default_factory=dict[_Key, set[str]])
    """Paths of a burst that were told ahead of it."""
    _passed: set[_Key] = field(default_factory=set[_Key])

    def add(self, burst: Burst) -> None:
        """Index a burst; one whose times are late, or of very many files, is not told ahead."""
        if burst.is_bulk or burst.is_late:
            return
        for file in burst.files:
            at_ms = burst.happened_ms(file)
            if at_ms is not None and at_ms < burst.to_ms:
                self._due.setdefault(file.path, deque()).append((at_ms, burst))

    def is_due(self, path: str, t_ms: int) -> bool:
        """Say whether a change of a file has to be told before a time."""
        due = self._due.get(path)
        return due is not None and len(due) > 0 and due[0][0] <= t_ms

    def take(
        self, path: str, t_ms: int, is_saved: Callable[[SeenFile, Burst], bool]
    ) -> Iterator[tuple[int, Burst]]:
        """Yield the time and the part of each burst that changed this file up to a time.

        The part has the other files that had changed by then, so that what was done at once stays
        one step. What a save explains is left to its record.
        """
        due = self._due.get(path, deque())
        while due and due[0][0] <= t_ms:
            at_ms, burst = due.popleft()
            key, told = _key(burst), self._told.setdefault(_key(burst), set())
            if key in self._passed or path in told:
                continue
            files = tuple(
                file
                for file in burst.files
                if file.path not in told
                and (happened_ms := burst.happened_ms(file)) is not None
                and happened_ms <= t_ms
                and not is_saved(file, burst)
            )
            paths = {file.path for file in files}
            if path in paths:
                told |= paths
                renamed = tuple(pair for pair in burst.renamed if pair[1] in paths)
                yield at_ms, replace(burst, files=files, renamed=renamed, count=0)

    def rest(self, burst: Burst) -> Burst:
        """Return what is left to tell of a burst when its record comes."""
        self._passed.add(_key(burst))
        told = self._told.pop(_key(burst), None)
        if not told:
            return burst
        return replace(
            burst,
            files=tuple(file for file in burst.files if file.path not in told),
            renamed=tuple(pair for pair in burst.renamed if pair[1] not in told),
            count=max(0, burst.count - len(told)),
        )


def _key(burst: Burst) -> _Key:
    return burst.source, burst.last_boot_ns
