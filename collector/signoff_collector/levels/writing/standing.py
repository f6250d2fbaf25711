"""What stands in the files at the end of a task: text that was moved is not lost."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signoff_collector.episode.moments.moments import Moments
    from signoff_collector.levels.writing.bursts import Burst

FEWEST_CHARACTERS: Final = 12
"""A shorter line stands in many places, and says nothing."""
MOST_GONE: Final = 0.5
"""Text is moved when a larger share of its lines stands in a file of its task at the end."""


class Standing:
    """The texts of the files that each task worked on, at its end; computed on demand."""

    def __init__(self, moments: Moments, found: Sequence[Burst], ends: Sequence[int]) -> None:
        """Take the bursts, and the last `seq` of each task, rising."""
        self._moments = moments
        self._ends = ends
        self._paths: dict[int, set[str]] = {}
        for burst in found:
            self._paths.setdefault(self.end_after(burst.last), set()).add(burst.path)
        self._texts: dict[tuple[str, int], str | None] = {}
        self._lines: dict[int, frozenset[str]] = {}

    def end_after(self, seq: int) -> int:
        """Return the last step of the task in which a step lies."""
        return self._ends[min(bisect_left(self._ends, seq), len(self._ends) - 1)]

    def text(self, path: str, end: int) -> str | None:
        """Return a file at the end of a task; None if there is none, or no text."""
        if (path, end) not in self._texts:
            there = self._moments.file(path, end)
            self._texts[path, end] = there if isinstance(there, str) else None
        return self._texts[path, end]

    def is_moved(self, bursts: Iterable[Burst], end: int) -> bool:
        """Say whether most of what bursts wrote stands somewhere at the end of a task."""
        return self._stand([line for burst in bursts for line in _put(burst)], end)

    def is_text_moved(self, texts: Iterable[str], end: int) -> bool:
        """Say whether most lines of some texts stand somewhere at the end of a task."""
        lines = {line.strip() for text in texts for line in text.split("\n")}
        return self._stand([line for line in lines if len(line) >= FEWEST_CHARACTERS], end)

    def _stand(self, put: Sequence[str], end: int) -> bool:
        if not put:
            return False
        if end not in self._lines:
            texts = (self.text(path, end) or "" for path in sorted(self._paths.get(end, ())))
            self._lines[end] = frozenset(
                line.strip() for text in texts for line in text.split("\n")
            )
        return sum(line in self._lines[end] for line in put) > MOST_GONE * len(put)


def _put(burst: Burst) -> set[str]:
    """Return the long lines that a burst left and that did not stand there before."""
    if burst.action is None:
        return set()
    before, after = (
        {line.strip() for line in text.split("\n")} for text in (burst.action.old, burst.action.new)
    )
    return {line for line in after - before if len(line) >= FEWEST_CHARACTERS}
