"""What was seen of each file until a step: cursor, selections, visible lines; by lookup."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_schemas.steps import FILE_STATE_KINDS, OpenStep, SelectStep, ViewStep

if TYPE_CHECKING:
    from collections.abc import Collection

    from signoff_collector.episode.content import Column, Edit, Episode
    from signoff_schemas.values import LineSpan

_MOST_LOOKED: Final = 500
"""Steps looked at for the file in front, where those after it are about closed files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caret:
    """Where the cursor is in a text, and what is selected."""

    cursor: int | None = None
    """Offset in code points; None where nothing tells it."""
    selections: tuple[tuple[int, int], ...] = ()
    is_recorded: bool = False
    """Whether the editor told it; else it follows from the last edit."""


NO_CARET: Final = Caret()
"""Nothing tells where the cursor is."""


class Looking:
    """Index of what was looked at; one pass over the steps."""

    def __init__(self, episode: Episode) -> None:
        self._edits = episode.edits
        self._files = episode.files
        self._numbers = {path: number for number, path in enumerate(episode.files)}
        self._selects: dict[str, list[SelectStep]] = {}
        self._views: dict[str, list[ViewStep]] = {}
        self._opens: dict[str, list[int]] = {}
        self._own_edits: dict[tuple[str, int], Column] = {}
        self._looked: list[tuple[int, str]] = []
        """`seq` and path of every step that brings a file to the front, besides edits."""
        self.file_seqs: list[int] = []
        """`seq` of every step that may have changed which files there are."""
        for step in episode.steps:
            if step.kind in FILE_STATE_KINDS:
                self.file_seqs.append(step.seq)
            if isinstance(step, (SelectStep, ViewStep, OpenStep)) and step.path is not None:
                self._looked.append((step.seq, step.path))
            match step:
                case SelectStep(path=str(path)):
                    self._selects.setdefault(path, []).append(step)
                case ViewStep(path=str(path)) if step.visible:
                    self._views.setdefault(path, []).append(step)
                case OpenStep(path=str(path), reason="open"):
                    self._opens.setdefault(path, []).append(step.seq)
                case _:
                    pass

    def first_opened(self, path: str) -> int:
        """Return the `seq` at which a file was first opened, for an order of tabs."""
        return self._opens.get(path, [-1])[0]

    def in_front(self, seq: int, names: Collection[str]) -> str | None:
        """Return which of the open files was last edited or looked at, None where nothing says."""
        edits, files = self._edits, self._files
        place = bisect_right(self._looked, seq, key=lambda one: one[0])
        number = edits.count_until(seq)
        for _ in range(_MOST_LOOKED):
            looked = self._looked[place - 1][0] if place else -1
            edited = int(edits.seq[number - 1]) if number else -1
            if looked < 0 and edited < 0:
                return None
            if looked > edited:
                place, path = place - 1, self._looked[place - 1][1]
            else:
                number, path = number - 1, files[int(edits.file[number - 1])]
            if path in names:
                return path
        return None

    def caret(self, path: str, buffer: int, seq: int) -> Caret:
        """Return cursor and selections of an open buffer after a step."""
        edit = self._last_edit(path, buffer, seq)
        select = self._last_select(path, buffer, seq)
        if select is not None and (edit is None or select.seq > edit.seq):
            cursor = select.cursor
            if cursor is None and select.selections:
                cursor = select.selections[0][1]
            return Caret(cursor=cursor, selections=select.selections, is_recorded=True)
        if edit is None:
            return NO_CARET
        if edit.cursor >= 0:
            return Caret(cursor=edit.cursor, is_recorded=True)
        return Caret(cursor=edit.start + len(edit.text))

    def visible(self, path: str, seq: int) -> tuple[LineSpan, ...]:
        """Return the lines that were last said to be visible since the file was opened."""
        steps = self._views.get(path, ())
        place = bisect_right(steps, seq, key=lambda step: step.seq)
        if not place:
            return ()
        opens = self._opens.get(path, ())
        opened = bisect_right(opens, seq)
        found = steps[place - 1]
        return found.visible if not opened or found.seq > opens[opened - 1] else ()

    def edited_since(self, path: str, buffer: int | None, since: int, seq: int) -> bool:
        """Say whether a buffer was edited after a step."""
        edit = None if buffer is None else self._last_edit(path, buffer, seq)
        return edit is not None and edit.seq > since

    def _last_select(self, path: str, buffer: int, seq: int) -> SelectStep | None:
        steps = self._selects.get(path, ())
        place = bisect_right(steps, seq, key=lambda step: step.seq)
        while place:
            place -= 1
            if steps[place].buffer in (buffer, None):
                return steps[place]
        return None

    def _last_edit(self, path: str, buffer: int, seq: int) -> Edit | None:
        own = self._own_edits.get((path, buffer))
        if own is None:
            number = self._numbers.get(path, -1)
            is_own = (self._edits.file == number) & (self._edits.buffer == buffer)
            own = self._own_edits[path, buffer] = np.flatnonzero(is_own)
        last = int(np.searchsorted(self._edits.seq[own], seq, side="right")) if own.size else 0
        return self._edits.edit(int(own[last - 1])) if last else None
