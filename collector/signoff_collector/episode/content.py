"""An episode in memory: header, files, steps, a table of edits, blobs.

Edits are columns, never objects on a hot path: a day of typing has some hundred thousand
of them. Every other kind of step is a pydantic model. Steps and edits share one gapless
``seq`` that begins at 0, and times never decrease along it.
"""

from __future__ import annotations

import itertools
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Self, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from signoff_collector.episode.replacing import Replacements
    from signoff_schemas.header import EpisodeHeader
    from signoff_schemas.steps import AnyStep

    Column = NDArray[np.int64]

NONE = -1
"""Null value of the columns txn, version, cursor and task."""


class Edit(NamedTuple):
    """One edit as a plain tuple; the order of fields is the order ``from_rows`` takes."""

    seq: int
    t_ns: int
    file: int
    """Index into ``Episode.files``."""
    buffer: int
    """Number of the editor process; with ``file`` it identifies one buffer."""
    start: int
    """Offset of the change, in code points."""
    deleted: int
    """Code points removed at ``start``."""
    text: str
    """Text inserted at ``start``."""
    actor: int
    """Index into ``ACTOR_CLASSES``."""
    basis: int
    """Index into ``BASES``."""
    txn: int = NONE
    """Number of the user action this edit belongs to, or NONE."""
    version: int = NONE
    """Document version the editor gave, or NONE."""
    cursor: int = NONE
    """Offset of the cursor after the change, in code points, or NONE."""
    batch_ns: int = 0
    """How long the client may batch changes before it sends them; 0 when it does not."""
    task: int = NONE
    source: int = 0
    """Index into ``header.sources``."""
    evidence: int = 0
    """Index into ``EditTable.evidence_sets``."""
    t_kind: int = 0
    """Index into ``TIME_KINDS``."""


_BLOCK = 4096
"""Edits held as Python objects at a time; as tuples all would take ten times the table."""

INTEGER_COLUMNS: tuple[str, ...] = tuple(
    "inserted" if name == "text" else name for name in Edit._fields
)
"""Names of the integer columns, in row order; ``inserted`` is the length of the text."""


def _column(values: object) -> Column:
    column = np.asarray(values, dtype=np.int64)
    if column.flags.writeable:
        column = column.view()
        column.flags.writeable = False
    return column


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EditTable:
    """All edits of an episode, in order of ``seq``, as read-only int64 columns."""

    seq: Column
    t_ns: Column
    file: Column
    buffer: Column
    start: Column
    deleted: Column
    inserted: Column
    actor: Column
    basis: Column
    txn: Column
    version: Column
    cursor: Column
    batch_ns: Column
    task: Column
    source: Column
    evidence: Column
    t_kind: Column
    text: str = ""
    """All inserted text, edit after edit."""
    evidence_sets: tuple[tuple[str, ...], ...] = ((),)
    replacements: Replacements | None = field(default=None, repr=False)
    """Cache: runs found while decoding, set only where all edits are of one buffer."""
    text_starts: Column = field(init=False, repr=False)
    """Offset of each edit's text in ``text``; one more entry than edits."""

    def __post_init__(self) -> None:
        length = len(self.seq)
        for name in INTEGER_COLUMNS:
            column = _column(getattr(self, name))
            if column.shape != (length,):
                message = f"column {name} has shape {column.shape}, expected ({length},)"
                raise ValueError(message)
            object.__setattr__(self, name, column)
        starts = np.zeros(length + 1, np.int64)
        np.cumsum(self.inserted, out=starts[1:])
        if starts[-1] != len(self.text):
            message = f"edits insert {starts[-1]} characters, the text has {len(self.text)}"
            raise ValueError(message)
        object.__setattr__(self, "text_starts", _column(starts))

    @classmethod
    def empty(cls) -> EditTable:
        """Return a table without edits."""
        return cls.from_rows(())

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Sequence[int | str]],
        *,
        evidence_sets: tuple[tuple[str, ...], ...] = ((),),
    ) -> EditTable:
        """Build a table from plain tuples in the order of ``Edit`` (17 fields each).

        Costs about 1 µs per edit.
        """
        taken = EditRows()
        for row in rows:
            taken.append(row)
        return taken.table(evidence_sets)

    @classmethod
    def from_columns(
        cls,
        columns: dict[str, Column],
        text: str,
        *,
        evidence_sets: tuple[tuple[str, ...], ...] = ((),),
        replacements: Replacements | None = None,
    ) -> Self:
        """Build a table from arrays named as in ``INTEGER_COLUMNS``; all must be there."""
        return cls(**columns, text=text, evidence_sets=evidence_sets, replacements=replacements)

    def __len__(self) -> int:
        return len(self.seq)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EditTable):
            return NotImplemented
        return (
            self.text == other.text
            and self.evidence_sets == other.evidence_sets
            and all(
                np.array_equal(getattr(self, name), getattr(other, name))
                for name in INTEGER_COLUMNS
            )
        )

    __hash__ = None  # type: ignore[assignment]  # arrays cannot be hashed

    def columns(self) -> dict[str, Column]:
        """Return the integer columns by name, as ``from_columns`` takes them."""
        return {name: getattr(self, name) for name in INTEGER_COLUMNS}

    def texts(self) -> list[str]:
        """Return the inserted text of every edit."""
        text, bounds = self.text, self.text_starts.tolist()
        return [text[low:high] for low, high in itertools.pairwise(bounds)]

    def edits(self) -> Iterator[Edit]:
        """Yield every edit as a tuple, about 1 µs each; made block by block to limit memory."""
        places = range(0, len(self), _BLOCK)
        return itertools.chain.from_iterable(self._block(at, at + _BLOCK) for at in places)

    def _block(self, low: int, high: int) -> Iterator[Edit]:
        lists: list[list[int] | list[str]] = [
            getattr(self, name)[low:high].tolist() for name in INTEGER_COLUMNS
        ]
        text, bounds = self.text, self.text_starts[low : high + 1].tolist()
        lists[Edit._fields.index("text")] = [text[a:b] for a, b in itertools.pairwise(bounds)]
        return map(Edit._make, zip(*lists, strict=True))

    def edit(self, index: int) -> Edit:
        """Return one edit."""
        return next(self.select(slice(index, index + 1)).edits())

    def count_until(self, seq: int) -> int:
        """Return how many edits have a ``seq`` of at most ``seq``."""
        return int(np.searchsorted(self.seq, seq, side="right"))

    def select(self, which: slice | NDArray[np.bool_] | Column) -> Self:
        """Return the edits at a slice, a mask or ascending indices, with their texts."""
        columns = {name: getattr(self, name)[which] for name in INTEGER_COLUMNS}
        if isinstance(which, slice) and which.step in (None, 1):
            low, high, _ = which.indices(len(self))
            text = self.text[self.text_starts[low] : self.text_starts[max(low, high)]]
        else:
            lows, highs = self.text_starts[:-1][which], self.text_starts[1:][which]
            bounds = zip(lows.tolist(), highs.tolist(), strict=True)
            text = "".join([self.text[low:high] for low, high in bounds])
        return self.from_columns(columns, text, evidence_sets=self.evidence_sets)

    def with_columns(self, **columns: object) -> Self:
        """Return a copy with some integer columns replaced (not ``inserted``)."""
        merged = self.columns() | {name: _column(value) for name, value in columns.items()}
        return self.from_columns(merged, self.text, evidence_sets=self.evidence_sets)

    def with_texts(self, texts: Sequence[str], **columns: object) -> Self:
        """Return a copy with other inserted texts, and other columns where given."""
        changed = self.columns() | {name: _column(value) for name, value in columns.items()}
        changed["inserted"] = np.array([len(text) for text in texts], np.int64)
        return self.from_columns(changed, "".join(texts), evidence_sets=self.evidence_sets)


class EditRows:
    """Builds an ``EditTable`` edit by edit, in a tenth of the memory that tuples would take."""

    def __init__(self) -> None:
        self._latest: list[Sequence[int | str]] = []
        self._columns = {name: array("q") for name in INTEGER_COLUMNS}
        self._texts: list[str] = []

    def __len__(self) -> int:
        return len(self._columns["seq"]) + len(self._latest)

    def append(self, row: Sequence[int | str]) -> None:
        """Take one edit, in the order of ``Edit``."""
        self._latest.append(row)
        if len(self._latest) == _BLOCK:
            self._settle()

    def _settle(self) -> None:
        turned = zip(*self._latest, strict=True)
        for (name, column), values in zip(self._columns.items(), turned, strict=True):
            if name == "inserted":
                texts = [str(text) for text in values]
                self._texts.append("".join(texts))
                column.extend(map(len, texts))
            else:
                column.extend(cast("tuple[int, ...]", values))
        self._latest.clear()

    def table(self, evidence_sets: tuple[tuple[str, ...], ...] = ((),)) -> EditTable:
        """Return the table; `append` may not be called afterwards.

        Args:
            evidence_sets: what their evidence indices mean.
        """
        if self._latest:
            self._settle()
        columns = {name: np.frombuffer(one, np.int64) for name, one in self._columns.items()}
        return EditTable.from_columns(columns, "".join(self._texts), evidence_sets=evidence_sets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One sealed history.

    How steps change texts (format.md, section 6; implemented in ``moments``):

    * ``open``, any reason: the buffer's text is the blob, or the disk text known so far
      (empty when none is) where ``blob`` is None. With reason ``open``, a text that is not
      empty also becomes the disk text of a file not known before.
    * an edit changes its buffer only; the buffer must be open.
    * ``save``: the disk text becomes the buffer's. ``close`` drops the buffer.
    * ``create``: the disk holds the blob, or an empty file. ``rename`` moves, ``delete``
      removes; buffers stay as they are.
    * an item of ``disk`` or ``changed`` (files, git, command, tests, checkpoint): with a
      blob the disk holds it; with neither blob nor sha256 the file is gone; else as replayed.
    * ``resync``: the target holds the blob; without one it is gone.
    """

    header: EpisodeHeader
    files: tuple[str, ...] = ()
    """Workspace-relative paths, in order of first appearance."""
    steps: tuple[AnyStep, ...] = ()
    """All steps that are not edits, by rising ``seq``."""
    edits: EditTable = field(default_factory=EditTable.empty)
    blobs: tuple[bytes, ...] = ()
    """Contents that steps refer to by ordinal. Text is UTF-8; see ``encode_text``."""

    @property
    def step_count(self) -> int:
        """Number of all steps, edits included."""
        return len(self.steps) + len(self.edits)

    def ordered(self) -> Iterator[AnyStep | Edit]:
        """Yield all steps, edits among them, by rising ``seq``."""
        others = iter(self.steps)
        step = next(others, None)
        for edit in self.edits.edits():
            while step is not None and step.seq < edit.seq:
                yield step
                step = next(others, None)
            yield edit
        while step is not None:
            yield step
            step = next(others, None)

    def times(self) -> Column:
        """Return ``t_ns`` of every step, indexed by ``seq``."""
        seqs = np.concatenate([self.edits.seq, np.array([s.seq for s in self.steps], np.int64)])
        times = np.concatenate([self.edits.t_ns, np.array([s.t_ns for s in self.steps], np.int64)])
        return _column(times[np.argsort(seqs, kind="stable")])


def encode_text(text: str) -> bytes:
    """Return the bytes of a text as blobs and the text column hold it.

    UTF-8, except that a lone surrogate, which editors do send, is encoded as three bytes
    (format.md, section 3).
    """
    return text.encode("utf-8", "surrogatepass")


def decode_text(content: bytes) -> str:
    """Return the text of a blob.

    Raises:
        UnicodeDecodeError: the blob is not text.
    """
    return content.decode("utf-8", "surrogatepass")
