"""What each burst wrote: its words and signs, with their places among all that a buffer held.

A token is a word or a sign that stood there when its burst ended. It survives if each of its
characters, by birth and death, is there at the end of the task; where the buffer was closed before,
if its line is in the file then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.episode.moments.characters import characters_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from signoff_collector.episode.content import Column, Episode
    from signoff_collector.episode.moments.moments import BufferLife, Moments
    from signoff_collector.levels.writing.bursts import Burst
    from signoff_collector.levels.writing.standing import Standing

_WORD, _SIGN, _SPACE = 2, 1, 0
BLANK: Final = _SPACE
"""Kind of the characters that belong to no token."""
LifeName = tuple[str, int, int]
"""Path, buffer, and the step that opened it."""
Lives = dict[LifeName, tuple["LifeCharacters", list["Burst"]]]
"""By buffer, each time that it was open: all its characters, and its bursts."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Written:
    """The tokens that a burst left, in document order; at least one."""

    burst: Burst
    characters: LifeCharacters
    before: int
    done: int
    """Number of its buffer's edits before it, and up to its end."""
    begins: Column
    ends: Column
    """By token: place of its first character and behind its last, among the life's."""
    survives: NDArray[np.bool_]

    def text(self, low: int, high: int) -> str:
        """Return what it wrote from one token to before another, as it stood when it ended."""
        places = slice(int(self.begins[low]), int(self.ends[high - 1]))
        return self.characters.text(places, self.done, since=self.before)

    def span(self, low: int, high: int) -> tuple[int, int]:
        """Return the first and last step that wrote some of its tokens."""
        seqs = self.characters.seqs
        born = self.characters.birth[self.begins[low:high]]
        last = self.characters.birth[self.ends[low:high] - 1]
        return int(seqs[int(born.min()) - 1]), int(seqs[int(last.max()) - 1])


def life_characters(episode: Episode, moments: Moments, found: Sequence[Burst]) -> Lives:
    """Return the characters of each buffer that was edited, with its bursts.

    Raises:
        DamagedError: an edit does not fit its text.
    """
    lives = {(life.path, life.buffer, life.since): life for life in moments.lives()}
    by_life: dict[LifeName, list[Burst]] = {}
    for burst in found:
        by_life.setdefault((burst.path, burst.buffer, burst.life), []).append(burst)
    return {name: (LifeCharacters.of(episode, lives[name]), own) for name, own in by_life.items()}


def written(lives: Lives, standing: Standing) -> tuple[Written, ...]:
    """Return the bursts that left a token, in order."""
    found = [
        one for characters, own in lives.values() for one in _of_life(characters, own, standing)
    ]
    return tuple(sorted(found, key=lambda one: one.burst.first))


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeCharacters:
    """All characters that one open buffer ever held, in document order."""

    path: str
    seqs: Column
    """Of the buffer's edits."""
    until: int | None
    """The step that closed the buffer."""
    codes: Column
    birth: Column
    death: Column

    @classmethod
    def of(cls, episode: Episode, life: BufferLife) -> LifeCharacters:
        """Follow the edits of a buffer.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        found = characters_of(life, episode.edits)
        return cls(
            path=life.path,
            seqs=found.edits.seq,
            until=life.until,
            codes=found.points.astype(np.int64),
            birth=found.births,
            death=found.deaths,
        )

    def text(self, places: slice, count: int, *, since: int = -1) -> str:
        """Return what stood of some places after so many edits, and was put there since."""
        birth = self.birth[places]
        alive = (birth > since) & (birth <= count) & (self.death[places] > count)
        return text_of(self.codes[places][alive].astype(np.uint32))

    def done(self, seqs: Column) -> Column:
        """Return how many edits were made up to each step."""
        return np.searchsorted(self.seqs, seqs, side="right").astype(np.int64)

    def kinds(self) -> Column:
        """Return for each character whether it is of a word, a sign, or blank."""
        codes, places = np.unique(self.codes, return_inverse=True)
        kinds = [_kind(chr(code)) for code in codes.tolist()]
        return np.array(kinds, np.int64)[places]

    def in_file(self, task_end: int, standing: Standing) -> NDArray[np.bool_]:
        """Return which characters stand there at the end of a task."""
        last = task_end if self.until is None else min(task_end, self.until)
        count = int(np.searchsorted(self.seqs, last, side="right"))
        alive = (self.birth <= count) & (self.death > count)
        text = text_of(self.codes[alive].astype(np.uint32))
        there = standing.text(self.path, task_end) or ""
        if there != text:
            own, lines = text.split("\n"), frozenset(there.split("\n"))
            stands = np.array([line in lines for line in own], np.bool_)
            alive[alive] = np.repeat(stands, [len(line) + 1 for line in own])[: len(text)]
        return alive


def _kind(char: str) -> int:
    if char.isalnum() or char == "_":
        return _WORD
    return _SPACE if char.isspace() else _SIGN


def _of_life(
    characters: LifeCharacters, own: Sequence[Burst], standing: Standing
) -> Iterator[Written]:
    last = np.array([burst.last for burst in own], np.int64)
    done = characters.done(last)
    before = characters.done(np.array([burst.first - 1 for burst in own], np.int64))
    until = np.array([standing.end_after(seq) for seq in last.tolist()], np.int64)
    born, kinds = characters.birth, characters.kinds()
    which = np.minimum(np.searchsorted(done, born), len(own) - 1)
    stood = (born > 0) & (characters.death > done[which]) & (kinds != _SPACE)
    survives = np.zeros(len(born), np.bool_)
    for task_end in np.unique(until).tolist():
        survives |= (until[which] == task_end) & characters.in_file(task_end, standing)
    places = np.flatnonzero(stood)
    if not len(places):
        return
    places = places[np.argsort(which[places], kind="stable")]
    burst, kind = which[places], kinds[places]
    joined = (burst[1:] == burst[:-1]) & (kind[1:] == _WORD) & (kind[:-1] == _WORD)
    for at in np.flatnonzero(joined & (places[1:] != places[:-1] + 1)).tolist():
        between = slice(int(places[at]) + 1, int(places[at + 1]))
        count = done[burst[at]]
        joined[at] = not ((born[between] <= count) & (characters.death[between] > count)).any()
    starts = np.flatnonzero(np.concatenate([[True], ~joined]))
    whole = np.logical_and.reduceat(survives[places], starts)
    ends = places[np.concatenate([starts[1:], [len(places)]]) - 1] + 1
    bounds = np.searchsorted(burst[starts], np.arange(len(own) + 1)).tolist()
    for number, one in enumerate(own):
        tokens = slice(bounds[number], bounds[number + 1])
        if tokens.start < tokens.stop:
            yield Written(
                burst=one,
                characters=characters,
                before=int(before[number]),
                done=int(done[number]),
                begins=places[starts[tokens]],
                ends=ends[tokens],
                survives=whole[tokens],
            )
