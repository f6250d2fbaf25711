"""The clock: the only source of time, so that tests can replace it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final, NamedTuple, Protocol

_BOOT_ID_FILE: Final = Path("/proc/sys/kernel/random/boot_id")
if sys.platform == "win32":
    from signoff_collector.system.windows import awake_ns, boot_ns
else:
    _BOOT_CLOCK: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    """Counts while the machine sleeps; on macOS CLOCK_MONOTONIC does so too."""

    _AWAKE_CLOCK: Final[int] = getattr(time, "CLOCK_UPTIME_RAW", time.CLOCK_MONOTONIC)
    """Stops while the machine sleeps."""

    def boot_ns() -> int:
        """Return nanoseconds since boot, with sleep."""
        return time.clock_gettime_ns(_BOOT_CLOCK)

    def awake_ns() -> int:
        """Return nanoseconds since boot, without sleep."""
        return time.clock_gettime_ns(_AWAKE_CLOCK)


UNKNOWN_BOOT: Final = "unknown"
"""The boot id on a system that does not provide one."""


class Reading(NamedTuple):
    """All clocks at one moment, as a CLOCK record holds them."""

    t_boot_ns: int
    t_wall_ns: int
    asleep_ns: int


class Moment(NamedTuple):
    """One moment as time since boot and as wall-clock time."""

    t_boot_ns: int
    t_wall_ns: int


class Clock(Protocol):
    """Protocol of the clock, for everything that records."""

    def boot_ns(self) -> int:
        """Return nanoseconds since boot; never steps back, counts sleep."""
        ...

    def wall_ns(self) -> int:
        """Return nanoseconds since 1970 UTC; may step either way."""
        ...

    def asleep_ns(self) -> int:
        """Return how much of the time since boot the machine was suspended; never falls."""
        ...

    def boot_id(self) -> str:
        """Return the id of this boot: `boot_ns` values are comparable only within one boot."""
        ...


class SystemClock:
    """The clock of this machine."""

    def __init__(self) -> None:
        self._boot_id: str | None = None

    def boot_ns(self) -> int:
        """Return nanoseconds since boot."""
        return boot_ns()

    def wall_ns(self) -> int:
        """Return nanoseconds since 1970 UTC."""
        return time.time_ns()

    def asleep_ns(self) -> int:
        """Return how long the machine was suspended since boot.

        The two clocks are read one after the other: the answer is some microseconds off.
        """
        awake = awake_ns()
        return max(0, self.boot_ns() - awake)

    def boot_id(self) -> str:
        """Return the kernel's id of this boot, or `unknown`."""
        if self._boot_id is None:
            self._boot_id = _read_boot_id()
        return self._boot_id


def read_clocks(clock: Clock) -> Reading:
    """Read every clock once."""
    return Reading(clock.boot_ns(), clock.wall_ns(), clock.asleep_ns())


def moment_of(clock: Clock, wall_ns: int, *, after_boot_ns: int) -> Moment | None:
    """Convert a wall-clock time, such as that of a file, to a moment; None when it cannot be right.

    Args:
        clock: read now: if the wall clock was set since then the result is wrong.
        wall_ns: the wall-clock time.
        after_boot_ns: lower bound of the result.
    """
    now_ns = clock.boot_ns()
    t_boot_ns = now_ns - (clock.wall_ns() - wall_ns)
    return Moment(t_boot_ns, wall_ns) if after_boot_ns <= t_boot_ns <= now_ns else None


def _read_boot_id() -> str:
    try:
        return _BOOT_ID_FILE.read_text("ascii").strip() or UNKNOWN_BOOT
    except (OSError, UnicodeDecodeError):
        return _darwin_boot_id() if sys.platform == "darwin" else UNKNOWN_BOOT


def _darwin_boot_id() -> str:
    """Ask the kernel of macOS, which has no file for it."""
    import ctypes

    library = ctypes.CDLL(None)
    buffer = ctypes.create_string_buffer(64)
    size = ctypes.c_size_t(len(buffer))
    failed = library.sysctlbyname(
        b"kern.bootsessionuuid", buffer, ctypes.byref(size), None, ctypes.c_size_t(0)
    )
    return UNKNOWN_BOOT if failed else buffer.value.decode("ascii", "replace")
