"""Times as a data set may tell them: milliseconds, no finer than was signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from signoff_collector.episode.content import Column, Episode

_MS: Final = 1_000_000
_UNIT_MS: Final = {"exact": 1, "100ms": 100, "1s": 1000}


class Times:
    """Times of one episode. An episode signed without times has none here."""

    def __init__(self, episode: Episode) -> None:
        self._unit = _UNIT_MS.get(episode.header.time_resolution)
        times = episode.times()
        self._first = int(times[0]) if len(times) else 0

    def at(self, t_ns: int) -> int | None:
        """Return a time since the first step; a clock that jumped gives no negative one."""
        return self.lasting(max(t_ns - self._first, 0))

    def lasting(self, duration_ns: int | None) -> int | None:
        """Return how long something took."""
        if duration_ns is None or self._unit is None:
            return None
        whole = duration_ns // _MS
        return whole - whole % self._unit

    def many(self, t_ns: Column) -> Column | None:
        """Return many times as `at` does.

        Within a signed unit edits are spread evenly, which nobody measured: here they are equal.
        """
        if self._unit is None:
            return None
        whole: Column = np.maximum(t_ns - self._first, 0) // _MS
        whole -= whole % self._unit
        return whole
