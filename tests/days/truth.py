"""What is true of a day: what lay on disk and in each buffer at each moment, in plain words.

Knows nothing of Signoff. The one rule it holds (docs/format.md, section 7): a buffer hides the
disk only while it is open and holds a text that the disk has not held since the buffer came to
hold it; among several such buffers the one touched last counts; else the file is what is on disk.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

EVER: Final = 1 << 62
_BURST_MS: Final = 300
"""What is done and undone within this time is one burst, and nobody tells of it."""


@dataclass(slots=True)
class Buffer:
    """One open document of one editor."""

    editor: str
    path: str
    text: bytes
    since: int
    """Moment number at which it came to hold this text."""
    past: list[bytes] = field(default_factory=list[bytes])
    """Texts it held before: what undo brings back."""


@dataclass(slots=True)
class States:
    """What one path was, from which millisecond on; None is no file."""

    times: list[int] = field(default_factory=list[int])
    values: list[bytes | None] = field(default_factory=list["bytes | None"])

    def add(self, t_ms: int, value: bytes | None) -> None:
        if not self.values or self.values[-1] != value:
            self.times.append(t_ms)
            self.values.append(value)

    def at(self, t_ms: int) -> bytes | None:
        place = bisect_right(self.times, t_ms)
        return self.values[place - 1] if place else None

    def between(self, low_ms: int, high_ms: int) -> list[bytes | None]:
        low, high = bisect_right(self.times, low_ms), bisect_right(self.times, high_ms)
        return [self.at(low_ms), *self.values[low:high]]


@dataclass(frozen=True, slots=True)
class Lost:
    """A text that something took, after it had stood for a while."""

    path: str
    text: bytes
    by: str
    t_ms: int
    """When all was recorded last before it."""
    at_ms: int
    """When it was taken."""


class Unknown:
    """When nobody can know what a path is; it may go on for `EVER`."""

    def __init__(self) -> None:
        self._spans: dict[str, list[tuple[int, int]]] = {}

    def begin(self, path: str, t_ms: int) -> None:
        if not self.at(path, t_ms):
            self._spans.setdefault(path, []).append((t_ms, EVER + 1))

    def end(self, path: str, t_ms: int) -> None:
        spans = self._spans.get(path, [])
        self._spans[path] = [(low, min(high, t_ms)) for low, high in spans]

    def at(self, path: str, t_ms: int) -> bool:
        return any(low <= t_ms < high for low, high in self._spans.get(path, ()))


class Truth:
    """The disk and every buffer, and how both came to be."""

    def __init__(self) -> None:
        self.t_ms = 0
        self._moment = 0
        self.disk: dict[str, list[tuple[int, bytes | None]]] = {}
        """Path to every content it had on disk, with the moment it came."""
        self.buffers: list[Buffer] = []
        self.orphans: list[tuple[int, Buffer]] = []
        """Unsaved texts of editors that were lost, and since when."""
        self.files: dict[str, States] = {}
        self.disks: dict[str, States] = {}
        self.known: dict[str, int] = {}
        """Paths that were open, or not as committed for a while: from when on they are recorded."""
        self.base: dict[str, bytes | None] = {}
        """Files as they were committed before the day began: git has them, nobody else needs to."""
        self.committed: set[bytes | None] = set()
        """Contents that a commit made on this day holds."""
        self.settled: list[int] = []
        """Milliseconds at which nothing had happened for long enough to be recorded."""
        self.words: dict[tuple[str, str], None] = {}
        """Each word that stood in a file for longer than a pause, with the path."""
        self.lost: dict[Lost, None] = {}
        self.red: dict[str, None] = {}
        self.is_silent = False
        """A person paused recording: nothing that happens may be recorded."""
        self.secrets: dict[str, None] = {}
        """Words that stood somewhere in a pause and nowhere since: nobody may know them."""
        self.unknown_disks = Unknown()
        """Files written in a pause: no record has them until they are written again."""
        self.unknown_files = Unknown()
        """The same but for those that an editor shows when the pause ends, and later."""
        self.either: set[str] = set()
        """Paths of editors that were lost in a pause: what they held last is not recorded."""
        self.uncovered: list[tuple[str, int]] = []
        """Path and time at which a text went that hid the disk: what else was written right
        before is told a little later, and until then the disk is as it was."""
        self.unsure: list[tuple[str, int, int, list[bytes | None]]] = []
        """Path, and time between the last word of a process and its death by kill -9: nobody can
        know when it died, so that what others hold may be told then as well."""

    def on_disk(self, path: str) -> bytes | None:
        """Return what lies there now."""
        return self.disk[path][-1][1] if path in self.disk else None

    def is_dirty(self, buffer: Buffer) -> bool:
        """Say whether the disk has not held a buffer's text since the buffer came to hold it."""
        states = self.disk.get(buffer.path, [])
        since = [text for came, text in states if came > buffer.since]
        before = [text for came, text in states if came <= buffer.since][-1:]
        return _same(buffer.text) not in [_same(text) for text in (*before, *since)]

    def hiding(self, path: str) -> Buffer | None:
        """Return the buffer that hides what lies on disk."""
        over = [one for one in self.buffers if one.path == path and self.is_dirty(one)]
        return max(over, key=lambda one: one.since, default=None)

    def file(self, path: str) -> bytes | None:
        """Return the file as it is now."""
        over = self.hiding(path)
        return self.on_disk(path) if over is None else over.text

    def paths(self) -> list[str]:
        """Return every path there ever was."""
        return sorted({*self.disk, *(one.path for one in self.buffers)})

    # What happens

    def wrote(self, found: dict[str, bytes], t_ms: int) -> list[str]:
        """Take the whole disk as it is now; return the paths that are not as they were."""
        changed = [path for path in {*self.disk, *found} if self.on_disk(path) != found.get(path)]
        self._moment += 1
        for path in sorted(changed):
            self.disk.setdefault(path, []).append((self._moment, found.get(path)))
            for unknown in (self.unknown_disks, self.unknown_files):
                (unknown.begin if self.is_silent else unknown.end)(path, t_ms)
            self.note(path, t_ms)
        for lost in [one for one in self.lost if one.path in changed]:
            if found.get(lost.path) == lost.text and t_ms - lost.at_ms < _BURST_MS:
                del self.lost[lost]  # it lies there again before anybody could see it gone
        return changed

    def opened(self, editor: str, path: str, text: bytes, t_ms: int) -> Buffer:
        """An editor shows a file."""
        self._moment += 1
        buffer = Buffer(editor, path, text, self._moment)
        self.buffers.append(buffer)
        if not self.is_silent:
            self.known.setdefault(path, t_ms)
            self.unknown_files.end(path, t_ms)
        self.note(path, t_ms)
        return buffer

    def typed(self, buffer: Buffer, text: bytes, t_ms: int) -> None:
        """A buffer holds another text."""
        self._moment += 1
        buffer.past.append(buffer.text)
        buffer.text, buffer.since = text, self._moment
        self.note(buffer.path, t_ms)

    def met_again(self, buffer: Buffer, t_ms: int) -> None:
        """A new bridge is told of a buffer: to it the buffer came to hold its text now."""
        self._moment += 1
        buffer.since = self._moment
        self.note(buffer.path, t_ms)

    def closed(self, buffer: Buffer, t_ms: int, by: str, *, is_lost: bool = False) -> None:
        """A buffer is gone; `is_lost`: nobody decided to let go of its text."""
        self._moment += 1
        if self.is_dirty(buffer):
            self.uncovered.append((buffer.path, t_ms))
        if self.is_dirty(buffer) and buffer.text.strip():
            self._take(buffer.path, buffer.text, by)
            if is_lost and self.is_silent:
                self.either.add(buffer.path)
            elif is_lost:
                self.orphans.append((self._moment, buffer))
        self.buffers.remove(buffer)
        self.note(buffer.path, t_ms)

    def note(self, path: str, t_ms: int) -> None:
        """Keep what a path is now."""
        self.t_ms = t_ms
        self.files.setdefault(path, States()).add(t_ms, self.file(path))
        self.disks.setdefault(path, States()).add(t_ms, self.on_disk(path))
        shown = self.hiding(path) or any(
            one.text == self.on_disk(path) for one in self.buffers if one.path == path
        )
        if self.unknown_disks.at(path, t_ms) and not shown:  # what hid it is gone
            self.unknown_files.begin(path, t_ms)
        if not self.is_silent and self.secrets:
            self._reveal()

    def _reveal(self) -> None:
        texts = [one.text for one in self.buffers] + [
            self.on_disk(path) or b"" for path in self.disk
        ]
        for word in [one for one in self.secrets if any(one.encode() in text for text in texts)]:
            del self.secrets[word]

    def paused(self) -> None:
        """Nothing may be recorded from now on."""
        self.is_silent = True
        self._in_pause = {id(one): one.text for one in self.buffers}

    def resumed(self, t_ms: int) -> None:
        """All may be recorded again: what buffers hold comes in as it is now."""
        self.is_silent = False
        for buffer in self.buffers:
            if self._in_pause.get(id(buffer)) != buffer.text:
                self.met_again(buffer, t_ms)
            if buffer.path not in self.known and self.is_dirty(buffer):
                self.unknown_disks.begin(buffer.path, t_ms)  # under what was opened in a pause
            self.known.setdefault(buffer.path, t_ms)
            if self.is_dirty(buffer) or buffer.text == self.on_disk(buffer.path):
                self.unknown_files.end(buffer.path, t_ms)
        for path in self.paths():
            self.note(path, t_ms)

    _in_pause: dict[int, bytes] = {}  # noqa: RUF012  replaced at each pause

    def is_known(self, path: str, t_ms: int, *, is_disk: bool = False) -> bool:
        """Say whether what a path is at a moment has to be recorded."""
        unknown = self.unknown_disks if is_disk else self.unknown_files
        return self.known.get(path, EVER) <= t_ms and not unknown.at(path, t_ms)

    def took(self, path: str, before: bytes | None, by: str) -> None:
        """Something replaced a file that was not being typed into."""
        is_there = before in (self.file(path), self.on_disk(path))
        if before is not None and before.strip() and not is_there:
            self._take(path, before, by)

    def _take(self, path: str, text: bytes, by: str) -> None:
        if self.is_silent:
            return  # it can be had from before the pause; nobody may say what took it
        stood = self.settled and self.is_known(path, self.settled[-1])
        if stood and any(text == shown for shown in self._shown(path)):
            self.lost[Lost(path, text, by, self.settled[-1], self.t_ms)] = None

    def _shown(self, path: str) -> Iterator[bytes | None]:
        """Yield the texts of a path that stood when all was recorded last."""
        yield self.files[path].at(self.settled[-1]) if path in self.files else None
        yield from self._stood.get(path, ())

    _stood: dict[str, list[bytes]] = {}  # noqa: RUF012  replaced at each settling

    def settle(self, t_ms: int) -> None:
        """Nothing has happened for a while: what stands now must be known for ever."""
        if self.is_silent:
            return
        self.t_ms = t_ms
        self.settled.append(t_ms)
        self._stood = {}
        for path in self.disk:
            if self.on_disk(path) != self.base.get(path) and not self._is_left(path, t_ms):
                self.known.setdefault(path, t_ms)
        for buffer in self.buffers:
            self._stood.setdefault(buffer.path, []).append(buffer.text)
            self._plant(buffer.path, buffer.text)
        for path in self.paths():
            if self.is_known(path, t_ms, is_disk=True):
                self._plant(path, self.on_disk(path))

    def _is_left(self, path: str, t_ms: int) -> bool:
        """Say whether a committed file may go unrecorded, whatever it is now.

        What a pause hid of it nobody knows. If git puts it back, it is as it was when the day
        began: nothing says that it ever changed, and git has it.
        """
        return path in self.base and self.unknown_disks.at(path, t_ms)

    def _plant(self, path: str, text: bytes | None) -> None:
        for word in (text or b"").decode().split():
            if word.startswith("zq"):
                self.words[word, path] = None

    def died(self, editor: str, said_ms: int, t_ms: int) -> None:
        """The bridge of an editor is killed; it wrote last at `said_ms`."""
        for own in [one for one in self.buffers if one.editor == editor]:
            if self.is_silent:
                self.either.add(own.path)
            others = [one.text for one in self.buffers if one.path == own.path and one is not own]
            disk = self.disks[own.path].between(said_ms, t_ms) if own.path in self.disks else []
            self.unsure.append((own.path, said_ms, t_ms, [*others, *disk]))

    def may_be(self, path: str, low_ms: int, high_ms: int) -> list[bytes | None]:
        """Return what may be said of a file between two moments."""
        may = self.files[path].between(low_ms, high_ms)
        for one, since, until, others in self.unsure:
            if one == path and since <= high_ms and low_ms <= until:
                may += others
        if any(one == path and low_ms <= t_ms <= high_ms for one, t_ms in self.uncovered):
            may += self.disks[path].between(low_ms, high_ms) if path in self.disks else [None]
        return may

    # What is asked

    def unsaved(self, *, may_be: bool = False) -> set[str]:
        """Return the paths of texts that only an editor has, or had when it was lost.

        With `may_be` also of those that the disk had once: they are recorded, and a new bridge, or
        one that was told of them in a pause, cannot know that its editor did not type them.
        """
        living = {
            one.path
            for one in self.buffers
            if self.is_dirty(one) and one.text.strip() and (may_be or not self._was_there(one))
        }
        return living | {
            buffer.path
            for since, buffer in self.orphans
            if self._nowhere(since, buffer, may_be=may_be)
        }

    def _was_there(self, buffer: Buffer) -> bool:
        return any(text == buffer.text for _, text in self.disk.get(buffer.path, []))

    def _nowhere(self, since: int, orphan: Buffer, *, may_be: bool) -> bool:
        """Say whether the text of a lost editor stood nowhere since.

        That another buffer holds it or held it counts too, but with `may_be` not for a text that
        it has from the disk.
        """
        states = (text for came, text in self.disk.get(orphan.path, []) if came >= since)
        again = any(
            one.path == orphan.path and (one.text == orphan.text or orphan.text in one.past)
            for one in self.buffers
        )
        if may_be and self._was_there(orphan):
            again = False
        return not again and orphan.text not in states


def _same(text: bytes | None) -> bytes | None:
    """Return what two texts have in common that are the same: a last line ending counts not."""
    return None if text is None else text.removesuffix(b"\n")
