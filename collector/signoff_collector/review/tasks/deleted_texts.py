"""Texts of files that no last state shows: they travel with the episode all the same.

Characters that were taken away from a buffer, lines of versions in between, and what was typed and
closed unsaved. The page finds the same in `episode/deleted.ts`; `test/reading.test.ts` there
compares them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.episode.moments.characters import characters_of, text_of
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.redaction.texts.texts import named_paths
from signoff_collector.review.tasks.versions_between import Between

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from signoff_collector.episode.content import Column, Episode
    from signoff_collector.episode.moments.moments import BufferLife

BURST_NS: Final = 3 * 10**9
"""Neighbours in the text that went away within this time of each other are one text."""
SLOW_NS: Final = 60 * 10**9
"""So are those that one edit after the other took within this time."""
LEAST_CHARACTERS: Final = 3
"""Of a text, besides blanks; less is a slip of a finger, and told together with others."""
_BLANKS: Final = re.compile(r"[ \t\r\n]+")


class Why(StrEnum):
    """Why no last state shows a text."""

    DELETED = "deleted"
    BETWEEN = "between"
    """It is of a version of the file that another one replaced."""
    UNSAVED = "unsaved"
    """It was in a buffer that was closed without a save."""
    SHORTER = "shorter"
    """All texts of fewer than three characters that a file lost, blanks in them taken together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedText:
    """Neighbouring characters that went away in one burst, or lines of one version."""

    path: str
    seq: int
    """The edit that took its last character; for a version the step that brought it, for an
    unsaved one the step that closed it."""
    t_ns: int
    text: str
    why: Why = Why.DELETED
    count: int = 1
    """How many texts it is, where it is several shorter ones."""

    @property
    def words(self) -> str:
        """What it is, for a heading."""
        match self.why:
            case Why.DELETED:
                return "deleted"
            case Why.BETWEEN:
                return "in a version in between"
            case Why.UNSAVED:
                return "in a buffer, closed unsaved"
            case Why.SHORTER:
                return f"{self.count} shorter ones deleted, the last"


def deleted_texts(episode: Episode) -> tuple[DeletedText, ...]:
    """Return them, newest first; of one file at most one that tells the shorter ones together.

    Raises:
        DamagedError: an edit does not fit its text.
    """
    moments = Moments(episode)
    paths = named_paths(episode)
    found = [
        one for path in paths for life in moments.lives_of(path) for one in _of_life(episode, life)
    ]
    between = Between(episode, moments, (one.text for one in found))
    found += [
        DeletedText(
            path=path,
            seq=one.seq,
            t_ns=one.t_ns,
            text=one.text,
            why=Why.UNSAVED if one.is_unsaved else Why.BETWEEN,
        )
        for path in paths
        for one in between.of(path)
    ]
    return tuple(sorted(_with_shorter(found), key=lambda one: (-one.seq, one.path)))


def _of_life(episode: Episode, life: BufferLife) -> Iterator[DeletedText]:
    if not episode.edits.deleted[life.edit_numbers].any():
        return
    characters = characters_of(life, episode.edits)
    edits = characters.edits
    for places in _bursts(characters.deaths, edits.t_ns):
        last = int(characters.deaths[places].max()) - 1
        yield DeletedText(
            path=life.path,
            seq=int(edits.seq[last]),
            t_ns=int(edits.t_ns[last]),
            text=text_of(characters.points[places]),
        )


def _bursts(deaths: Column, t_ns: Column) -> list[NDArray[np.intp]]:
    """Return the places of deleted characters, those of one burst together."""
    gone = np.flatnonzero(deaths <= len(t_ns))
    if not len(gone):
        return []
    death = deaths[gone]
    apart = np.abs(np.diff(t_ns[death - 1]))
    is_next = np.abs(np.diff(death)) <= 1
    is_near = (apart <= BURST_NS) | (is_next & (apart <= SLOW_NS))
    return np.split(gone, np.flatnonzero(~is_near | (np.diff(gone) > 1)) + 1)


def _with_shorter(found: Iterable[DeletedText]) -> Iterator[DeletedText]:
    """Yield the texts, those that are too short for a row of their own told together by file."""
    shorter: dict[str, list[DeletedText]] = {}
    for one in found:
        visible = _BLANKS.sub("", one.text)
        if len(visible) >= LEAST_CHARACTERS:
            yield one
        elif visible:
            shorter.setdefault(one.path, []).append(one)
    for texts in shorter.values():
        last = max(texts, key=lambda one: one.seq)
        said = ", ".join(_BLANKS.sub(" ", one.text).strip(" ") for one in texts)
        yield replace(last, text=said, why=Why.SHORTER, count=len(texts))
