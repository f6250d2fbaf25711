"""Notices when the machine slept, or when its wall clock was set, and between which two moments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.system.clock import Reading, read_clocks

if TYPE_CHECKING:
    from signoff_collector.system.clock import Clock

LEAST_NS: Final = 10**9
"""Clocks are read one after the other: they differ a little although nothing happened."""


class ClockWatch:
    """Compares the clocks with how they stood at the last look."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = read_clocks(clock)

    def look(self) -> tuple[Reading, Reading] | None:
        """Return the readings before and after a sleep or a setting, or None when all went on.

        Looked at twice a second, the two lie no more than that further apart than what happened.
        """
        before, self._last = self._last, read_clocks(self._clock)
        after = self._last
        slept_ns = after.asleep_ns - before.asleep_ns
        set_ns = (after.t_wall_ns - after.t_boot_ns) - (before.t_wall_ns - before.t_boot_ns)
        return (before, after) if slept_ns >= LEAST_NS or abs(set_ns) >= LEAST_NS else None
