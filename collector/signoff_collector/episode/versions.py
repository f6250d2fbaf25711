"""Data structures of `moments`: contents of files over time, on disk and in buffers."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signoff_collector.episode.content import Column
    from signoff_collector.episode.texts import TextHistory
    from signoff_schemas.values import DiskForm


@dataclass(slots=True)
class Life:
    """One buffer from an open or resync until it is closed or resynced."""

    since: int
    initial: Version
    edit_numbers: Column
    """Indices of its edits in the episode's table."""
    edit_seqs: Column
    until: int | None = None
    """The ``seq`` that ended it."""
    history: TextHistory | None = None
    met: dict[int, SearchProgress] = field(default_factory=dict[int, "SearchProgress"])
    """Cache: number of edits to where the disk held the text after them."""

    def done(self, seq: int) -> int:
        """Return the number of its edits up to step `seq`."""
        return bisect_right(self.edit_seqs, seq)

    def touched(self, done: int) -> int:
        """Return the ``seq`` of its latest change after `done` edits."""
        return int(self.edit_seqs[done - 1]) if done else self.since


@dataclass(slots=True)
class SearchProgress:
    """Progress of the search of a disk timeline for one text of a buffer."""

    looked: int
    """Index in the timeline to compare next."""
    found: int | None = None
    """First index that holds the text."""


@dataclass(frozen=True, slots=True)
class Absent:
    """A file on disk whose content is not in the episode."""

    sha256: str | None = None
    """Hash of its bytes, when recorded."""
    base_path: str | None = None
    """Path of its content in the base commit, when the file was only renamed since."""
    path: str | None = None
    """Path at which it was seen with this hash."""


@dataclass(frozen=True, slots=True)
class Version:
    """One content of a file: a blob, a buffer after some edits, or an empty text."""

    blob: int | None = None
    life: Life | None = None
    edits: int = 0
    form: DiskForm | None = None
    """Encoding of the text on disk."""
    absent: Absent | None = None
    """Set where the file exists, but its content is not in the episode."""

    def has_text_of(self, life: Life, done: int) -> bool:
        """Say whether it is trivially a buffer's text, without comparing texts."""
        if self.life is life:
            return self.edits == done
        own, initial = (self.blob, self.edits), (life.initial.blob, life.initial.edits)
        return done == 0 and self.life is life.initial.life and own == initial


@dataclass(slots=True)
class Timeline:
    """The contents on disk of one path, each from its ``seq`` on; None means no file."""

    seqs: list[int] = field(default_factory=list[int])
    versions: list[Version | None] = field(default_factory=list["Version | None"])

    def add(self, seq: int, version: Version | None) -> None:
        """Append the content from a step on."""
        self.seqs.append(seq)
        self.versions.append(version)

    def at(self, seq: int) -> Version | None:
        """Return the content after a step."""
        place = bisect_right(self.seqs, seq)
        return self.versions[place - 1] if place else None


def is_same_text(one: str, other: str) -> bool:
    """Compare texts up to BOM, CRLF and final newline, which editors hide (format.md, 7)."""
    return one == other or _plain(one) == _plain(other)


def may_be_same(one: int, other: int) -> bool:
    """Say whether lengths allow equal texts, where neither text holds a carriage return."""
    return abs(one - other) <= _KEPT_CHARACTERS


_KEPT_CHARACTERS = 2
"""Length of a byte order mark and a final newline."""


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").removesuffix("\n")
