"""Compute the shown state of a text: each maximal masked run becomes one placeholder.

`ShownText` follows one text through its edits. It keeps the masked runs in original offsets
to translate any offset into the shown text. For each original edit it computes the edit
between the two shown states, or None if they are equal (decision 8).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np

from signoff_collector.redaction.texts.texts import Text

_SMALL: Final = 64
"""Below this length a list is faster than a numpy array."""


class Run(NamedTuple):
    """One maximal run of masked characters, in original offsets."""

    start: int
    end: int
    label: str
    """The placeholder that replaces it."""


class ShownEdit(NamedTuple):
    """The edit between two shown states."""

    start: int
    deleted: int
    text: str
    is_masked: bool
    """Whether masked characters were inserted, deleted, split or joined."""


class Masks:
    """The group by which each character id is masked; 0 means shown."""

    def __init__(self, id_count: int, label: Callable[[int], str]) -> None:
        self.groups: array[int] = array("i", bytes(4 * id_count))
        self.label = label
        """Returns the placeholder of a group; the first call for a group may number it."""
        self.is_empty = True
        self.round = 0
        """Grows with every masked character: compare it to see whether anything was masked."""

    def copy(self) -> Masks:
        """Return a copy of the current masks."""
        other = Masks(0, self.label)
        other.groups, other.is_empty = self.groups[:], self.is_empty
        return other

    def grow(self, id_count: int) -> None:
        """Make room for ids below `id_count`."""
        missing = id_count - len(self.groups)
        if missing > 0:
            self.groups.frombytes(bytes(4 * (missing + missing // 8 + 1024)))

    def mark(self, ids: array[int], group: int) -> None:
        """Mask characters; those that are masked already keep their group."""
        if len(ids) >= _SMALL and 0 not in self._flags(ids):
            return  # most are found again and again
        groups = self.groups
        for one in ids:
            if not groups[one]:
                groups[one] = group
                self.round += 1
        self.is_empty = self.is_empty and not ids

    def without(self, shown: frozenset[int]) -> Masks:
        """Return a copy without the masks of these groups."""
        if not shown:
            return self
        other = Masks(0, self.label)
        known = np.frombuffer(self.groups, np.int32)
        hidden = np.where(np.isin(known, np.array(sorted(shown), np.int32)), 0, known)
        other.groups = array("i", hidden.astype(np.int32).tobytes())
        other.is_empty = not hidden.any()
        return other

    def runs(self, ids: array[int], offset: int = 0) -> list[Run]:
        """Return the masked runs of a piece of text that begins at `offset`."""
        if self.is_empty:
            return []
        groups = self.groups
        return [
            Run(offset + start, offset + end, self.label(groups[ids[start]]))
            for start, end in self._spans(ids)
        ]

    def blanked(self, chars: str, ids: array[int], hole: str) -> str:
        """Return characters with `hole`, which is one, in place of each that is masked."""
        place, pieces = 0, list[str]()
        for start, end in self._spans(ids):
            pieces += chars[place:start], hole * (end - start)
            place = end
        return "".join([*pieces, chars[place:]])

    def _spans(self, ids: array[int]) -> Iterator[tuple[int, int]]:
        """Yield the masked ranges of a piece of text."""
        flags, end = self._flags(ids), 0
        while (start := flags.find(1, end)) >= 0:
            end = flags.find(0, start)
            end = len(ids) if end < 0 else end
            yield start, end

    def _flags(self, ids: array[int]) -> bytes:
        if len(ids) < _SMALL:
            groups = self.groups
            return bytes([1 if groups[one] else 0 for one in ids])
        known = np.frombuffer(self.groups, np.int32)
        flags: bytes = (known[np.frombuffer(ids, np.int32)] != 0).tobytes()
        return flags


class ShownText:
    """The masked runs of one text, updated with every edit."""

    __slots__ = ("masks", "original", "runs")

    def __init__(self, text: Text, masks: Masks, runs: list[Run] | None = None) -> None:
        self.original = text
        self.masks = masks
        self.runs = masks.runs(text.ids) if runs is None else runs

    @property
    def text(self) -> str:
        """The text as shown."""
        return show(self.original.chars, self.runs)

    def copy(self, text: Text) -> ShownText:
        """Return the same shown state for a copy of the text."""
        return ShownText(text, self.masks, list(self.runs))

    def offset(self, original: int) -> int:
        """Translate an original offset; one within a run becomes the placeholder's end."""
        shift = 0
        for run in self.runs:
            if run.start >= original:
                break
            if original < run.end:
                return run.start + shift + len(run.label)
            shift += len(run.label) - (run.end - run.start)
        return original + shift

    def before_edit(self, start: int, deleted: int) -> Pending:
        """Save the state that an edit is about to change; call `Pending.done` after the edit."""
        return Pending(self, start, deleted)


class Pending:
    """One edit in progress: created before the text changes, finished with `done`."""

    __slots__ = ("_deleted", "_from", "_items", "_shown_from", "_start", "_to", "shown")

    def __init__(self, shown: ShownText, start: int, deleted: int) -> None:
        self.shown = shown
        self._start, self._deleted = start, deleted
        # Widen the window to whole runs: an edit beside or within one may split or join it.
        low, high = start, start + deleted
        for run in shown.runs:
            if run.start > start + deleted:
                break
            if run.end >= start:
                low, high = min(low, run.start), max(high, run.end)
        self._from, self._to = low, high
        self._shown_from = shown.offset(low)
        inside = [run for run in shown.runs if run.start >= low and run.end <= high]
        self._items = _items(shown.original, low, high, inside)

    def done(self, inserted: array[int], text: str) -> ShownEdit | None:
        """Return the shown edit, or None if the shown text has not changed."""
        shown, masks = self.shown, self.shown.masks
        delta = len(inserted) - self._deleted
        low, old_high = self._from, self._to
        new_high = old_high + delta
        old_runs = [r for r in shown.runs if r.start >= low and r.end <= old_high]
        new_runs = masks.runs(shown.original.ids_of(low, new_high), low)
        is_masked = self._is_masked(old_runs, new_runs, delta)
        shown.runs = _replace(shown.runs, low, old_high, new_runs, delta)
        if not is_masked:
            at = self._shown_from + (self._start - low)
            at += sum(len(r.label) - (r.end - r.start) for r in old_runs if r.end <= self._start)
            return ShownEdit(at, self._deleted, text, False)
        items = _items(shown.original, low, new_high, new_runs)
        return _between(self._shown_from, self._items, items)

    def _is_masked(self, old: list[Run], new: list[Run], delta: int) -> bool:
        """Return whether the edit changed any run in its window."""
        start, end = self._start, self._start + self._deleted
        kept = [run for run in old if run.end <= start]
        kept += [_moved(run, delta) for run in old if run.start >= end and run.end > start]
        return len(kept) != len(old) or kept != new


def show(chars: str, runs: list[Run]) -> str:
    """Return a text with each run replaced by its placeholder."""
    if not runs:
        return chars
    pieces, place = [], 0
    for run in runs:
        pieces.append(chars[place : run.start])
        pieces.append(run.label)
        place = run.end
    pieces.append(chars[place:])
    return "".join(pieces)


def _items(text: Text, low: int, high: int, runs: list[Run]) -> list[str]:
    """Return a range of text as a list of characters and whole placeholders.

    A placeholder is one item, so that an edit never replaces only a part of one.
    """
    items: list[str] = []
    place = low
    for run in runs:
        items.extend(text.part(place, run.start))
        items.append(run.label)
        place = run.end
    items.extend(text.part(place, high))
    return items


def _moved(run: Run, delta: int) -> Run:
    return Run(run.start + delta, run.end + delta, run.label)


def _replace(runs: list[Run], low: int, high: int, new: list[Run], delta: int) -> list[Run]:
    before = [run for run in runs if run.start < low]
    after = [_moved(run, delta) for run in runs if run.start >= high]
    return before + new + after


def _between(offset: int, old: list[str], new: list[str]) -> ShownEdit | None:
    head = 0
    while head < len(old) and head < len(new) and old[head] == new[head]:
        head += 1
    tail = 0
    limit = min(len(old), len(new)) - head
    while tail < limit and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    removed = old[head : len(old) - tail]
    added = new[head : len(new) - tail]
    if not removed and not added:
        return None
    start = offset + sum(map(len, old[:head]))
    return ShownEdit(start, sum(map(len, removed)), "".join(added), True)
