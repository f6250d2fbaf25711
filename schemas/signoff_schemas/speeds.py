"""How fast a recording is played when nobody said: one rule for terminal, page and HTML replay.

The page's table (`src/schemas/speeds.ts`) is generated from this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SPEEDS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)
"""What can be chosen, as factors."""
BY_LENGTH: Final = (
    (10, 1.0), (20, 2.0), (480, 4.0), (960, 8.0), (1_920, 16.0), (3_840, 32.0), (7_680, 64.0),
    (15_360, 128.0),
)  # fmt: skip
"""Up to this length of playback, in seconds, this speed: what is short as it was, a minute in a
quarter of one, hours in two minutes. What is longer still is played at the highest speed."""


def speed_for(length_s: float) -> float:
    """Return the speed for a length of playback in seconds."""
    return next((speed for most, speed in BY_LENGTH if length_s <= most), SPEEDS[-1])


def as_data() -> Mapping[str, object]:
    """Return the rule for the page: what `schemas/json/speeds.json` holds."""
    return {"speeds": SPEEDS, "by_length": BY_LENGTH}
