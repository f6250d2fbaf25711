"""Choose the standard streams of a command: a pty, or pipes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from signoff_collector.system import terminals as terminal


@dataclass(slots=True, kw_only=True)
class Wiring:
    """The descriptors between us and the command."""

    child: dict[int, int] = field(default_factory=dict)
    """Standard descriptor of the command to the descriptor that it is duplicated from."""
    copies: dict[int, int] = field(default_factory=dict)
    """Descriptor to read from, to the descriptor to copy its data to."""
    pty: int | None = None
    """Our side of the command's terminal; None when it has none."""
    takes_keys: bool = False
    """Whether keys from our terminal are forwarded to the command."""

    def close(self) -> None:
        """Close our side."""
        for descriptor in self.copies:
            os.close(descriptor)


def wire() -> Wiring:
    """Create a pty, or pipes when no terminal is attached."""
    wiring = Wiring()
    if terminal.is_terminal(1) and (not terminal.is_terminal(0) or terminal.is_in_foreground(0)):
        with suppress(OSError):
            _wire_pty(wiring)
            return wiring
    _wire_pipes(wiring, (1, 2))
    return wiring


def _wire_pty(wiring: Wiring) -> None:
    ours, theirs = os.openpty()
    terminal.copy_settings(1, theirs)
    os.set_blocking(ours, False)
    wiring.pty = ours
    wiring.takes_keys = terminal.is_terminal(0)
    wiring.copies[ours] = 1
    wiring.child[1] = theirs
    if wiring.takes_keys:
        wiring.child[0] = theirs
    if terminal.is_terminal(2):
        wiring.child[2] = theirs
    else:
        _wire_pipes(wiring, (2,))


def _wire_pipes(wiring: Wiring, streams: Sequence[int]) -> None:
    """Create a pipe per stream; one for both when both lead to the same file, to keep the order."""
    made: dict[tuple[int, int], int] = {}
    for stream in streams:
        try:
            place = os.fstat(stream)
        except OSError:
            continue
        key = (place.st_dev, place.st_ino)
        if key not in made:
            reading, made[key] = os.pipe()
            os.set_blocking(reading, False)
            wiring.copies[reading] = stream
        wiring.child[stream] = made[key]
