"""Builds episodes as an editor and a person would, without a recording."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from signoff_collector.episode.content import Edit, EditTable, Episode, encode_text
from signoff_schemas.header import EpisodeHeader
from signoff_schemas.steps import (
    CloseStep,
    CommandStep,
    GitStep,
    OpenStep,
    SaveStep,
    SelectStep,
    StepBase,
    TaskStep,
)
from signoff_schemas.values import Output
from signoff_schemas.words import ACTOR_CLASSES, BASES, ActorClass, Basis

MS = 1_000_000


class Typist:
    """Appends steps to an episode; texts are followed so that offsets can be found."""

    def __init__(self, *, key_ms: int = 100, cursors: bool = False) -> None:
        self.key_ms = key_ms
        self.cursors = cursors
        """Whether a `select` step follows every key, as with a companion."""
        self.files: list[str] = []
        self.steps: list[StepBase] = []
        self.rows: list[Edit] = []
        self.blobs: list[bytes] = []
        self.texts: dict[str, str] = {}
        self.disk: dict[str, str] = {}
        self.t_ns = 0
        self.txn = 0
        self.task: int | None = None
        self.versions: dict[str, int] = {}

    @property
    def seq(self) -> int:
        """The number the next step gets."""
        return len(self.steps) + len(self.rows)

    def wait(self, ms: int) -> None:
        """Let time pass."""
        self.t_ns += ms * MS

    def add(self, model: type[StepBase], **fields: object) -> StepBase:
        """Append a step of any kind."""
        step = model.model_validate(
            {"seq": self.seq, "t_ns": self.t_ns, "source": "test", "task": self.task} | fields
        )
        self.steps.append(step)
        return step

    def blob(self, content: bytes) -> int:
        """Return the ordinal of a content."""
        if content not in self.blobs:
            self.blobs.append(content)
        return self.blobs.index(content)

    def begin_task(self, text: str) -> int:
        """Begin the next task."""
        self.task = 0 if self.task is None else self.task + 1
        self.add(TaskStep, text=text)
        return self.task

    def open(self, path: str, text: str, **fields: object) -> None:
        """Open a document; its text is on disk too when the file was not known."""
        if path not in self.files:
            self.files.append(path)
        blob = self.blob(encode_text(text)) if text else None
        self.add(OpenStep, path=path, buffer=0, blob=blob, **fields)
        self.texts[path] = text
        self.versions[path] = 1
        if text:
            self.disk.setdefault(path, text)

    def edit(
        self,
        path: str,
        start: int,
        deleted: int,
        text: str,
        actor: ActorClass = ActorClass.TYPED,
    ) -> None:
        """Append one edit."""
        self.txn += 1
        self.versions[path] += 1
        old = self.texts[path]
        self.texts[path] = old[:start] + text + old[start + deleted :]
        self.rows.append(
            Edit(
                seq=self.seq,
                t_ns=self.t_ns,
                file=self.files.index(path),
                buffer=0,
                start=start,
                deleted=deleted,
                text=text,
                actor=ACTOR_CLASSES.index(actor),
                basis=BASES.index(Basis.OBSERVED),
                txn=self.txn,
                version=self.versions[path],
                cursor=start + len(text),
                task=-1 if self.task is None else self.task,
            )
        )

    def type(self, path: str, start: int, text: str) -> int:
        """Type key by key; return the offset after it."""
        for char in text:
            self.edit(path, start, 0, char)
            start += 1
            if self.cursors:
                self.add(SelectStep, path=path, buffer=0, cursor=start)
            self.wait(self.key_ms)
        return start

    def type_at_end(self, path: str, text: str) -> None:
        """Type at the end of a document."""
        self.type(path, len(self.texts[path]), text)

    def backspace(self, path: str, end: int, count: int) -> None:
        """Remove characters before `end`, key by key."""
        for place in range(end - 1, end - 1 - count, -1):
            self.edit(path, place, 1, "")
            self.wait(self.key_ms)

    def save(self, path: str) -> None:
        """Save a document."""
        self.disk[path] = self.texts[path]
        content = encode_text(self.texts[path])
        sha256 = hashlib.sha256(content).hexdigest()
        self.add(
            SaveStep,
            path=path,
            buffer=0,
            disk_sha256=sha256,
            text_sha256=sha256,
            size_bytes=len(content),
            matched=True,
        )

    def close(self, path: str) -> None:
        """Close a document."""
        self.add(CloseStep, path=path, buffer=0)

    def command(self, argv: Sequence[str], output: str = "", **fields: object) -> None:
        """Run a command."""
        self.add(
            CommandStep,
            argv=tuple(argv),
            output_state="full",
            output=Output(head=output),
            **fields,
        )

    def commit(self, message: str) -> None:
        """Commit."""
        self.add(GitStep, operation="commit", message=message)

    def episode(self) -> Episode:
        """Return what was done so far."""
        return Episode(
            header=EpisodeHeader(
                session="session-0",
                workspace="workspace-0123456789ab",
                sources=("test",),
                duration_ns=self.t_ns,
                edits=len(self.rows),
                steps=self.seq,
            ),
            files=tuple(self.files),
            steps=tuple(self.steps),
            edits=EditTable.from_rows(self.rows),
            blobs=tuple(self.blobs),
        )
