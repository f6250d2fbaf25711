"""Playback clock: the current place, the speed, and whether idle time is shortened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signoff_collector.replay.reel import START
from signoff_schemas.speeds import SPEEDS, speed_for

if TYPE_CHECKING:
    from signoff_collector.episode.content import Column
    from signoff_collector.replay.reel import Reel


def speed_from(reel: Reel, place: int) -> float:
    """Return the speed for what is played from a place on; from the end, for the whole."""
    if not reel.count:
        return 1.0
    whole = int(reel.played_ns[-1])
    done = int(reel.played_ns[place]) if START < place < reel.count - 1 else 0
    return speed_for((whole - done) / 1e9)


class Playing:
    """Position and speed of playback in a reel. Has no clock: the caller advances it."""

    def __init__(self, reel: Reel, place: int = START, *, speed: float = 1.0) -> None:
        self.reel = reel
        self.place = place
        self.speed = speed
        self.is_running = False
        self.squeezes = True
        """Whether pauses of more than two seconds are shortened to half a second."""
        self._at_ns = 0.0
        self.go(place)

    @property
    def is_at_end(self) -> bool:
        """Whether the end is reached."""
        return self.place >= self.reel.count - 1

    @property
    def waited_ns(self) -> int:
        """Length of the shortened pause before this place; else 0."""
        if not self.squeezes or self.place <= 0:
            return 0
        played = self.reel.played_ns
        here, before = self.place, self.place - 1
        took = self.reel.time(here) - self.reel.time(before)
        return took if took != int(played[here] - played[before]) else 0

    def go(self, place: int) -> None:
        """Jump to a place, clamped to the reel."""
        self.place = max(START, min(place, self.reel.count - 1))
        times = self._times
        self._at_ns = float(times[self.place]) if self.place >= 0 else 0.0

    def advance(self, elapsed_s: float) -> bool:
        """Advance by elapsed time; return whether the place changed. Stops at the end."""
        if not self.is_running:
            return False
        before = self.place
        self._at_ns += elapsed_s * self.speed * 1e9
        self.place = int(np.searchsorted(self._times, self._at_ns, side="right")) - 1
        self.place = max(before, min(self.place, self.reel.count - 1))
        if self.is_at_end:
            self.is_running = False
        return self.place != before

    def faster(self, steps: int) -> None:
        """Change the speed in steps; a custom speed snaps to the nearest preset."""
        nearest = min(range(len(SPEEDS)), key=lambda at: abs(SPEEDS[at] - self.speed))
        self.speed = SPEEDS[max(0, min(nearest + steps, len(SPEEDS) - 1))]

    def squeeze(self, *, on: bool) -> None:
        """Set whether idle time is shortened."""
        self.squeezes = on
        self.go(self.place)

    def change_reel(self, reel: Reel) -> None:
        """Continue in a longer reel, at the same time of the session."""
        t_ns, was_at_end = self.reel.time(self.place), self.is_at_end
        is_start = self.place == START
        self.reel = reel
        if is_start:
            self.go(START)
        else:
            self.go(reel.count - 1 if was_at_end else reel.place_at_time(t_ns))

    @property
    def _times(self) -> Column:
        return self.reel.played_ns if self.squeezes else self.reel.t_ns
