"""What happened to a file line by line: what a search looks through instead of every key.

Edits that follow each other at one place are one event, told once typing paused, went on
elsewhere, or more was erased than a slip: every line that stood for a moment is in some
event, lines half typed are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.history.live_text import LiveText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signoff_collector.episode.content import EditTable
    from signoff_collector.episode.moments import BufferLife, Moments
    from signoff_collector.history.searchable import Searchable

_SETTLED_NS: Final = 1_500_000_000
"""A pause after which the lines typed in are taken as meant."""
_NO_SLIP: Final = 4
"""So many characters erased at once were meant to stand there before."""


@dataclass(frozen=True, slots=True)  # positional: thousands of them
class LineEvent:
    """Some lines of a text became others."""

    seq: int
    """The step after which the new lines stand there."""
    begun: int
    """The first step of it: before this one the old lines stood there."""
    t_ns: int
    at: int
    """How many lines stand before the place."""
    removed: int
    """Number of lines replaced."""
    inserted: tuple[str, ...]
    """What stands there now; of lines longer than some thousand characters a part."""
    is_deletion: bool
    """Whether anything was erased, and not only written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The events of one text of a file: a buffer of an editor, or what lay on disk."""

    path: str
    is_main: bool
    """Its last lines are those the file has at the end; only one track of a path is."""
    events: tuple[LineEvent, ...]


def tracks_of(searchable: Searchable) -> Iterator[Track]:
    """Yield the tracks of every file, those of one file together, the main one first.

    Raises:
        DamagedError: the session cannot be read.
    """
    moments, edits = searchable.moments, searchable.episode.edits
    last, last_ns = searchable.end
    buffers: dict[str, dict[int, _Follower]] = {}
    for life in sorted(moments.lives(), key=lambda one: one.since):
        follower = buffers.setdefault(life.path, {}).setdefault(life.buffer, _Follower())
        follower.take_state(life.initial, life.since, searchable.times.get(life.since, 0))
        follower.follow(life, edits)
        follower.gone, follower.touched = life.until, life.since
        if len(life.edit_numbers):
            follower.touched = int(edits.seq[life.edit_numbers[-1]])
    disks: dict[str, _Follower] = {}
    for path, seq, content in sorted(moments.disk_texts(), key=lambda one: one[1]):
        follower = disks.setdefault(path, _Follower())
        follower.take_state(content or "", seq, searchable.times.get(seq, 0))
    open_here = dict(moments.buffers(last))
    for path in {**buffers, **disks}:
        buffer, own = open_here.get(path), buffers.get(path, {})
        held = own.values() if buffer is None else (own[buffer],)
        gone = moments.gone_since(path, last)
        if gone is not None and all(follower.touched < gone for follower in held):
            end = ("", gone, searchable.times.get(gone, 0))
        else:
            end = (_end_of(moments, path, buffer, last), last, last_ns)
        followers = [*own.values(), *([disks[path]] if path in disks else [])]
        for place, follower in enumerate(followers):
            if place == 0:
                follower.take_state(*end)
            yield Track(path=path, is_main=place == 0, events=tuple(follower.events))


def _end_of(moments: Moments, path: str, buffer: int | None, last: int) -> str:
    """Return the text a file has at the end: of a buffer over what is on disk."""
    content = None if buffer is None else moments.buffer(path, buffer, last)
    text = moments.disk(path, last) if content is None else content
    return text if isinstance(text, str) else ""


class _Follower:
    """Makes events of one text."""

    def __init__(self) -> None:
        self.events: list[LineEvent] = []
        self.gone: int | None = None
        """The step at which the text was closed: from there on the file may hold another one."""
        self.touched = -1
        """The last step that changed it while it was open."""
        self._text = LiveText("")

    def take_state(self, text: str, seq: int, t_ns: int) -> None:
        """The whole text is this from here on."""
        begun, self.gone = seq if self.gone is None else min(self.gone, seq), None
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
        """Follow the edits of one stretch in which the buffer was open."""
        own = edits.select(life.edit_numbers)
        burst: _Burst | None = None
        columns = (own.start.tolist(), own.deleted.tolist(), own.texts(), own.seq.tolist())
        for start, deleted, put, seq, t_ns in zip(*columns, own.t_ns.tolist(), strict=True):
            if burst is not None and not burst.goes_on(start, deleted, t_ns):
                self.events.append(burst.event(self._text))
                burst = None
            if burst is None:
                burst = _Burst(start, seq, self._text.lines_before(start))
            meant = burst.take(self._text, start, deleted, put)
            if meant is not None:
                self.events.append(meant)
                burst.begun = meant.seq + 1
            burst.seq, burst.t_ns = seq, t_ns
        if burst is not None:
            self.events.append(burst.event(self._text))


class _Burst:
    """Edits that touch each other, without a pause between them."""

    def __init__(self, start: int, seq: int, lines_before: int) -> None:
        self.begun = self.seq = seq
        self.t_ns = 0
        self._low = self._high = start
        self._at = lines_before
        self._won_lines = 0
        """Lines more than before."""
        self._is_deletion = False
        self._erased = 0
        """Characters erased since something was written."""
        self._written: LineEvent | None = None
        """What stood there before erasing began."""

    def goes_on(self, start: int, deleted: int, t_ns: int) -> bool:
        """Say whether an edit belongs to it."""
        is_near = self._low - 1 <= start + deleted and start <= self._high + 1
        return is_near and t_ns - self.t_ns <= _SETTLED_NS

    def take(self, text: LiveText, start: int, deleted: int, put: str) -> LineEvent | None:
        """Do one edit; return what stood before so much was erased that it was no slip."""
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
        """Return what has become of the lines."""
        lines = tuple(text.part(*text.bounds(self._low, self._high)).split("\n"))
        return LineEvent(
            self.seq, self.begun, self.t_ns, self._at, len(lines) - self._won_lines, lines,
            self._is_deletion,
        )  # fmt: skip


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines at the beginning are the same."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
