"""Log of line changes per file: what a search reads instead of single keystrokes.

Adjacent edits are coalesced into one event. An event ends when typing pauses or moves elsewhere, or
when more is erased than a typo. So every line that existed for a moment is in some event, and
half-typed lines are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.history.search.live_text import LiveText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from signoff_collector.episode.content import EditTable
    from signoff_collector.episode.moments.moments import BufferLife, DiskChange, Moments
    from signoff_collector.history.search.searchable import Searchable

_SETTLED_NS: Final = 1_500_000_000
"""Pause after which the typed lines count as intended."""
_NO_SLIP: Final = 4
"""Erasing more characters than this at once is no typo: the old text was intended."""


@dataclass(frozen=True, slots=True)  # positional: thousands of them
class LineEvent:
    """Replacement of some lines by others."""

    seq: int
    """The step after which the new lines exist."""
    begun: int
    """Its first step: the old lines existed before it."""
    t_ns: int
    at: int
    """Number of lines before the changed place."""
    removed: int
    """Number of lines replaced."""
    inserted: tuple[str, ...]
    """The new lines; very long lines are truncated."""
    is_deletion: bool
    """Whether anything was deleted, not only inserted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The line events of one version of a file: an editor buffer, or the disk content."""

    path: str
    is_main: bool
    """Whether its final lines are those of the file; true for one track per path."""
    events: tuple[LineEvent, ...]


def tracks_of(searchable: Searchable) -> Iterator[Track]:
    """Yield the tracks of every file, grouped by file, the main one first.

    Raises:
        DamagedError: the session cannot be read.
    """
    moments, times = searchable.moments, searchable.times
    last, last_ns = searchable.end
    files: dict[str, dict[int | None, _Follower]] = {}
    for life in sorted(moments.lives(), key=lambda one: one.since):
        follower = files.setdefault(life.path, {}).setdefault(life.buffer, _Follower())
        follower.take_state(life.initial, life.since, times.get(life.since, 0))
        follower.follow(life, searchable.episode.edits)
        follower.gone = last if life.until is None else life.until
    for path in dict.fromkeys((*files, *moments.disk_paths(last))):
        changes = list(moments.disk_changes(path))
        followers = files.setdefault(path, {})
        _follow_disk(followers, changes, times)
        if not followers:
            continue
        text = moments.file(path, last)
        end = text if isinstance(text, str) else ""
        main = _main_of(moments, path, last, changes)
        first = main if main in followers else next(iter(followers))
        for name in sorted(followers, key=lambda one: one != first):
            follower = followers[name]  # until it was replaced or closed
            others = (one.seq for one in changes if one.buffer != name)
            later = (seq for seq in others if seq > follower.touched)
            gone = last if name is None else follower.gone
            at = max(min(gone, next(later, last)), follower.touched)
            follower.take_state(end, at, times.get(at, last_ns))
            yield Track(path=path, is_main=name == first, events=tuple(follower.events))


def _follow_disk(
    followers: dict[int | None, _Follower], changes: Sequence[DiskChange], times: Mapping[int, int]
) -> None:
    """Log the disk contents that no buffer of this file had."""
    if any(change.buffer is None for change in changes):
        followers[None] = disk = _Follower()
        for change in changes:
            if change.buffer is None:
                disk.take_state(change.text or "", change.seq, times.get(change.seq, 0))


def _main_of(moments: Moments, path: str, last: int, changes: Sequence[DiskChange]) -> int | None:
    """Return the buffer with the file's final text; None if it is not a buffer's."""
    hiding = moments.hiding(path, last)
    return changes[-1].buffer if hiding is None and changes else hiding


class _Follower:
    """Builds the events of one version of a file."""

    def __init__(self) -> None:
        self.events: list[LineEvent] = []
        self.touched = -1
        """The step of the last change."""
        self.gone = 0
        """The step that closed it, or the last one."""
        self._text = LiveText("")

    def take_state(self, text: str, seq: int, t_ns: int) -> None:
        """Replace the whole text."""
        begun = self.touched + 1 if self.events else seq
        self.touched = seq
        old, new = self._text.whole(), text
        if old == new and self.events:
            return
        old_lines, new_lines = old.split("\n") if self.events else [], new.split("\n")
        at = _common(old_lines, new_lines)
        behind = _common(old_lines[at:][::-1], new_lines[at:][::-1])
        inserted = tuple(new_lines[at : len(new_lines) - behind])
        removed = len(old_lines) - at - behind
        self.events.append(LineEvent(seq, begun, t_ns, at, removed, inserted, removed > 0))
        self._text = LiveText(text)

    def follow(self, life: BufferLife, edits: EditTable) -> None:
        """Process the edits of one period in which the buffer was open."""
        own = edits.select(life.edit_numbers)
        burst: _Burst | None = None
        columns = (own.start.tolist(), own.deleted.tolist(), own.texts(), own.seq.tolist())
        rows = zip(*columns, own.t_ns.tolist(), strict=True)
        for done, (start, deleted, put, seq, t_ns) in enumerate(rows):
            goes_on = burst is not None and burst.goes_on(start, deleted, t_ns)
            if burst is not None and (not goes_on or done in life.saves):
                self.events.append(burst.event(self._text))
                burst = None
            if burst is None:
                burst = _Burst(start, seq, self._text.lines_before(start))
            meant = burst.take(self._text, start, deleted, put)
            if meant is not None:
                self.events.append(meant)
                burst.begun = meant.seq + 1
            burst.seq, burst.t_ns = seq, t_ns
            self.touched = seq
        if burst is not None:
            self.events.append(burst.event(self._text))


class _Burst:
    """Coalesces adjacent edits without a pause between them."""

    def __init__(self, start: int, seq: int, lines_before: int) -> None:
        self.begun = self.seq = seq
        self.t_ns = 0
        self._low = self._high = start
        self._at = lines_before
        self._won_lines = 0
        """Growth in lines since the start."""
        self._is_deletion = False
        self._erased = 0
        """Characters erased since the last insertion."""
        self._written: LineEvent | None = None
        """The event for the text before erasing began."""

    def goes_on(self, start: int, deleted: int, t_ns: int) -> bool:
        """Return whether an edit continues the burst."""
        is_near = self._low - 1 <= start + deleted and start <= self._high + 1
        return is_near and t_ns - self.t_ns <= _SETTLED_NS

    def take(self, text: LiveText, start: int, deleted: int, put: str) -> LineEvent | None:
        """Apply an edit; return the event of the text before, if more than a typo was erased."""
        if deleted and not self._erased and self._high > self._low:
            self._written = self.event(text)
        self._erased = self._erased + deleted if deleted else 0
        lost = text.part(start, start + deleted).count("\n") if deleted else 0
        if start < self._low:
            self._at -= text.part(start, self._low).count("\n")
        self._low = min(self._low, start)
        self._high = max(self._high, start + deleted) - deleted + len(put)
        text.apply(start, deleted, put)
        self._won_lines += put.count("\n") - lost
        self._is_deletion = self._is_deletion or deleted > 0
        if self._written is None or self._erased < _NO_SLIP:
            return None
        written, self._written = self._written, None
        self._won_lines -= len(written.inserted) - written.removed
        return written

    def event(self, text: LiveText) -> LineEvent:
        """Return the event for the lines that changed."""
        lines = tuple(text.part(*text.bounds(self._low, self._high)).split("\n"))
        return LineEvent(
            self.seq, self.begun, self.t_ns, self._at, len(lines) - self._won_lines, lines,
            self._is_deletion,
        )  # fmt: skip


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the common prefix, in lines."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
