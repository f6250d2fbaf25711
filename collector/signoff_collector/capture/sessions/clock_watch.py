"""Detect that the machine slept or its wall clock was set, between two clock readings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.system.clock import Reading, read_clocks

if TYPE_CHECKING:
    from signoff_collector.system.clock import Clock

LEAST_NS: Final = 10**9
"""Tolerance: clocks are read one after the other, so they always differ a little."""


class ClockWatch:
    """Compares the clocks with their previous reading."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = read_clocks(clock)

    def look(self) -> tuple[Reading, Reading] | None:
        """Return the readings before and after a sleep or clock change, or None without one.

        Polled twice a second, so the two readings enclose the event by at most that much.
        """
        before, self._last = self._last, read_clocks(self._clock)
        after = self._last
        slept_ns = after.asleep_ns - before.asleep_ns
        set_ns = (after.t_wall_ns - after.t_boot_ns) - (before.t_wall_ns - before.t_boot_ns)
        return (before, after) if slept_ns >= LEAST_NS or abs(set_ns) >= LEAST_NS else None
