"""A clock that tests own."""

from __future__ import annotations


class FakeClock:
    """Stands still until it is moved."""

    def __init__(
        self,
        *,
        boot_ns: int = 1_000 * 10**9,
        wall_ns: int = 1_790_000_000 * 10**9,
        boot_id: str = "00000000-0000-4000-8000-000000000001",
    ) -> None:
        self._boot_ns = boot_ns
        self._wall_ns = wall_ns
        self._boot_id = boot_id
        self._asleep_ns = 0

    def boot_ns(self) -> int:
        return self._boot_ns

    def wall_ns(self) -> int:
        return self._wall_ns

    def asleep_ns(self) -> int:
        return self._asleep_ns

    def boot_id(self) -> str:
        return self._boot_id

    def advance(self, seconds: float) -> None:
        """Let time go by, on both clocks."""
        self._boot_ns += round(seconds * 10**9)
        self._wall_ns += round(seconds * 10**9)

    def suspend(self, seconds: float) -> None:
        """Let the machine sleep: all clocks go on but the one of the time awake."""
        self.advance(seconds)
        self._asleep_ns += round(seconds * 10**9)

    def step_wall(self, seconds: float) -> None:
        """Set the wall clock, as a person or a time server does; negative is back."""
        self._wall_ns += round(seconds * 10**9)

    def reboot(self) -> None:
        """Start a new boot: the boot clock begins anew."""
        self._boot_ns = 5 * 10**9
        self._asleep_ns = 0
        self._boot_id = self._boot_id[:-1] + format((int(self._boot_id[-1], 16) + 1) % 16, "x")
