"""Hold key evidence back until it is known that the keys were not typed by a program.

Many keys within a very short time come from a program: a paste that looks like keys, a tool that
types. Only this module decides it, by the editor's own clock (`pressed_ms`, PROTOCOL.md): the
arrival rate of messages says nothing about the rate of the keys.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_bridge.protocol.messages import Message

BURST_KEYS: Final = 16
BURST_MS: Final = 64
PATIENCE_MS: Final = 256
"""When nothing has come for so long, nothing is to come that speaks against the keys before:
companions may hold a key back for 64 ms, and send what they held in batches."""
_MOST_MS: Final = 1 << 53


class HeldKey(NamedTuple):
    """A notification that is held back."""

    message: Message
    params: dict[str, object]
    pressed_ms: float


class KeyBursts:
    """Detects bursts of keys; for one thread."""

    def __init__(self) -> None:
        self._held: list[HeldKey] = []
        self._recent: deque[tuple[float, int]] = deque()

    @property
    def is_holding(self) -> bool:
        """Whether a notification is held back."""
        return bool(self._held)

    def take(self, message: Message, params: dict[str, object]) -> list[HeldKey] | None:
        """Take evidence with a time, and return what need not wait any more.

        Returns None for evidence that is of no key, or has no time: it is believed as it is.
        """
        pressed_ms = _pressed_ms(params)
        if pressed_ms is None:
            return None
        if self._recent and pressed_ms < self._recent[-1][0]:  # another clock
            self._recent.clear()
            certain = self.release()
        else:
            certain = [one for one in self._held if one.pressed_ms < pressed_ms - BURST_MS]
            self._held = self._held[len(certain) :]
        self._recent.append((pressed_ms, _keys(params)))
        while self._recent[0][0] < pressed_ms - BURST_MS:
            self._recent.popleft()
        if sum(keys for _, keys in self._recent) >= BURST_KEYS:
            self._held = []
        else:
            self._held.append(HeldKey(message, params, pressed_ms))
        return certain

    def release(self) -> list[HeldKey]:
        """Release everything that is held back."""
        held, self._held = self._held, []
        return held


def _pressed_ms(params: Mapping[str, object]) -> float | None:
    value = params.get("pressed_ms")
    if params.get("reason") != "key" or isinstance(value, bool):
        return None
    return value if isinstance(value, int | float) and 0 <= value < _MOST_MS else None


def _keys(params: Mapping[str, object]) -> int:
    changes = params.get("changes")
    return changes if type(changes) is int and changes > 0 else 1
