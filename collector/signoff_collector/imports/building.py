"""Builds an episode out of what another tool recorded: steps in order, texts, files, times.

The builder knows the text of every file as far as the source told it, so that an edit that does
not fit is found while importing and said, never written.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.episode.columns.columns import MAX_EDITS
from signoff_collector.episode.content import Edit, EditRows, Episode, encode_text
from signoff_collector.imports.buffers import BufferText
from signoff_collector.imports.paths import Paths
from signoff_collector.imports.people import Foreign
from signoff_collector.imports.trace_times import date_of, filled, relative
from signoff_collector.text.differences import one_change
from signoff_schemas.errors import DamagedError
from signoff_schemas.header import EpisodeHeader, Imported, Observability
from signoff_schemas.steps import (
    AgentStep,
    CloseStep,
    CommandStep,
    DeleteStep,
    FilesStep,
    GapStep,
    OpenStep,
    ResyncStep,
    SaveStep,
    TestsStep,
)
from signoff_schemas.untyped import fields_of
from signoff_schemas.values import Actor, DiskFile, Output
from signoff_schemas.words import (
    ACTOR_CLASSES,
    BASES,
    ActorClass,
    Basis,
    Coverage,
    GapReason,
)

if TYPE_CHECKING:
    from signoff_schemas.steps import AnyStep, KnownStep

MAX_STEPS: Final = 1 << 20
MAX_BLOB_BYTES: Final = 384 << 20
MAX_COPIED: Final = 8 << 30
"""Characters that all edits together may touch; more is an attack, not a recording."""
_SLOW: Final = 8
"""How much longer a character takes that is turned into UTF-16 and back."""
OUTPUT_CHARACTERS: Final = 64 << 10
"""Of a longer output the first and the last half of this many are kept."""
UNKNOWN: Final = Actor()
BY_AGENT: Final = Actor.model_validate({"class": ActorClass.ASSISTANT, "basis": Basis.OBSERVED})


class Building:
    """Takes what happened in order; `finished` gives the result.

    Args:
        format_name: as `signoff import` knows it.
        source: name of the only source.
        has_wall_clock: whether the moments are wall clock, not time since the start.
    """

    def __init__(self, format_name: str, source: str, *, has_wall_clock: bool = True) -> None:
        self.paths = Paths()
        self._format = format_name
        self._source = source
        self._has_wall_clock = has_wall_clock
        self._entries: list[KnownStep | Edit] = []
        self._moments: list[int | None] = []
        self._now: int | None = None
        self._start: int | None = None
        self._edits = 0
        self._copied = 0
        self._files: dict[str, int] = {}
        self._buffers: dict[str, BufferText] = {}
        self._disk: dict[str, str | None] = {}
        self._contents: list[bytes] = []
        self._known_contents: dict[bytes, int] = {}
        self._blob_bytes = 0
        self._said: dict[str, None] = {}
        self._counts: Counter[str] = Counter()

    def at(self, moment_ns: int | None) -> None:
        """Say when what follows happened; None: nobody knows, so as what came before.

        The first moment is the start, whether anything happened then or not.
        """
        if moment_ns is not None:
            self._now = moment_ns
            self._start = moment_ns if self._start is None else self._start

    def say(self, sentence: str) -> None:
        """Note what the source cannot tell."""
        self._said.setdefault(sentence)

    def count(self, what: str, number: int = 1) -> None:
        """Count something inexact; it is said with its number."""
        self._counts[what] += number

    def add(self, step: type[KnownStep], /, **fields: object) -> None:
        """Add a step of any kind; `seq`, `t_ns` and `source` are filled in."""
        if len(self._entries) >= MAX_STEPS + self._edits:
            raise DamagedError(f"it holds more than {MAX_STEPS} steps")
        self._entries.append(
            step.model_validate({"seq": 0, "t_ns": 0, "source": self._source, **fields})
        )
        self._moments.append(self._now)

    def spend(self, characters: int) -> None:
        """Account for work that grows with the texts, of which there is an end."""
        self._copied += characters
        if self._copied > MAX_COPIED:
            raise DamagedError(f"its edits copy more than {MAX_COPIED} characters of text")

    def buffer(self, path: str) -> str | None:
        """Return the text of an open file; None when it is not open."""
        found = self._buffers.get(path)
        return None if found is None else str(found)

    def disk(self, path: str) -> str | None:
        """Return the text on disk, as far as it is known."""
        return self._disk.get(path)

    def is_told(self, path: str) -> bool:
        """Say whether anything is known of a file on disk, even that it is gone."""
        return path in self._disk

    def open(self, path: str, text: str, *, language: str | None = None) -> None:
        """Open a file with this text in the one editor."""
        self._hold(path, text)
        if text:  # an empty one may be new, and not on disk yet
            self._disk.setdefault(path, text)
        self.add(
            OpenStep,
            path=path,
            buffer=0,
            language=language or None,
            blob=self._blob(encode_text(text)) if text else None,
            text_sha256=_sha256(text),
        )

    def edit(self, path: str, start: int, deleted: int, text: str, actor: Actor = UNKNOWN) -> bool:
        """Replace part of an open file, in code points; False where it does not fit."""
        held = self._buffers[path]
        if not 0 <= start <= start + deleted <= len(held):
            return False
        if self._edits >= MAX_EDITS:
            raise DamagedError(f"it holds more than {MAX_EDITS} edits")
        self.spend(held.cost + len(text))
        held.replace(start, deleted, text)
        file = self._files.setdefault(path, len(self._files))
        self._entries.append(
            Edit(
                seq=0,
                t_ns=0,
                file=file,
                buffer=0,
                start=start,
                deleted=deleted,
                text=text,
                actor=ACTOR_CLASSES.index(actor.cls),
                basis=BASES.index(actor.basis),
            )
        )
        self._moments.append(self._now)
        self._edits += 1
        return True

    def edit_units(
        self, path: str, start: int, deleted: int, text: str, actor: Actor = UNKNOWN
    ) -> bool:
        """Replace part of an open file, in units of UTF-16; False where it does not fit.

        An edit that parts a pair or joins two halves becomes the one that gives the same text.
        """
        held = self._buffers[path]
        low, high = held.point(start), held.point(start + deleted)
        if low is not None and high is not None and not held.touches_half(low, high, text):
            return self.edit(path, low, high - low, text, actor)
        self.spend(_SLOW * len(held))
        old = str(held)
        units = old.encode("utf-16-le", "surrogatepass")
        if not 0 <= start <= start + deleted <= len(units) // 2:
            return False
        head, tail = units[: 2 * start], units[2 * (start + deleted) :]
        change = one_change(old, _decoded(head + text.encode("utf-16-le", "surrogatepass") + tail))
        return change is None or self.edit(path, *change, actor)

    def point(self, path: str, unit: int) -> int:
        """Return an offset of UTF-16 in an open file in code points, at most its length."""
        held = self._buffers[path]
        self.spend(held.cost)
        found = held.point(unit)
        return len(held) if found is None else found

    def rewrite(self, path: str, text: str, actor: Actor = UNKNOWN) -> None:
        """Make an open file hold this text by one edit, if it does not already."""
        self.spend(len(text))
        change = one_change(str(self._buffers[path]), text)
        if change is not None:
            self.edit(path, *change, actor)

    def resync(self, path: str, text: str) -> None:
        """Say that an open file holds this text, however it came to."""
        self._hold(path, text)
        self.add(
            ResyncStep,
            path=path,
            buffer=0,
            reason="missed_change",
            target="buffer",
            blob=self._blob(encode_text(text)),
            text_sha256=_sha256(text),
        )

    def save(self, path: str) -> None:
        """Write an open file to disk."""
        text = str(self._buffers[path])
        self._disk[path] = text
        self.add(SaveStep, path=path, buffer=0, text_sha256=_sha256(text))

    def delete(self, path: str) -> None:
        """Close a file and remove it from disk."""
        self._buffers.pop(path, None)
        self._disk[path] = None
        self.add(CloseStep, path=path, buffer=0)
        self.add(DeleteStep, path=path)

    def write(self, path: str, text: str | None, actor: Actor = UNKNOWN) -> None:
        """Say that a file on disk now holds this text; None: that it is gone."""
        self._disk[path] = text
        self.spend(len(text or ""))
        if text is None:
            self.add(FilesStep, changed=(DiskFile(path=path),), changed_count=1, actor=actor)
            return
        content = encode_text(text)
        item = DiskFile(
            path=path,
            sha256=hashlib.sha256(content).hexdigest(),
            size_bytes=len(content),
            blob=self._blob(content),
        )
        self.add(FilesStep, changed=(item,), changed_count=1, actor=actor)

    def write_unknown(self, path: str, actor: Actor = UNKNOWN) -> None:
        """Say that a file on disk was written, with a text that the source does not hold."""
        self._disk.pop(path, None)
        item = DiskFile(path=path, without_content=True)
        self.add(FilesStep, changed=(item,), changed_count=1, actor=actor)

    def miss(self, path: str | None = None, number: int = 1) -> None:
        """Say that something happened here that could not be taken over."""
        self.add(GapStep, reason=GapReason.DROPPED, count=number, path=path)

    def command(self, output: str | None, **fields: object) -> None:
        """Add a command with its output, cut in the middle where it is long."""
        told: dict[str, object] = {}
        if output is not None:
            told = {"output_bytes": len(encode_text(output)), **_cut(output)}
        self.add(CommandStep, **told, **fields)

    def _hold(self, path: str, text: str) -> None:
        self.spend(len(text))
        self._files.setdefault(path, len(self._files))
        self._buffers[path] = BufferText(text)

    def _blob(self, content: bytes) -> int:
        digest = hashlib.sha256(content).digest()
        known = self._known_contents.get(digest)
        if known is None:
            self._blob_bytes += len(content)
            if self._blob_bytes > MAX_BLOB_BYTES:
                raise DamagedError(f"its files take more than {MAX_BLOB_BYTES} bytes")
            known = self._known_contents[digest] = len(self._contents)
            self._contents.append(content)
        return known

    def finished(self, **seen: Coverage) -> Foreign:
        """Return the episode, and whom the recording names.

        Args:
            **seen: what the source could see, by the names of `Observability`.

        Raises:
            DamagedError: its times lie too far apart, or it names too many people.
        """
        wall_ns = filled([self._start, *self._moments])
        t_ns, resolution = relative(wall_ns, len(self._entries) + 1)
        rows = EditRows()
        steps: list[AnyStep] = []
        for seq, (entry, time) in enumerate(zip(self._entries, t_ns[1:].tolist(), strict=True)):
            if isinstance(entry, Edit):
                rows.append(entry._replace(seq=seq, t_ns=time))
            else:
                steps.append(entry.model_copy(update={"seq": seq, "t_ns": time}))
        counted = (f"{what}: {number}" for what, number in sorted(self._counts.items()))
        header = EpisodeHeader(
            origin="imported",
            imported=Imported(format=self._format, said=(*self._said, *counted)),
            session="imported",
            workspace="imported",
            sources=(self._source,),
            observability=(Observability.model_validate({"source": self._source, **seen}),),
            captured_on=date_of(wall_ns) if self._has_wall_clock else None,
            duration_ns=int(t_ns[-1]),
            edits=self._edits,
            steps=len(self._entries),
            time_resolution=resolution,
        )
        episode = Episode(
            header=header,
            files=tuple(self._files),
            steps=tuple(steps),
            edits=rows.table(),
            blobs=tuple(self._contents),
        )
        people = self.paths.people
        people.prompts(
            text
            for step in steps
            if isinstance(step, CommandStep) and step.output is not None
            for text in (step.output.head, step.output.tail)
        )
        return Foreign(episode=episode, named=people.named())


def without_times(episode: Episode) -> Episode:
    """Return the episode with every moment, duration and date taken out."""
    edits = replace(episode.edits, t_ns=np.zeros(len(episode.edits), np.int64))
    header = episode.header.model_copy(
        update={"captured_on": None, "duration_ns": 0, "time_resolution": "none"}
    )
    return replace(
        episode, header=header, edits=edits, steps=tuple(_timeless(step) for step in episode.steps)
    )


def _timeless(step: AnyStep) -> AnyStep:
    gone: dict[str, object] = {"t_ns": 0}
    if isinstance(step, CommandStep | TestsStep):
        gone["duration_ns"] = None
    if isinstance(step, AgentStep) and step.foreign is not None:
        told = fields_of(json.loads(step.foreign))
        gone["foreign"] = json.dumps({name: told[name] for name in told if name != "timestamp"})
    return step.model_copy(update=gone)


def _cut(output: str) -> dict[str, object]:
    if len(output) <= OUTPUT_CHARACTERS:
        return {"output": Output(head=output), "output_state": "full"}
    half = OUTPUT_CHARACTERS // 2
    middle = output[half:-half]
    cut = Output(
        head=output[:half],
        tail=output[-half:],
        middle_bytes=len(encode_text(middle)),
        middle_lines=middle.count("\n"),
    )
    return {"output": cut, "output_state": "head_tail"}


def _decoded(units: bytes) -> str:
    return units.decode("utf-16-le", "surrogatepass")


def _sha256(text: str) -> str:
    return hashlib.sha256(encode_text(text)).hexdigest()
