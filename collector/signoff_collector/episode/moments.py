"""Any state of any file at any moment (format.md, section 7).

Disk and buffer texts follow from the steps by the rules listed at ``content.Episode``.
Building this costs one pass over the steps; texts are computed when asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.episode.content import decode_text
from signoff_collector.episode.disk_form import encode_form
from signoff_collector.episode.texts import ImpossibleEditError, TextHistory
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Column, Episode
    from signoff_schemas.steps import StepBase
    from signoff_schemas.values import DiskFile, DiskForm

_WITHHELD: Final = "withheld"
BufferName = tuple[str, int]
"""Path and number of the editor's buffer."""


@dataclass(slots=True)
class _Life:
    """One buffer from an open or resync until it is closed or replaced."""

    since: int
    initial: _Version
    edit_numbers: Column
    """Places of its edits in the episode's table."""
    edit_seqs: Column
    until: int | None = None
    """First ``seq`` at which it is gone."""
    history: TextHistory | None = None


@dataclass(frozen=True, slots=True)
class Absent:
    """A file on disk whose content is not in the episode."""

    sha256: str | None = None
    """Of its bytes, when it is told."""
    base_path: str | None = None
    """Where the base commit holds its content, when it was only moved since."""
    path: str | None = None
    """Where it lay when it was seen to have this hash."""


@dataclass(frozen=True, slots=True)
class _Version:
    """A content: a blob, or a life after some edits, or nothing but an empty text."""

    blob: int | None = None
    life: _Life | None = None
    edits: int = 0
    form: DiskForm | None = None
    """How the text lies on disk."""
    absent: Absent | None = None
    """Set where there is a file, but no content of it here."""


@dataclass(slots=True)
class _Timeline:
    """What lay on disk at one path, from which ``seq`` on; None is no file."""

    seqs: list[int] = field(default_factory=list)
    versions: list[_Version | None] = field(default_factory=list)

    def add(self, seq: int, version: _Version | None) -> None:
        self.seqs.append(seq)
        self.versions.append(version)

    def at(self, seq: int) -> _Version | None:
        place = bisect_right(self.seqs, seq)
        return self.versions[place - 1] if place else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferLife:
    """One stretch in which a buffer was open."""

    path: str
    buffer: int
    since: int
    """The step after which its text was there."""
    until: int | None
    """The first step at which it is gone; None when it was open to the end."""
    initial: str
    edit_numbers: Column
    """Places of its edits in the episode's table."""


class Moments:
    """The states of an episode's files. A moment is the ``seq`` of the step just done.

    ``seq`` -1 is the start, before anything.
    """

    def __init__(self, episode: Episode) -> None:
        """Follow the steps once.

        Raises:
            DamagedError: an edit belongs to no open buffer, or a step names a blob
                that is not there.
        """
        self.episode = episode
        self._edits = episode.edits
        self._lives: dict[BufferName, list[_Life]] = {}
        self._disk: dict[str, _Timeline] = {}
        self._modes: dict[str, list[tuple[int, str]]] = {}
        self.moved_from: list[str] = []
        """Paths that files were moved away from."""
        self._numbers = self._edits_by_buffer()
        for step in episode.steps:
            self._follow(step)
        self._close_counts()

    # Building

    def _edits_by_buffer(self) -> dict[BufferName, Column]:
        file, buffer = self._edits.file, self._edits.buffer
        if not len(file):
            return {}
        if not (file != file[0]).any() and not (buffer != buffer[0]).any():
            everything = np.arange(len(file))
            return {(self.episode.files[int(file[0])], int(buffer[0])): everything}
        order = np.lexsort((buffer, file))
        changes = np.flatnonzero((np.diff(file[order]) != 0) | (np.diff(buffer[order]) != 0)) + 1
        return {
            (self.episode.files[int(file[part[0]])], int(buffer[part[0]])): part
            for part in np.split(order, changes)
        }

    def _follow(self, step: StepBase) -> None:
        path, seq = step.path, step.seq
        match kind_of(step):
            case "open" if path is not None:
                self._open(step, path)
            case "close" if path is not None:
                self._end((path, step.buffer or 0), seq)
            case "save" if path is not None:
                self._save(step, path)
            case "create" if path is not None:
                self._note_mode(path, seq, getattr(step, "mode", None))
                self._timeline(path).add(seq, _Version(blob=self._blob(step)))
            case "rename" if path is not None:
                self._rename(str(getattr(step, "old_path", "")), path, step)
            case "delete" if path is not None:
                self._timeline(path).add(seq, None)
            case "resync" if path is not None:
                self._resync(step, path)
            case _:
                held = vars(step)  # fields that nobody checked, of a later kind, are not in it
                for item in held.get("disk") or held.get("changed") or ():
                    self._see(item, seq)

    def _open(self, step: StepBase, path: str) -> None:
        blob, seq = self._blob(step), step.seq
        known = self._disk[path].at(seq) if path in self._disk else None
        has_text = known is not None and known.absent is None
        initial = _Version(blob=blob) if blob is not None or not has_text else known or _Version()
        self._begin((path, step.buffer or 0), seq, initial)
        form: DiskForm | None = getattr(step, "form", None)
        is_news = known is None and blob is not None and getattr(step, "reason", "") == "open"
        if form is not None:
            self._timeline(path).add(seq, replace(initial, form=form))
        elif is_news and blob is not None and self.episode.blobs[blob]:
            self._timeline(path).add(seq, initial)

    def _begin(self, name: BufferName, seq: int, initial: _Version) -> None:
        self._end(name, seq)
        numbers = self._numbers.get(name)
        empty = np.zeros(0, np.int64)
        life = _Life(since=seq, initial=initial, edit_numbers=empty, edit_seqs=empty)
        if numbers is not None:
            seqs = self._edits.seq[numbers]
            first = int(np.searchsorted(seqs, seq))
            life.edit_numbers, life.edit_seqs = numbers[first:], seqs[first:]
        self._lives.setdefault(name, []).append(life)

    def _end(self, name: BufferName, seq: int) -> None:
        lives = self._lives.get(name)
        if not lives or lives[-1].until is not None:
            return
        life = lives[-1]
        life.until = seq
        count = int(np.searchsorted(life.edit_seqs, seq))
        life.edit_numbers, life.edit_seqs = life.edit_numbers[:count], life.edit_seqs[:count]

    def _save(self, step: StepBase, path: str) -> None:
        seq = step.seq
        life = self._life((path, step.buffer or 0), seq)
        if life is not None:
            edits = bisect_right(life.edit_seqs, seq)
            form: DiskForm | None = getattr(step, "form", None)
            self._timeline(path).add(seq, _Version(life=life, edits=edits, form=form))

    def _rename(self, old_path: str, path: str, step: StepBase) -> None:
        seq = step.seq
        self.moved_from.append(old_path)
        if old_path in self._disk:
            version = self._disk[old_path].at(seq)
            if version is None:
                return
        else:
            version = _Version(absent=Absent(base_path=old_path))
        self._timeline(old_path).add(seq, None)
        self._timeline(path).add(seq, version)
        self._note_mode(path, seq, getattr(step, "mode", None) or self.mode(old_path, seq))

    def _resync(self, step: StepBase, path: str) -> None:
        blob = self._blob(step)
        if getattr(step, "target", "") == "disk":
            version = None if blob is None else _Version(blob=blob)
            self._note_mode(path, step.seq, getattr(step, "mode", None))
            self._timeline(path).add(step.seq, version)
        elif blob is None:
            self._end((path, step.buffer or 0), step.seq)
        else:
            self._begin((path, step.buffer or 0), step.seq, _Version(blob=blob))

    def _see(self, item: DiskFile, seq: int) -> None:
        self._note_mode(item.path, seq, item.mode)
        if item.blob is not None:
            self._check_blob(item.blob)
            self._timeline(item.path).add(seq, _Version(blob=item.blob))
        elif item.without_content:
            sha256 = None if item.sha256 == _WITHHELD else item.sha256
            self._timeline(item.path).add(
                seq, _Version(absent=Absent(sha256=sha256, path=item.path))
            )
        elif item.sha256 is None:
            self._timeline(item.path).add(seq, None)

    def _note_mode(self, path: str, seq: int, mode: str | None) -> None:
        if mode is not None:
            self._modes.setdefault(path, []).append((seq, mode))

    def _timeline(self, path: str) -> _Timeline:
        return self._disk.setdefault(path, _Timeline())

    def _blob(self, step: StepBase) -> int | None:
        blob = getattr(step, "blob", None)
        if isinstance(blob, int):
            self._check_blob(blob)
            return blob
        return None

    def _check_blob(self, blob: int) -> None:
        if blob >= len(self.episode.blobs):
            raise DamagedError(f"a step names blob {blob} of {len(self.episode.blobs)}")

    def _close_counts(self) -> None:
        placed = sum(len(life.edit_numbers) for lives in self._lives.values() for life in lives)
        if placed != len(self._edits):
            raise DamagedError(
                f"{len(self._edits) - placed} edits change a buffer that is not open"
            )

    # Asking

    def _life(self, name: BufferName, seq: int) -> _Life | None:
        lives = self._lives.get(name, [])
        place = bisect_right(lives, seq, key=lambda life: life.since)
        life = lives[place - 1] if place else None
        if life is None or (life.until is not None and life.until <= seq):
            return None
        return life

    def lives(self) -> Iterator[BufferLife]:
        """Yield every stretch in which a buffer was open, in no order.

        Raises:
            DamagedError: a buffer was opened on bytes that are not text.
        """
        for (path, buffer), lives in self._lives.items():
            for life in lives:
                initial = self._content(life.initial)
                if isinstance(initial, bytes):
                    raise DamagedError("a buffer was opened on bytes that are not text")
                yield BufferLife(
                    path=path,
                    buffer=buffer,
                    since=life.since,
                    until=life.until,
                    initial=initial,
                    edit_numbers=life.edit_numbers,
                )

    def disk_texts(self) -> Iterator[tuple[str, int, str | None]]:
        """Yield path, `seq` and text of everything on disk that no buffer was saved to.

        None where the file was gone from there on, or what it held is not text or not known.
        """
        for path, timeline in self._disk.items():
            for seq, version in zip(timeline.seqs, timeline.versions, strict=True):
                if version is None or version.absent is not None:
                    yield path, seq, None
                elif version.life is None:
                    content = self._content(version)
                    yield path, seq, content if isinstance(content, str) else None

    def disk_states(self, path: str) -> Iterator[str | bytes]:
        """Yield every content that a file had on disk, in order.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        for version in self._disk.get(path, _Timeline()).versions:
            if version is not None and version.absent is None:
                yield self._content(version)

    def buffer(self, path: str, buffer: int, seq: int) -> str | None:
        """Return the text of a buffer after step `seq`, or None when it is not open.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        life = self._life((path, buffer), seq)
        if life is None:
            return None
        return self._text_of(life, bisect_right(life.edit_seqs, seq))

    def buffers(self, seq: int) -> tuple[BufferName, ...]:
        """Return the names of the buffers open after step `seq`, oldest touched first."""
        touched: list[tuple[int, BufferName]] = []
        for name in self._lives:
            life = self._life(name, seq)
            if life is not None:
                done = bisect_right(life.edit_seqs, seq)
                last = int(life.edit_seqs[done - 1]) if done else life.since
                touched.append((last, name))
        return tuple(name for _, name in sorted(touched))

    def disk(self, path: str, seq: int) -> str | bytes | None:
        """Return what lay on disk after step `seq`: text, bytes that are none, or no file.

        The text is as an editor shows it; `disk_bytes` says what the file held.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        version = self._on_disk(path, seq)
        return None if version is None else self._content(version)

    def disk_bytes(self, path: str, seq: int) -> bytes | None:
        """Return the bytes of a file on disk after step `seq`, or None where none are known.

        Raises:
            DamagedError: an edit does not fit its text, or the text not its encoding.
        """
        version = self._on_disk(path, seq)
        if version is None:
            return None
        if version.life is None and version.blob is not None and version.form is None:
            return self.episode.blobs[version.blob]
        content = self._content(version)
        return content if isinstance(content, bytes) else encode_form(content, version.form)

    def disk_paths(self, seq: int) -> tuple[str, ...]:
        """Return the paths about which something is known after step `seq`, in no order.

        Of a file may be known only its mode: then its content is that of the base commit.
        """
        found = {path for path, line in self._disk.items() if line.seqs[0] <= seq}
        return (
            *found,
            *(p for p, seen in self._modes.items() if seen[0][0] <= seq and p not in found),
        )

    def changes(self) -> list[tuple[int, str]]:
        """Return at which steps something became known of which path, in order."""
        of_disk = [(seq, path) for path, line in self._disk.items() for seq in line.seqs]
        modes = [(seq, path) for path, seen in self._modes.items() for seq, _ in seen]
        return sorted({*of_disk, *modes})

    def disk_place(self, path: str, seq: int) -> int:
        """Return which of the contents that a file had one after the other it has; -1: none."""
        return bisect_right(self._disk[path].seqs, seq) - 1 if path in self._disk else -1

    def absent(self, path: str, seq: int) -> Absent | None:
        """Return what is known of a file that is there without its content, else None."""
        if path not in self._disk or self._disk[path].seqs[0] > seq:
            return Absent(base_path=path) if self.mode(path, seq) is not None else None
        version = self._disk[path].at(seq)
        return None if version is None else version.absent

    def form(self, path: str, seq: int) -> DiskForm | None:
        """Return how the text of a file lay on disk when last seen, None for plain UTF-8.

        Of a file that is gone, as it was before: what is still open is saved like that.
        """
        timeline = self._disk.get(path, _Timeline())
        known = timeline.versions[: bisect_right(timeline.seqs, seq)]
        there = (one for one in reversed(known) if one is not None and one.absent is None)
        version = next(there, None)
        return None if version is None else version.form

    def _on_disk(self, path: str, seq: int) -> _Version | None:
        version = self._disk[path].at(seq) if path in self._disk else None
        return None if version is None or version.absent is not None else version

    def tree(self, seq: int, *, disk: bool = False) -> dict[str, str | bytes]:
        """Return all files after step `seq`, by path: buffers over disk, or `disk` alone.

        Where two editors hold a file open, the one touched last counts.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        found: dict[str, str | bytes] = {}
        for path in self._disk:
            content = self.disk(path, seq)
            if content is not None:
                found[path] = content
        if not disk:
            for path, buffer in self.buffers(seq):
                text = self.buffer(path, buffer, seq)
                if text is not None:
                    found[path] = text
        return dict(sorted(found.items()))

    def gone(self, seq: int) -> frozenset[str]:
        """Return the paths that are known to have no file on disk after step `seq`."""
        return frozenset(
            path
            for path, timeline in self._disk.items()
            if timeline.seqs[:1] <= [seq] and timeline.at(seq) is None
        )

    def gone_since(self, path: str, seq: int) -> int | None:
        """Return the step that took a file from disk for as long as `seq` is.

        None while there is a file, or where nothing is known of one.
        """
        timeline = self._disk.get(path, _Timeline())
        place = bisect_right(timeline.seqs, seq)
        gone = None
        while place and timeline.versions[place - 1] is None:
            place -= 1
            gone = timeline.seqs[place]
        return gone

    def mode(self, path: str, seq: int) -> str | None:
        """Return a file's mode after step `seq` as git writes it, None where not known."""
        known = self._modes.get(path, [])
        place = bisect_right(known, seq, key=lambda item: item[0])
        return known[place - 1][1] if place else None

    def _content(self, version: _Version) -> str | bytes:
        if version.life is not None:
            return self._text_of(version.life, version.edits)
        if version.blob is None:
            return ""
        content = self.episode.blobs[version.blob]
        try:
            return decode_text(content)
        except UnicodeDecodeError:
            return content

    def _text_of(self, life: _Life, edits: int) -> str:
        if life.history is None:
            life.history = self._history(life)
        try:
            return life.history.after(edits)
        except ImpossibleEditError as error:
            number = int(life.edit_numbers[error.index]) + 1
            raise DamagedError(f"edit {number} does not fit its text: {error}") from error

    def _history(self, life: _Life) -> TextHistory:
        initial = self._content(life.initial)
        if isinstance(initial, bytes):
            raise DamagedError("a buffer was opened on bytes that are not text")
        edits = self._edits
        is_all = len(life.edit_numbers) == len(edits)
        own = edits if is_all else edits.select(life.edit_numbers)
        return TextHistory(
            initial=initial,
            start=own.start,
            deleted=own.deleted,
            inserted=own.inserted,
            text=own.text,
            replacements=own.replacements,
        )
