"""Bursts: edits of one thought, and what each changed, as one replacement that names its place.

A burst is a longest run of edits in one buffer by one class of author, each soon after and near the
one before, with nothing but looking between them. What it changed is a hunk action: a text of whole
lines that stands once in the file, and what takes its place. Doing all actions of a buffer in order
gives exactly its states at the ends of the bursts.

Costs the sum of the edits, and one copy of the file's text for each burst.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from signoff_schemas.steps import CheckpointStep, FocusStep, SearchStep, SeenStep
from signoff_schemas.words import ACTOR_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Column, Episode
    from signoff_collector.episode.moments.moments import BufferLife, Moments

GAP_NS: Final = 2_500_000_000
"""A longer pause ends a burst."""
NEAR_LINES: Final = 8
"""A change with more lines between it and the rest begins another burst."""
MOST_EDITS: Final = 5_000
"""No hand makes more without a pause; bounds the cost of one burst."""
_LINE: Final[re.Pattern[str]] = re.compile(r"[^\n]*\n|[^\n]+")
LONGEST: Final = 1 << 16
"""Characters: a region this long ends its burst, for the same reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One replacement in one file."""

    kind: Literal["str_replace", "create"]
    """`create` where the file was empty: there is no text to find."""
    old: str
    """Whole lines that stand exactly once in the text; empty for `create`."""
    new: str

    def apply(self, text: str) -> str:
        """Return the text after it.

        Raises:
            ValueError: the old text does not stand there exactly once.
        """
        if not self.old:
            if text:
                raise ValueError("a file that is to be created has a text already")
            return self.new
        place = text.find(self.old)
        if place < 0 or text.find(self.old, place + 1) >= 0:
            raise ValueError("the text to replace does not stand there exactly once")
        return text[:place] + self.new + text[place + len(self.old) :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Edits of one thought."""

    path: str
    buffer: int
    life: int
    """`seq` of the step since which the buffer was open."""
    first: int
    last: int
    """`seq` of its first and last edit. Steps that only look may lie between."""
    edits: int
    actor: str
    inserted: int
    """Characters."""
    deleted: int
    start_ns: int
    end_ns: int
    action: Action | None
    """What it changed; None if nothing (a `null_edit`)."""
    state: int
    """Number of the buffer's text after it: equal texts of one life, equal number; 0 when opened.
    """


def bursts(episode: Episode, moments: Moments) -> tuple[Burst, ...]:
    """Return the bursts by their first edit; each edit is in exactly one.

    Raises:
        DamagedError: a buffer was opened on bytes that are not text, or an edit does not fit.
    """
    joined = _joined(episode)
    lives = (life for life in moments.lives() if len(life.edit_numbers))
    found = [one for life in lives for one in _Life(episode, life, joined).bursts()]
    return tuple(sorted(found, key=lambda one: one.first))


def _joined(episode: Episode) -> Column:
    """Return for each edit whether nothing parts it from the edit before: 1 or 0."""
    edits = episode.edits
    if not len(edits):
        return np.zeros(0, np.int64)
    parting = np.array([step.seq for step in episode.steps if not _is_looking(step)], np.int64)
    before = np.searchsorted(parting, edits.seq)
    same = np.ones(len(edits), np.bool_)
    same[0] = False
    for column in (edits.file, edits.buffer, edits.actor, before):
        same[1:] &= column[1:] == column[:-1]
    same[1:] &= edits.t_ns[1:] - edits.t_ns[:-1] < GAP_NS
    return same.astype(np.int64)


def _is_looking(step: object) -> bool:
    looks = isinstance(step, (SeenStep, CheckpointStep))
    return looks and not isinstance(step, (FocusStep, SearchStep))


class _Life:
    """Walks the edits of one open buffer; holds its text, and the region that the burst changed."""

    def __init__(self, episode: Episode, life: BufferLife, joined: Column) -> None:
        self._episode = episode
        self._life = life
        self._joined: list[int] = joined[life.edit_numbers].tolist()
        self._text = life.initial
        """Before the burst."""
        self._low = self._high = 0
        """The region in that text."""
        self._now = ""
        """What stands there now."""
        self._hashes = {hash(life.initial): 0}

    def bursts(self) -> Iterator[Burst]:
        edits = self._episode.edits.select(self._life.edit_numbers)
        columns = (edits.start.tolist(), edits.deleted.tolist(), edits.texts(), self._joined)
        begin = 0
        for number, (start, deleted, text, is_joined) in enumerate(zip(*columns, strict=True)):
            is_full = number - begin >= MOST_EDITS or len(self._now) > LONGEST
            if number and not (is_joined and not is_full and self._is_near(start, start + deleted)):
                yield self._burst(begin, number)
                begin = number
            if number == begin:
                self._low = self._high = start
                self._now = ""
            self._take(start, start + deleted, text)
        yield self._burst(begin, len(self._joined))

    def _is_near(self, start: int, end: int) -> bool:
        """Say whether few lines lie between the region and a change, in today's offsets."""
        low, high = self._low, self._low + len(self._now)
        if end < low:
            return _has_few_lines(self._text, end, low)
        if start > high:
            return _has_few_lines(self._text, self._high, self._high + start - high)
        return True

    def _take(self, start: int, end: int, text: str) -> None:
        """Apply one edit, given in today's offsets, and let the region reach around it."""
        high = self._low + len(self._now)
        if start < self._low:
            self._now = self._text[start : self._low] + self._now
            self._low = start
        if end > high:
            until = self._high + end - high
            self._now += self._text[self._high : until]
            self._high = until
        at = start - self._low
        self._now = self._now[:at] + text + self._now[end - self._low :]

    def _burst(self, begin: int, end: int) -> Burst:
        action = _action(self._text, self._low, self._high, self._now)
        if action is not None:
            self._text = self._text[: self._low] + self._now + self._text[self._high :]
        edits, numbers = self._episode.edits, self._life.edit_numbers
        first, last = int(numbers[begin]), int(numbers[end - 1])
        own = numbers[begin:end]
        return Burst(
            path=self._life.path,
            buffer=self._life.buffer,
            life=self._life.since,
            first=int(edits.seq[first]),
            last=int(edits.seq[last]),
            edits=end - begin,
            actor=str(ACTOR_CLASSES[int(edits.actor[first])]),
            inserted=int(edits.inserted[own].sum()),
            deleted=int(edits.deleted[own].sum()),
            start_ns=int(edits.t_ns[first]),
            end_ns=int(edits.t_ns[last]),
            action=action,
            state=self._hashes.setdefault(hash(self._text), len(self._hashes)),
        )


def _has_few_lines(text: str, low: int, high: int) -> bool:
    """Say whether at most `NEAR_LINES` line endings lie between two offsets."""
    for _ in range(NEAR_LINES + 1):
        low = text.find("\n", low, high) + 1
        if not low:
            return True
    return False


def replacement(before: str, after: str) -> Action | None:
    """Return the one replacement of whole lines that makes a text of another; None if equal."""
    return _action(before, 0, len(before), after)


def _action(text: str, low: int, high: int, now: str) -> Action | None:
    """Return the replacement of a region as whole lines, without the lines that stay."""
    if text[low:high] == now:
        return None
    if not text:
        return Action(kind="create", old="", new=now)
    first = text.rfind("\n", 0, low) + 1
    last = _line_end(text, high)
    old = text[first:last]
    new = text[first:low] + now + text[high:last]
    before, after = _same_lines(old, new)
    first, last = first + before, last - after
    new = new[before : len(new) - after]
    return _unique(text, first, last, new)


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return end + 1 if end >= 0 else len(text)


def _same_lines(old: str, new: str) -> tuple[int, int]:
    """Return the length of the lines that both begin with, and that both end with."""
    one, other = _LINE.findall(old), _LINE.findall(new)
    most = min(len(one), len(other))
    before = next((n for n in range(most) if one[n] != other[n]), most)
    most -= before
    after = next((n for n in range(most) if one[-1 - n] != other[-1 - n]), most)
    return sum(map(len, one[:before])), sum(map(len, one[len(one) - after :]))


def _unique(text: str, first: int, last: int, new: str) -> Action:
    """Widen a replacement by whole lines, by ever more at once, until its text stands once."""
    begin, end, lines = first, last, 1
    while begin == end or text.find(text[begin:end], text.find(text[begin:end]) + 1) >= 0:
        for _ in range(lines):
            begin = text.rfind("\n", 0, max(begin - 1, 0)) + 1
            end = _line_end(text, end) if end < len(text) else end
        lines *= 2
    return Action(
        kind="str_replace", old=text[begin:end], new=text[begin:first] + new + text[last:end]
    )
