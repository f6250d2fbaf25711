"""Survival: how much of what a burst wrote still stands at the end of its task; dead ends.

A token is a word or a sign. It survives if each of its characters, by birth and death, is there at
the end of the task; where the buffer was closed before, if its line is in the file then.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.episode.moments.characters import characters_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from signoff_collector.episode.content import Column, Episode
    from signoff_collector.episode.moments.moments import BufferLife, Moments
    from signoff_collector.levels.test_runs.attempts import Attempt
    from signoff_collector.levels.writing.bursts import Burst
    from signoff_collector.levels.writing.standing import Standing

FEWEST_TOKENS: Final = 20
"""Fewer are no dead end."""
MOST_SURVIVING: Final = 0.1
"""A larger share of surviving tokens is no dead end."""
_WORD, _SIGN, _SPACE = 2, 1, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """Of one burst that wrote something."""

    first: int
    """The burst's first `seq`."""
    tokens: int
    """That stood there at its end."""
    surviving: int
    """Of these, at the end of its task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadEnd:
    """Bursts in one file, one after the other, whose text did not survive their task."""

    path: str
    first: int
    last: int
    """`seq` of the first and last edit that wrote it."""
    tokens: int
    surviving: int


def survival(
    episode: Episode, moments: Moments, found: Sequence[Burst], standing: Standing
) -> tuple[Survival, ...]:
    """Return it for each burst that left a token, in order.

    Raises:
        DamagedError: an edit does not fit its text.
    """
    lives = {(life.path, life.buffer, life.since): life for life in moments.lives()}
    by_life: dict[tuple[str, int, int], list[Burst]] = {}
    for burst in found:
        by_life.setdefault((burst.path, burst.buffer, burst.life), []).append(burst)
    spans = [
        one
        for name, own in by_life.items()
        for one in _of_life(_Characters.of(episode, lives[name]), own, standing)
    ]
    return tuple(sorted(spans, key=lambda one: one.first))


def dead_ends(
    found: Sequence[Burst],
    survived: Sequence[Survival],
    attempts: Sequence[Attempt],
    standing: Standing,
) -> tuple[DeadEnd, ...]:
    """Return the dead ends: bursts in a row, in one file and attempt, all of whose text went.

    Text that was moved, within its file or to another of its task, is no dead end.
    """
    known = {one.first: one for one in survived}
    ends = [attempt.last for attempt in attempts]
    spans: list[DeadEnd] = []
    row: list[tuple[Burst, Survival]] = []
    name: tuple[str, int] | None = None
    for burst in found:
        one = known.get(burst.first)
        if one is None:  # it only took away, or nothing of it stood at its end
            continue
        goes = one.surviving < MOST_SURVIVING * one.tokens
        is_lost = goes and not standing.is_moved((burst,), standing.end_after(burst.last))
        here = (burst.path, bisect_left(ends, burst.last)) if is_lost else None
        if here != name:
            spans.extend(_dead(row))
            row = []
        name = here
        if is_lost:
            row.append((burst, one))
    spans.extend(_dead(row))
    return tuple(spans)


def _dead(row: Sequence[tuple[Burst, Survival]]) -> Iterator[DeadEnd]:
    tokens = sum(one.tokens for _, one in row)
    if tokens >= FEWEST_TOKENS:
        yield DeadEnd(
            path=row[0][0].path,
            first=row[0][0].first,
            last=row[-1][0].last,
            tokens=tokens,
            surviving=sum(one.surviving for _, one in row),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Characters:
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
    def of(cls, episode: Episode, life: BufferLife) -> _Characters:
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
    characters: _Characters, own: Sequence[Burst], standing: Standing
) -> Iterator[Survival]:
    last = np.array([burst.last for burst in own], np.int64)
    done = characters.done(last)
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
    begins = np.concatenate([[True], ~joined])
    starts = np.flatnonzero(begins)
    whole = np.logical_and.reduceat(survives[places], starts)
    tokens = np.bincount(burst[starts], minlength=len(own)).tolist()
    left = np.bincount(burst[starts[whole]], minlength=len(own)).tolist()
    for number, one in enumerate(own):
        if tokens[number]:
            yield Survival(first=one.first, tokens=tokens[number], surviving=left[number])
