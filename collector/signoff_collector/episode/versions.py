"""What a file was for a while, on disk or in a buffer: the pieces that `moments` is made of."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signoff_collector.episode.content import Column
    from signoff_collector.episode.moments.texts import TextHistory
    from signoff_schemas.values import DiskForm


@dataclass(slots=True)
class Life:
    """One buffer from an open or resync until it is closed or replaced."""

    since: int
    initial: Version
    edit_numbers: Column
    """Places of its edits in the episode's table."""
    edit_seqs: Column
    until: int | None = None
    """First ``seq`` at which it is gone."""
    history: TextHistory | None = None
    met: dict[int, Met] = field(default_factory=dict[int, "Met"])
    """For a number of edits: where the disk held the text after them."""

    def done(self, seq: int) -> int:
        """Return how many of its edits were done after step `seq`."""
        return bisect_right(self.edit_seqs, seq)

    def touched(self, done: int) -> int:
        """Return the step that made its text what it is after `done` edits."""
        return int(self.edit_seqs[done - 1]) if done else self.since


@dataclass(slots=True)
class Met:
    """How far a disk was looked at for one text of a buffer."""

    looked: int
    """The place in its timeline to look at next."""
    found: int | None = None
    """The first place that holds it."""


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
class Version:
    """A content: a blob, or a life after some edits, or nothing but an empty text."""

    blob: int | None = None
    life: Life | None = None
    edits: int = 0
    form: DiskForm | None = None
    """How the text lies on disk."""
    absent: Absent | None = None
    """Set where there is a file, but no content of it here."""

    def has_text_of(self, life: Life, done: int) -> bool:
        """Say whether it is plain, without a look at any text, that it is a buffer's."""
        if self.life is life:
            return self.edits == done
        own, initial = (self.blob, self.edits), (life.initial.blob, life.initial.edits)
        return done == 0 and self.life is life.initial.life and own == initial


@dataclass(slots=True)
class Timeline:
    """What lay on disk at one path, from which ``seq`` on; None is no file."""

    seqs: list[int] = field(default_factory=list[int])
    versions: list[Version | None] = field(default_factory=list["Version | None"])

    def add(self, seq: int, version: Version | None) -> None:
        """Take what lies there from a step on."""
        self.seqs.append(seq)
        self.versions.append(version)

    def at(self, seq: int) -> Version | None:
        """Return what lay there after a step."""
        place = bisect_right(self.seqs, seq)
        return self.versions[place - 1] if place else None


def is_same_text(one: str, other: str) -> bool:
    """Say whether two texts differ in nothing that editors keep to themselves (format.md, 7)."""
    return one == other or _plain(one) == _plain(other)


def may_be_same(one: int, other: int) -> bool:
    """Say the same of their lengths, where neither text holds a carriage return."""
    return abs(one - other) <= _KEPT_CHARACTERS


_KEPT_CHARACTERS = 2
"""A byte order mark and a line ending."""


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").removesuffix("\n")
