"""Follow journals that grow: read only what is new, and fold it into a state for each of them.

A fold takes a state and new frames, and returns the next state, which may be the same object. It
opens no file and keeps no position, so it cannot matter in how many looks a journal was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from signoff_collector.capture.journal.frame_reader import RESTART, FrameReader, Mark

if TYPE_CHECKING:
    from pathlib import Path

State = TypeVar("State")
Frames = Iterable[tuple[int, bytes]]
"""Kind and payload of frames in order; `HOLE` where some were lost."""
Fold = Callable[[State, Frames], State]
_NO_ENDS: Final[Mapping[Path, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed(Generic[State]):
    """One journal up to a mark."""

    mark: Mark
    state: State
    left_bytes: int = 0
    """Bytes that belong to no whole frame, at the last look."""


class JournalFollower(Generic[State]):
    """The states of some journals; each look reads on from where the last one ended."""

    def __init__(
        self,
        new: Callable[[], State],
        fold: Fold[State],
        known: Mapping[Path, Followed[State]] | None = None,
    ) -> None:
        """Take the state of an empty journal, the fold, and where an earlier follower ended."""
        self._new = new
        self._fold = fold
        self._known = known or {}

    def look(
        self, journals: Iterable[Path], *, ends: Mapping[Path, int] = _NO_ENDS
    ) -> Mapping[Path, Followed[State]]:
        """Read what is new; return each journal, in the given order.

        A journal that was replaced is read from its start, and one that is not given any more is
        dropped. `ends` are sizes in bytes beyond which a journal is not read.
        """
        self._known = {path: self._look_at(path, ends.get(path)) for path in journals}
        return self._known

    def _look_at(self, path: Path, end_bytes: int | None) -> Followed[State]:
        known = self._known.get(path)
        state, mark = (self._new(), Mark()) if known is None else (known.state, known.mark)
        reader = FrameReader(path, mark, end_bytes=end_bytes)
        frames = iter(reader)
        first = next(frames, None)
        if first is not None:
            is_new = first[0] == RESTART
            state = self._fold(
                self._new() if is_new else state, frames if is_new else chain((first,), frames)
            )
        return Followed(mark=reader.mark, state=state, left_bytes=reader.left_bytes)
