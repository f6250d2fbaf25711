"""What the editor may ask of the recorder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

COMMANDS: Final = ("status", "pause", "private", "resume", "task", "note", "stop")
SLOW_COMMANDS: Final = ("forget",)
"""Commands that wait for other processes; they run on a thread of their own."""


class Services(Protocol):
    """Requests of the editor to the recorder."""

    def status(self) -> dict[str, object]:
        """Return the recording state."""
        ...

    def command(self, name: str, arguments: Sequence[object]) -> dict[str, object]:
        """Run `signoff.<name>` and return the new status."""
        ...

    def captured(self, params: object) -> dict[str, object]:
        """Return the latest recorded entries."""
        ...

    def terminal_environment(self) -> dict[str, object]:
        """Return what terminals of the editor need so that pytest tells of its tests."""
        ...
