"""Reads an episode from untrusted bytes.

``read_episode`` requires that all of it is intact. ``EpisodeFile`` also opens damaged files:
it finds frames by scanning when the index is lost, and fails only for the damaged part.
"""

from __future__ import annotations

import os
import stat
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.episode import frames
from signoff_collector.episode.columns import columns
from signoff_collector.episode.content import EditTable, Episode
from signoff_collector.episode.file import layout, parts, rows
from signoff_collector.episode.file.header_array import read_header
from signoff_collector.episode.file.upgrade import upgraded
from signoff_collector.episode.uncollected import uncollected
from signoff_collector.system.files.opening import READING_LINKED
from signoff_schemas.errors import DamagedError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping
    from pathlib import Path

    from signoff_collector.episode.columns.coding import Coding
    from signoff_collector.episode.content import Column
    from signoff_collector.episode.file.header_array import HeaderArray
    from signoff_collector.episode.file.layout import FrameEntry
    from signoff_schemas.header import EpisodeHeader
    from signoff_schemas.steps import AnyStep

MAX_TOTAL_BYTES: Final = 1 << 30
"""Most declared decompressed bytes of all frames together: a guard against zip bombs."""


class _EveryKind:
    def __contains__(self, kind: object) -> bool:
        return isinstance(kind, str)


EVERY_KIND: Final[Container[str]] = _EveryKind()
_NAMES: Final = "`signoff list` names the episodes."


def read_bytes(path: Path) -> bytes:
    """Return the bytes of an episode file: a regular file, of a size we accept.

    Raises:
        NotFoundError: there is none.
        DamagedError: it is too large, or no regular file.
    """
    try:
        descriptor = os.open(path, READING_LINKED)
        with open(descriptor, "rb") as file:  # noqa: PTH123  # a pipe must not be waited for
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DamagedError(f"{path} is not a regular file", hint=_NAMES)
            data = file.read(layout.MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {path}", hint=_NAMES) from None
    except IsADirectoryError:
        raise DamagedError(f"{path} is not a regular file", hint=_NAMES) from None
    except (OSError, ValueError) as error:
        raise NotFoundError(f"{str(path)!r} cannot be read: {error}") from error
    if len(data) > layout.MAX_FILE_BYTES:
        raise DamagedError(
            f"{path} is larger than {layout.MAX_FILE_BYTES} bytes", offset_bytes=len(data)
        )
    return data


def read_episode(source: bytes | Path) -> Episode:
    """Return the whole episode.

    Raises:
        DamagedError: some part of it is damaged; frame and offset are named.
        NewerVersionError: a newer release wrote it.
        NotFoundError: there is no such file.
    """
    file = EpisodeFile(upgraded(source if isinstance(source, bytes) else read_bytes(source)))
    if file.faults:
        raise file.faults[0]
    return file.episode()


class EpisodeFile:
    """An opened file. Parts are read when asked for, each once.

    Attributes:
        frames: the frames, from the index or, if that is damaged, found by scanning.
        entries: all arrays in them: one each, or several in a frame of kind `parts`.
        faults: what is wrong with the layout itself; empty for a whole file.
    """

    def __init__(self, data: bytes) -> None:
        """Open a file's bytes.

        Raises:
            DamagedError: they do not begin as an episode does.
            NewerVersionError: a newer release wrote them.
        """
        self.version = layout.read_version(data)
        self._data = data
        self.faults: list[DamagedError] = []
        try:
            self.frames = layout.read_index(data)
        except DamagedError as error:
            self.frames, found = layout.scan(data)
            self.faults = [error, *found]
        self._refuse_too_much()
        self._bodies: dict[FrameEntry, object] = {}
        self.entries = [entry for frame in self.frames for entry in self._arrays_in(frame)]
        self._by_name = {(entry.kind, entry.name): entry for entry in self.entries}
        if len(self._by_name) != len(self.entries):
            self.faults.append(DamagedError("two frames have the same kind and name"))

    def _refuse_too_much(self) -> None:
        held = sum(frames.content_size(self._data, frame.offset) for frame in self.frames)
        if held > MAX_TOTAL_BYTES:
            raise DamagedError(
                f"the file says it holds {held} bytes; {MAX_TOTAL_BYTES} are allowed"
            )

    def _arrays_in(self, frame: FrameEntry) -> list[FrameEntry]:
        """Return the arrays in a frame; bodies in a shared frame are cached, as they are small."""
        if frame.kind != layout.PARTS:
            return [frame]
        try:
            entries, bodies = layout.parts_of(self._read(frame), frame)
        except DamagedError as error:
            self.faults.append(error)
            return []
        self._bodies.update(zip(entries, bodies, strict=True))
        return entries

    def body(self, entry: FrameEntry) -> object:
        """Return the body of one array.

        Raises:
            DamagedError: its frame is damaged, or has another kind or name than in the index.
        """
        return self._read(entry) if entry.part is None else self._bodies[entry]

    def _read(self, entry: FrameEntry) -> object:
        frame = self._data[entry.offset : entry.offset + entry.length]
        kind, name, body = layout.read_array(frame, str(entry), entry.offset)
        if (kind, name) != (entry.kind, entry.name):
            raise frames.damaged(str(entry), entry.offset, f"it is frame {kind} {name}")
        return body

    def damages(self) -> list[DamagedError]:
        """Return every fault of the file: layout first, then frame by frame."""
        found = list(self.faults)
        with uncollected():
            for entry in self.entries:
                try:
                    self.body(entry)
                except DamagedError as error:
                    found.append(error)
        return found

    def is_torn(self) -> bool:
        """Say whether layout or checksums are wrong, without decoding what frames hold."""
        try:
            for frame in self.frames:
                frames.decompress(self._data[frame.offset : frame.offset + frame.length])
        except ValueError:
            return True
        return bool(self.faults)

    def _named(self, kind: str, name: str) -> FrameEntry:
        entry = self._by_name.get((kind, name))
        if entry is None:
            raise DamagedError(f"the file has no whole frame {kind} {name}".rstrip())
        return entry

    @cached_property
    def _header(self) -> HeaderArray:
        entry = self._named("header", "")
        try:
            return read_header(self.body(entry))
        except ValueError as error:
            raise frames.damaged(str(entry), entry.offset, error) from error

    @property
    def header(self) -> EpisodeHeader:
        """What the episode says about itself."""
        return self._header[0]

    @property
    def files(self) -> tuple[str, ...]:
        """The paths of its files."""
        return self._header[1]

    @cached_property
    def steps(self) -> tuple[AnyStep, ...]:
        """All steps except edits."""
        found: list[AnyStep] = []
        with uncollected():
            for entry in self.entries:
                if entry.kind != "rows":
                    continue
                try:
                    found.extend(rows.decode(self.body(entry)))
                except ValueError as error:
                    raise frames.damaged(str(entry), entry.offset, error) from error
        return tuple(found)

    def walk(self) -> Iterator[AnyStep]:
        """Yield all steps except edits, lazily.

        For callers that want to show something at once: of a day with 23,000 steps the first
        is there after some 15 ms, all of them after a second.

        Raises:
            DamagedError: a frame is damaged.
        """
        for entry in self.entries:
            if entry.kind == "rows":
                for seq, t_ns, fields in self._maps_of(entry, EVERY_KIND):
                    try:
                        step = rows.made(seq, t_ns, fields or {})
                    except ValueError as error:
                        raise frames.damaged(str(entry), entry.offset, error) from error
                    yield step

    @cached_property
    def step_times(self) -> list[tuple[int, int]]:
        """`seq` and `t_ns` of all steps except edits.

        Raises:
            DamagedError: a frame is damaged.
        """
        return [(seq, t_ns) for seq, t_ns, _ in self.step_maps()]

    def step_maps(
        self, kinds: Container[str] = ()
    ) -> Iterator[tuple[int, int, dict[str, object] | None]]:
        """Yield `seq` and `t_ns` of all steps except edits, and the fields of some kinds.

        No step objects are made: fields are as stored in the file, without defaults and not
        validated. For other kinds the fields are skipped and given as None.

        Raises:
            DamagedError: a frame is damaged.
        """
        for entry in self.entries:
            if entry.kind == "rows":
                yield from self._maps_of(entry, kinds)

    def _maps_of(
        self, entry: FrameEntry, kinds: Container[str]
    ) -> Iterator[tuple[int, int, dict[str, object] | None]]:
        frame = self._data[entry.offset : entry.offset + entry.length]
        try:
            if entry.part is None:
                yield from rows.scan(frames.decompress(frame), kinds)
            else:
                yield from rows.chosen(self._bodies[entry], kinds)
        except ValueError as error:
            raise frames.damaged(str(entry), entry.offset, error) from error

    @cached_property
    def _shapes(self) -> list[tuple[FrameEntry, Mapping[str, object]]]:
        shapes: list[tuple[FrameEntry, Mapping[str, object]]] = []
        total = 0
        for entry in self.entries:
            if entry.kind != "col" or not entry.name.endswith("/shape"):
                continue
            body = self.body(entry)
            count = body.get("edits") if isinstance(body, dict) else None
            if not isinstance(body, dict) or type(count) is not int or count <= 0:
                raise frames.damaged(str(entry), entry.offset, "it is no shape")
            total += count
            if total > columns.MAX_EDITS:
                raise frames.damaged(str(entry), entry.offset, "the file says too many edits")
            if entry.name != f"{len(shapes)}/shape":
                raise frames.damaged(str(entry), entry.offset, "chunks are out of order")
            shapes.append((entry, body))
        return shapes

    @property
    def edit_count(self) -> int:
        """Number of edits that the file declares."""
        return sum(_count(body) for _, body in self._shapes)

    @cached_property
    def edits(self) -> EditTable:
        """All edits."""
        evidence = self._header[2]
        free = self._free_numbers(self.edit_count)
        tables: list[EditTable] = []
        at = 0
        for number, (entry, shape) in enumerate(self._shapes):
            count = _count(shape)
            try:
                streams = self._streams(number, shape)
                coded = columns.Columns(shape=dict(shape), streams=streams)
                seq = free[at : at + count]
                tables.append(columns.decode(coded, seq, evidence, self._limits()))
            except ValueError as error:
                raise frames.damaged(f"chunk {number} of edits", entry.offset, error) from error
            at += count
        return tables[0] if len(tables) == 1 else _joined(tables, evidence)

    def codings(self) -> list[Coding]:
        """Return what the writer chose for each chunk of edits.

        Raises:
            DamagedError: a chunk is damaged.
        """
        found: list[Coding] = []
        for number, (entry, shape) in enumerate(self._shapes):
            try:
                coded = columns.Columns(shape=dict(shape), streams=self._streams(number, shape))
                found.append(columns.coding_of(coded))
            except ValueError as error:
                raise frames.damaged(f"chunk {number} of edits", entry.offset, error) from error
        return found

    def _streams(self, number: int, shape: Mapping[str, object]) -> dict[str, bytes]:
        streams = parts.streams_of(shape)
        for name in columns.NAMES:
            entry = self._by_name.get(("col", f"{number}/{name}"))
            if entry is None or name in streams:
                continue
            body = self.body(entry)
            if not isinstance(body, bytes):
                raise frames.damaged(str(entry), entry.offset, "it is not bytes")
            streams[name] = body
        return streams

    def _free_numbers(self, count: int) -> Column:
        if "steps" in self.__dict__:
            taken = np.array([step.seq for step in self.steps], np.int64)
        else:
            taken = np.array([seq for seq, _ in self.step_times], np.int64)
        whole = count + len(taken)
        if len(taken) and (int(taken.max()) >= whole or (np.diff(taken) <= 0).any()):
            raise DamagedError("the steps are not numbered 0, 1, 2 … without a gap")
        is_free = np.ones(whole, bool)
        is_free[taken] = False
        return np.flatnonzero(is_free)

    def _limits(self) -> dict[str, int]:
        """Return the exclusive upper bound of every column that holds indices."""
        header, files, evidence = self._header
        return {
            "file": len(files),
            "actor": columns.ACTOR_COUNT,
            "basis": columns.BASIS_COUNT,
            "t_kind": columns.TIME_KIND_COUNT,
            "source": max(len(header.sources), 1),
            "evidence": max(len(evidence), 1),
        }

    @cached_property
    def blobs(self) -> tuple[bytes, ...]:
        """All blobs."""
        found: list[bytes] = []
        for entry in self.entries:
            if entry.kind != "blob":
                continue
            body = self.body(entry)
            if (
                entry.name != str(len(found))
                or not isinstance(body, list)
                or not all(isinstance(blob, bytes) for blob in body)
            ):
                raise frames.damaged(str(entry), entry.offset, "it is no list of blobs in order")
            found.extend(body)
        return tuple(found)

    @cached_property
    def blob_references(self) -> frozenset[int]:
        """Ordinals of all blobs that steps name."""
        return frozenset(rows.blob_references(self.steps))

    def episode(self) -> Episode:
        """Return all of it.

        Raises:
            DamagedError: some part is damaged.
        """
        for reference in self.blob_references:
            if reference >= len(self.blobs):
                raise DamagedError(f"a step names blob {reference} of {len(self.blobs)}")
        return Episode(
            header=self.header,
            files=self.files,
            steps=self.steps,  # first: `edits` then takes the numbers from it, not from the rows
            edits=self.edits,
            blobs=self.blobs,
        )


def _count(shape: Mapping[str, object]) -> int:
    count = shape["edits"]
    return count if isinstance(count, int) else 0


def _joined(tables: list[EditTable], evidence: tuple[tuple[str, ...], ...]) -> EditTable:
    if not tables:
        return EditTable.from_rows((), evidence_sets=evidence)
    whole = {
        name: np.concatenate([table.columns()[name] for table in tables])
        for name in tables[0].columns()
    }
    return EditTable.from_columns(
        whole, "".join(table.text for table in tables), evidence_sets=evidence
    )
