"""Work that was taken back in part: text that one went on to remove, while what stood around stays.

A return to an earlier text is found by comparing texts (`reverts`). Where one line of the work was
kept, or something else was written meanwhile, no earlier text returns; but the characters that went
were all new, stood side by side, and nothing older had given way to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.levels.writing.written import BLANK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signoff_collector.levels.writing.bursts import Burst
    from signoff_collector.levels.writing.standing import Standing
    from signoff_collector.levels.writing.written import LifeCharacters

FEWEST_CHARACTERS: Final = 40
"""Without blanks: who takes back less corrects a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """Work of one buffer that a burst, or several in a row, took away."""

    burst: Burst
    """The last of them."""
    first: int
    """First step that wrote some of what went."""
    since: int
    """First step that took some of it away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gone:
    """What one burst took away."""

    place: int
    """Number of the burst in its life."""
    low: int
    high: int
    """Where it stood, among all characters of the life."""
    born: int
    """Number of the first edit that wrote some of it."""
    characters: int
    """Without blanks."""


def taken_back(
    characters: LifeCharacters, life: Sequence[Burst], standing: Standing
) -> Iterator[TakenBack]:
    """Yield the work of one open buffer that was taken back in its own task, in order."""
    looking = _Looking(characters, life)
    row: list[_Gone] = []
    for place in range(len(life)):
        gone = looking.gone(place)
        if row and (gone is None or not _goes_on(row[-1], gone)):
            yield from looking.told(row, standing)
            row = []
        if gone is not None:
            row.append(gone)
    yield from looking.told(row, standing)


def _goes_on(before: _Gone, after: _Gone) -> bool:
    """Say whether a burst goes on with what the one before took away: undo steps with a pause."""
    touches = after.high >= before.low and before.high >= after.low
    return after.place == before.place + 1 and touches


class _Looking:
    """Finds the characters of each burst by their births and deaths, without walking over all."""

    def __init__(self, characters: LifeCharacters, life: Sequence[Burst]) -> None:
        self._characters = characters
        self._life = life
        self._kinds = characters.kinds()
        self._by_birth = np.argsort(characters.birth, kind="stable")
        self._by_death = np.argsort(characters.death, kind="stable")
        self._births = characters.birth[self._by_birth]
        self._deaths = characters.death[self._by_death]
        bounds = [seq for burst in life for seq in (burst.first - 1, burst.last)]
        self._done: list[int] = characters.done(np.array(bounds, np.int64)).tolist()

    def gone(self, place: int) -> _Gone | None:
        """Return what a burst took away, None where it wrote, or took what stood before."""
        burst = self._life[place]
        if burst.action is None or burst.deleted <= burst.inserted:
            return None
        before, after = self._done[2 * place : 2 * place + 2]
        birth, death = self._characters.birth, self._characters.death
        low, high = np.searchsorted(self._births, (before, after), side="right").tolist()
        if (death[self._by_birth[low:high]] > after).any():
            return None
        low, high = np.searchsorted(self._deaths, (before, after), side="right").tolist()
        places = np.sort(self._by_death[low:high])
        places = places[birth[places] <= before]
        if not len(places) or not int(birth[places].min()):
            return None
        first, low, high = int(birth[places].min()), int(places[0]), int(places[-1]) + 1
        if self._any_stays(low, high, after) or self._gave_way(low, high, first, before, after):
            return None
        count = int((self._kinds[places] != BLANK).sum())
        return _Gone(place=place, low=low, high=high, born=first, characters=count)

    def _any_stays(self, low: int, high: int, done: int) -> bool:
        """Say whether a character between two places is there after so many edits."""
        characters = self._characters
        stays = (characters.death[low:high] > done) & (characters.birth[low:high] <= done)
        return bool(stays.any())

    def _gave_way(self, low: int, high: int, first: int, before: int, after: int) -> bool:
        """Say whether older text that stood here went while this was written."""
        begin, end = np.searchsorted(self._deaths, (first - 1, before), side="right").tolist()
        gone = self._by_death[begin:end]
        older = np.sort(gone[self._characters.birth[gone] < first])
        left, right = np.searchsorted(older, (low, high)).tolist()
        if left < right:
            return True
        beside = [(int(older[left - 1]), low)] if left else []
        beside += [(high, int(older[right]))] if right < len(older) else []
        return any(not self._any_stays(one, other, after) for one, other in beside)

    def told(self, row: Sequence[_Gone], standing: Standing) -> Iterator[TakenBack]:
        """Yield what some bursts in a row took away, if it is enough and was not moved."""
        if sum(one.characters for one in row) < FEWEST_CHARACTERS:
            return
        burst = self._life[row[-1].place]
        first = int(self._characters.seqs[min(one.born for one in row) - 1])
        end = standing.end_after(burst.last)
        count = self._done[2 * row[0].place]
        texts = [self._characters.text(slice(one.low, one.high), count) for one in row]
        if standing.end_after(first) == end and not standing.is_text_moved(texts, end):
            yield TakenBack(burst=burst, first=first, since=self._life[row[0].place].first)
