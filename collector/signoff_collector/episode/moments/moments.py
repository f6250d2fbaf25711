"""Computes the state of any file after any step (format.md, section 7).

Disk and buffer texts follow from the steps by the rules listed at ``content.Episode``.
Building this index takes one pass over the steps; texts are computed on demand.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, assert_never

import numpy as np

from signoff_collector.episode.contents import Contents
from signoff_collector.episode.moments.disk_form import encode_form
from signoff_collector.episode.versions import Absent, Life, Timeline, Version
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import (
    FILE_STATE_KINDS,
    CloseStep,
    CreateStep,
    DeleteStep,
    DiskStep,
    EditStep,
    OpenStep,
    RenameStep,
    ResyncStep,
    SaveStep,
    SeenStep,
    ToldStep,
    UnknownStep,
    seen_on_disk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Column, Episode
    from signoff_schemas.steps import AnyStep
    from signoff_schemas.values import DiskFile, DiskForm

_WITHHELD: Final = "withheld"
BufferName = tuple[str, int]
"""Path and number of the editor's buffer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferLife:
    """One interval in which a buffer was open."""

    path: str
    buffer: int
    since: int
    """The step that opened it."""
    until: int | None
    """The step that closed it; None when it was open to the end."""
    initial: str
    edit_numbers: Column
    """Indices of its edits in the episode's table."""
    saves: frozenset[int]
    """Numbers of edits after which it was saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskChange:
    """One change of a file on disk."""

    seq: int
    buffer: int | None
    """The buffer of this path that was saved, if any; `text` is then not computed."""
    text: str | None
    """The new text otherwise; None for no file, binary content, or an unknown content."""


class Moments:
    """Index of the states of an episode's files. A moment is the ``seq`` of the last step done.

    ``seq`` -1 is the state before the first step.
    """

    def __init__(self, episode: Episode) -> None:
        """Build the index in one pass over the steps.

        Raises:
            DamagedError: an edit belongs to no open buffer, or a step names a blob
                that is not there.
        """
        self.episode = episode
        self._edits = episode.edits
        self._contents = Contents(episode)
        self._lives: dict[BufferName, list[Life]] = {}
        self._buffers: dict[str, list[int]] = {}
        self._disk: dict[str, Timeline] = {}
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

    def _follow(self, step: AnyStep) -> None:  # noqa: PLR0912  # one case per kind
        if step.kind not in FILE_STATE_KINDS:  # true for most steps; ten times as fast as `match`
            return
        match step:
            case SaveStep():
                self._save(step)
            case OpenStep():
                self._open(step)
            case CloseStep():
                if step.path is not None:
                    self._end((step.path, step.buffer or 0), step.seq)
            case CreateStep():
                self._create(step)
            case RenameStep():
                self._rename(step)
            case DeleteStep():
                if step.path is not None:
                    self._timeline(step.path).add(step.seq, None)
            case ResyncStep():
                self._resync(step)
            case DiskStep():
                for item in seen_on_disk(step):
                    self._see(item, step.seq)
            case EditStep() | SeenStep() | ToldStep() | UnknownStep():
                pass  # edits lie in a table, and the others change no file
            case _:
                assert_never(step)

    def _open(self, step: OpenStep) -> None:
        path = step.path
        if path is None:
            return
        blob, seq = self._blob(step), step.seq
        known = self._disk[path].at(seq) if path in self._disk else None
        has_text = known is not None and known.absent is None
        initial = Version(blob=blob) if blob is not None or not has_text else known or Version()
        self._begin((path, step.buffer or 0), seq, initial)
        is_news = known is None and blob is not None and step.reason == "open"
        if step.form is not None:
            self._timeline(path).add(seq, replace(initial, form=step.form))
        elif is_news and blob is not None and self.episode.blobs[blob]:
            self._timeline(path).add(seq, initial)

    def _begin(self, name: BufferName, seq: int, initial: Version) -> None:
        self._end(name, seq)
        numbers = self._numbers.get(name)
        empty = np.zeros(0, np.int64)
        life = Life(since=seq, initial=initial, edit_numbers=empty, edit_seqs=empty)
        if numbers is not None:
            seqs = self._edits.seq[numbers]
            first = int(np.searchsorted(seqs, seq))
            life.edit_numbers, life.edit_seqs = numbers[first:], seqs[first:]
        if name not in self._lives:
            self._buffers.setdefault(name[0], []).append(name[1])
        self._lives.setdefault(name, []).append(life)

    def _end(self, name: BufferName, seq: int) -> None:
        lives = self._lives.get(name)
        if not lives or lives[-1].until is not None:
            return
        life = lives[-1]
        life.until = seq
        count = int(np.searchsorted(life.edit_seqs, seq))
        life.edit_numbers, life.edit_seqs = life.edit_numbers[:count], life.edit_seqs[:count]

    def _save(self, step: SaveStep) -> None:
        path, seq = step.path, step.seq
        life = None if path is None else self._life((path, step.buffer or 0), seq)
        if path is not None and life is not None:
            version = Version(life=life, edits=life.done(seq), form=step.form)
            self._timeline(path).add(seq, version)

    def _create(self, step: CreateStep) -> None:
        if step.path is not None:
            self._note_mode(step.path, step.seq, step.mode)
            self._timeline(step.path).add(step.seq, Version(blob=self._blob(step)))

    def _rename(self, step: RenameStep) -> None:
        path, old_path, seq = step.path, step.old_path, step.seq
        if path is None:
            return
        self.moved_from.append(old_path)
        if old_path in self._disk:
            version = self._disk[old_path].at(seq)
            if version is None:
                return
        else:
            version = Version(absent=Absent(base_path=old_path))
        self._timeline(old_path).add(seq, None)
        self._timeline(path).add(seq, version)
        self._note_mode(path, seq, step.mode or self.mode(old_path, seq))

    def _resync(self, step: ResyncStep) -> None:
        path = step.path
        if path is None:
            return
        blob = self._blob(step)
        if step.target == "disk":
            version = None if blob is None else Version(blob=blob)
            self._note_mode(path, step.seq, step.mode)
            self._timeline(path).add(step.seq, version)
        elif blob is None:
            self._end((path, step.buffer or 0), step.seq)
        else:
            self._begin((path, step.buffer or 0), step.seq, Version(blob=blob))

    def _see(self, item: DiskFile, seq: int) -> None:
        self._note_mode(item.path, seq, item.mode)
        if item.blob is not None:
            self._check_blob(item.blob)
            self._timeline(item.path).add(seq, Version(blob=item.blob))
        elif item.without_content:
            sha256 = None if item.sha256 == _WITHHELD else item.sha256
            self._timeline(item.path).add(
                seq, Version(absent=Absent(sha256=sha256, path=item.path))
            )
        elif item.sha256 is None:
            self._timeline(item.path).add(seq, None)

    def _note_mode(self, path: str, seq: int, mode: str | None) -> None:
        if mode is not None:
            self._modes.setdefault(path, []).append((seq, mode))

    def _timeline(self, path: str) -> Timeline:
        return self._disk.setdefault(path, Timeline())

    def _blob(self, step: OpenStep | CreateStep | ResyncStep) -> int | None:
        if step.blob is not None:
            self._check_blob(step.blob)
        return step.blob

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

    def _life(self, name: BufferName, seq: int) -> Life | None:
        lives = self._lives.get(name, [])
        place = bisect_right(lives, seq, key=lambda life: life.since)
        life = lives[place - 1] if place else None
        if life is None or (life.until is not None and life.until <= seq):
            return None
        return life

    def lives(self) -> Iterator[BufferLife]:
        """Yield every interval in which a buffer was open, unordered.

        Raises:
            DamagedError: a buffer was opened on bytes that are not text.
        """
        for path in self._buffers:
            yield from self.lives_of(path)

    def lives_of(self, path: str) -> Iterator[BufferLife]:
        """Yield every interval in which a buffer of one file was open, unordered.

        Raises:
            DamagedError: a buffer was opened on bytes that are not text.
        """
        saves: dict[int, set[int]] = {}
        for version in self._disk.get(path, Timeline()).versions:
            if version is not None and version.life is not None:
                saves.setdefault(id(version.life), set()).add(version.edits)
        for buffer in self._buffers.get(path, ()):
            for life in self._lives[path, buffer]:
                initial = self._contents.of(life.initial)
                if isinstance(initial, bytes):
                    raise DamagedError("a buffer was opened on bytes that are not text")
                yield BufferLife(
                    path=path,
                    buffer=buffer,
                    since=life.since,
                    until=life.until,
                    initial=initial,
                    edit_numbers=life.edit_numbers,
                    saves=frozenset(saves.get(id(life), ())),
                )

    def disk_texts(self) -> Iterator[tuple[str, int, str | None]]:
        """Yield path, `seq` and text of every change on disk that is not a save.

        The text is None where the file was deleted, or its content is binary or unknown.
        """
        for path in self._disk:
            for change in self.disk_changes(path):
                if change.buffer is None:
                    yield path, change.seq, change.text

    def disk_changes(self, path: str) -> Iterator[DiskChange]:
        """Yield the changes on disk of one path, in order."""
        timeline = self._disk.get(path, Timeline())
        own = {
            id(life): buffer
            for buffer in self._buffers.get(path, ())
            for life in self._lives[path, buffer]
        }
        for seq, version in zip(timeline.seqs, timeline.versions, strict=True):
            if version is not None and id(version.life) in own:
                yield DiskChange(seq=seq, buffer=own[id(version.life)], text=None)
                continue
            known = None if version is None or version.absent is not None else version
            content = None if known is None else self._contents.of(known)
            text = content if isinstance(content, str) else None
            yield DiskChange(seq=seq, buffer=None, text=text)

    def buffer(self, path: str, buffer: int, seq: int) -> str | None:
        """Return the text of a buffer after step `seq`, or None when it is not open.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        life = self._life((path, buffer), seq)
        if life is None:
            return None
        return self._contents.text(life, life.done(seq))

    def buffers(self, seq: int) -> tuple[BufferName, ...]:
        """Return the buffers open after step `seq`, least recently changed first."""
        open_here = [(life, name) for name in self._lives if (life := self._life(name, seq))]
        touched = [(life.touched(life.done(seq)), name) for life, name in open_here]
        return tuple(name for _, name in sorted(touched))

    def _open_at(self, path: str, seq: int) -> list[tuple[int, int, Life]]:
        """Return (last change, number, life) of a path's open buffers, latest change first."""
        lives = [
            (number, self._life((path, number), seq)) for number in self._buffers.get(path, ())
        ]
        found = [(life.touched(life.done(seq)), number, life) for number, life in lives if life]
        return sorted(found, key=lambda one: one[:2], reverse=True)

    def hiding(self, path: str, seq: int) -> int | None:
        """Return the buffer whose unsaved text a file shows after step `seq` (format.md, 7).

        None where no buffer is open, or the disk has since held the text of each.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        return next(iter(self.hiding_buffers(path, seq)), None)

    def hiding_buffers(self, path: str, seq: int) -> Iterator[int]:
        """Yield every buffer with unsaved text, latest change first.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        for _, number, life in self._open_at(path, seq):
            if self._contents.hides(life, self._disk.get(path, Timeline()), seq):
                yield number

    def builds_on(self, path: str, buffer: int, since: int, until: int) -> bool:
        """Say whether a buffer held the disk content of step `since` at any step until `until`.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        version = self._on_disk(path, since)
        lives = self._lives.get((path, buffer), ()) if version is not None else ()
        return version is not None and any(
            self._contents.met(life, version, since, until)
            for life in lives
            if life.since < until and (life.until is None or life.until > since)
        )

    def shown_buffer(self, path: str, seq: int) -> int | None:
        """Return the buffer whose text is the one that the file shows, or None.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        found = self.hiding(path, seq)
        if found is not None:
            return found
        on_disk = self.disk(path, seq)
        buffers = (number for _, number, _ in self._open_at(path, seq))
        return next((one for one in buffers if self.buffer(path, one, seq) == on_disk), None)

    def file(self, path: str, seq: int) -> str | bytes | None:
        """Return a file after step `seq`: unsaved text of a buffer if any, else the disk.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        buffer = self.hiding(path, seq)
        return self.disk(path, seq) if buffer is None else self.buffer(path, buffer, seq)

    def file_bytes(self, path: str, seq: int) -> bytes | None:
        """Return the bytes of a file after step `seq`; unsaved text is encoded as a save would.

        Raises:
            DamagedError: an edit does not fit its text, or the text not its encoding.
        """
        buffer = self.hiding(path, seq)
        text = None if buffer is None else self.buffer(path, buffer, seq)
        return (
            self.disk_bytes(path, seq) if text is None else encode_form(text, self.form(path, seq))
        )

    def disk(self, path: str, seq: int) -> str | bytes | None:
        """Return the disk content after step `seq`: text, bytes if binary, None without a file.

        The text is as an editor shows it; `disk_bytes` gives the exact bytes.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        version = self._on_disk(path, seq)
        return None if version is None else self._contents.of(version)

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
        content = self._contents.of(version)
        return content if isinstance(content, bytes) else encode_form(content, version.form)

    def disk_paths(self, seq: int) -> tuple[str, ...]:
        """Return the paths with known content or mode after step `seq`, unordered.

        Where only the mode is known, the content is that of the base commit.
        """
        found = {path for path, line in self._disk.items() if line.seqs[0] <= seq}
        return (
            *found,
            *(p for p, seen in self._modes.items() if seen[0][0] <= seq and p not in found),
        )

    def changes(self) -> list[tuple[int, str]]:
        """Return (seq, path) of every change of content or mode on disk, in order."""
        of_disk = [(seq, path) for path, line in self._disk.items() for seq in line.seqs]
        modes = [(seq, path) for path, seen in self._modes.items() for seq, _ in seen]
        return sorted({*of_disk, *modes})

    def disk_place(self, path: str, seq: int) -> int:
        """Return the index, in the path's timeline, of the content at `seq`; -1 for none."""
        return bisect_right(self._disk[path].seqs, seq) - 1 if path in self._disk else -1

    def absent(self, path: str, seq: int) -> Absent | None:
        """Return what is known of a file that exists but whose content is not here, else None."""
        if path not in self._disk or self._disk[path].seqs[0] > seq:
            return Absent(base_path=path) if self.mode(path, seq) is not None else None
        version = self._disk[path].at(seq)
        return None if version is None else version.absent

    def form(self, path: str, seq: int) -> DiskForm | None:
        """Return the disk form of a file when last seen, None for plain UTF-8.

        For a deleted file, the form before deletion: an open buffer would be saved like that.
        """
        timeline = self._disk.get(path, Timeline())
        known = timeline.versions[: bisect_right(timeline.seqs, seq)]
        there = (one for one in reversed(known) if one is not None and one.absent is None)
        version = next(there, None)
        return None if version is None else version.form

    def _on_disk(self, path: str, seq: int) -> Version | None:
        version = self._disk[path].at(seq) if path in self._disk else None
        return None if version is None or version.absent is not None else version

    def tree(self, seq: int, *, disk: bool = False) -> dict[str, str | bytes]:
        """Return all files after step `seq`, by path: buffers over disk, or `disk` alone.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        contents = {
            path: self.disk(path, seq) if disk else self.file(path, seq)
            for path in sorted({*self._disk, *self._buffers})
        }
        return {path: content for path, content in contents.items() if content is not None}

    def paths(self, seq: int) -> tuple[str, ...]:
        """Return the paths that have a file or an open buffer after step `seq`, sorted.

        Contents are not looked at: a file whose content the episode lacks is among them.
        """
        on_disk = {path for path, timeline in self._disk.items() if timeline.at(seq) is not None}
        return tuple(sorted(on_disk | {path for path, _ in self.buffers(seq)}))

    def gone(self, seq: int) -> frozenset[str]:
        """Return the paths that are known to have no file on disk after step `seq`."""
        return frozenset(
            path
            for path, timeline in self._disk.items()
            if timeline.seqs[:1] <= [seq] and timeline.at(seq) is None
        )

    def mode(self, path: str, seq: int) -> str | None:
        """Return a file's mode after step `seq` as git writes it, None where not known."""
        known = self._modes.get(path, [])
        place = bisect_right(known, seq, key=lambda item: item[0])
        return known[place - 1][1] if place else None
