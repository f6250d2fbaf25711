"""Which moments of an episode a film shows, and for how long: silence folded, speed by chapters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_schemas.errors import UsageError
from signoff_schemas.speeds import speed_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from signoff_collector.replay.reel import Reel

FRAME_MS: Final = 100
"""No shot is shorter: what changes within it, such as keys of quick hands, is shown together."""
SILENCE_S: Final = 1.0
"""A longer wait is shown as this long."""
LAST_MS: Final = 2_000
"""How long the end is shown."""
LONGEST_S: Final = 300
_UNSEEN: Final = frozenset({"checkpoint", "environment", "focus", "gap", "note", "task", "assist"})
"""Kinds of steps after which a picture is as before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One moment, as long as it is shown."""

    seq: int
    begin_ms: int
    shown_ms: int
    """A multiple of `FRAME_MS`."""


def shots_of(reel: Reel, *, length_s: int) -> tuple[Shot, ...]:
    """Return the shots of a film, from before the first step to the end.

    Each chapter is played at a speed that follows from its length without silences (a minute in a
    quarter of one, an hour in about two); all of them faster where the film would be longer than
    it may be.

    Args:
        reel: of the episode.
        length_s: how long the film may be, in seconds.

    Raises:
        UsageError: that is no length for a film.
    """
    refuse_length(length_s)
    places = [place for place in range(reel.count) if reel.kind(place) not in _UNSEEN]
    if not places:
        return (Shot(seq=reel.count - 1, begin_ms=0, shown_ms=LAST_MS),)
    waits = np.minimum(np.diff(reel.t_ns[places], prepend=0) / 1e9, SILENCE_S)
    starts = sorted({one.seq_first for one in reel.chapters})
    played = np.cumsum(waits / _speeds(reel.seqs[places], waits, starts))
    played *= min(1.0, length_s / max(float(played[-1]), 1e-9))
    frames = np.ceil(played * 1000 / FRAME_MS).astype(np.int64)
    last = np.flatnonzero(np.diff(frames, append=frames[-1] + 1))
    begins = [0, *(int(frames[at]) * FRAME_MS for at in last)]
    seqs = [-1, *(int(reel.seqs[places[at]]) for at in last[:-1]), int(reel.seqs[-1])]
    ends = [*begins[1:], begins[-1] + LAST_MS]
    return tuple(
        Shot(seq=seq, begin_ms=begin, shown_ms=end - begin)
        for seq, begin, end in zip(seqs, begins, ends, strict=True)
        if end > begin
    )


def refuse_length(length_s: int) -> None:
    """Do nothing where a film may be so long.

    Raises:
        UsageError: it may not.
    """
    if not 1 <= length_s <= LONGEST_S:
        raise UsageError(
            f"a film cannot be {length_s} seconds long",
            hint=f"--length takes 1 to {LONGEST_S} seconds.",
        )


def _speeds(
    seqs: NDArray[np.int64], waits: NDArray[np.float64], starts: Sequence[int]
) -> NDArray[np.float64]:
    """Return the speed of each step: that of the stretch from one chapter to the next."""
    stretch = np.searchsorted(np.array(starts, np.int64), seqs, side="right")
    lengths = np.bincount(stretch, weights=waits, minlength=len(starts) + 1)
    return np.array([speed_for(float(one)) for one in lengths])[stretch]
