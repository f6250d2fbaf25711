"""Text that was once in a buffer and was taken away again: it travels with the episode.

The page finds the same in `episode/deleted.ts`; `test/reading.test.ts` there compares them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.episode.moments.moments import Moments
from signoff_collector.episode.texts import ImpossibleEditError, TextHistory, lineage
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from signoff_collector.episode.content import Column, Episode
    from signoff_collector.episode.moments.moments import BufferLife

BURST_NS: Final = 3 * 10**9
"""Neighbours in the text that went away within this time of each other are one text."""
LEAST_CHARACTERS: Final = 3
"""Of a text, besides blanks; less is a slip of a finger."""
_BLANK: Final = np.array([ord(one) for one in " \t\r\n"])


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedText:
    """Neighbouring characters that went away in one burst."""

    path: str
    seq: int
    """The edit that took its last character."""
    t_ns: int
    text: str


def deleted_texts(episode: Episode) -> tuple[DeletedText, ...]:
    """Return them, newest first.

    Raises:
        DamagedError: an edit does not fit its text.
    """
    found = [one for life in Moments(episode).lives() for one in _of_life(episode, life)]
    return tuple(sorted(found, key=lambda one: (-one.seq, one.path)))


def _of_life(episode: Episode, life: BufferLife) -> Iterator[DeletedText]:
    edits = episode.edits.select(life.edit_numbers)
    if not edits.deleted.any():
        return
    history = TextHistory(
        initial=life.initial,
        start=edits.start,
        deleted=edits.deleted,
        inserted=edits.inserted,
        text=edits.text,
    )
    try:
        order, _, deaths = lineage(history)
    except ImpossibleEditError as error:
        raise DamagedError(f"an edit of a buffer does not fit its text: {error}") from error
    whole = history.characters.encode("utf-32-le", "surrogatepass")
    points = np.frombuffer(whole, "<u4")[order]
    for places in _bursts(deaths, edits.t_ns):
        gone = points[places]
        if np.count_nonzero(~np.isin(gone, _BLANK)) < LEAST_CHARACTERS:
            continue
        last = int(deaths[places].max()) - 1
        yield DeletedText(
            path=life.path,
            seq=int(edits.seq[last]),
            t_ns=int(edits.t_ns[last]),
            text=gone.tobytes().decode("utf-32-le", "surrogatepass"),
        )


def _bursts(deaths: Column, t_ns: Column) -> list[NDArray[np.intp]]:
    """Return the places of deleted characters, those of one burst together."""
    gone = np.flatnonzero(deaths <= len(t_ns))
    if not len(gone):
        return []
    death = deaths[gone]
    times = t_ns[death - 1]
    is_near = (np.abs(np.diff(death)) <= 1) | (np.abs(np.diff(times)) <= BURST_NS)
    return np.split(gone, np.flatnonzero(~is_near | (np.diff(gone) > 1)) + 1)
