"""Find the lines to scan for an edit, and the token that it is part of.

Results are offsets in the text. Windows are capped, so that an edit in a very long line costs
no more than one in a short line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from signoff_collector.redaction.texts.texts import Text

_REACH: Final = 600
"""How many characters of a line are scanned on either side of an edit."""
_TOKEN_REACH: Final = 256
"""How many characters of a token are considered on either side of an edit."""
_LINES_BESIDE: Final = 2
"""How many lines above or below may hold the name of a value, or the value of a name."""


def is_token(char: str) -> bool:
    """Return whether a character belongs to a token: a letter, a digit, `_` or `-`."""
    return char.isalnum() or char in "_-"


def lines_around(text: Text, start: int, length: int) -> tuple[int, int]:
    """Return the range of the lines that an inserted text touches, capped on either side."""
    floor, end = max(0, start - _REACH), start + length
    near = text.part(floor, end + _REACH)
    low = near.rfind("\n", 0, start - floor) + 1
    high = near.find("\n", end - floor)
    return floor + low, floor + (high if high >= 0 else len(near))


def lines_above(text: Text, low: int) -> int:
    """Return the start of the lines above `low` that may name the value there."""
    floor = max(0, low - _REACH)
    near = text.part(floor, low)
    place = len(near)
    for _ in range(_LINES_BESIDE + 1):
        place = near.rfind("\n", 0, max(0, place)) if place > 0 else -1
        if place < 0:
            return low if floor else 0
    return floor + place + 1


def lines_below(text: Text, high: int) -> int:
    """Return the end of the lines below `high` that may hold the value of a name before it."""
    near = text.part(high, high + _REACH)
    place = 0
    for _ in range(_LINES_BESIDE):
        place = near.find("\n", place + 1)
        if place < 0:
            return high + len(near)
    end = near.find("\n", place + 1)
    return high + (end if end >= 0 else len(near))


def token_around(text: Text, start: int, end: int) -> tuple[int, int]:
    """Return the range of the token that a range is part of."""
    floor = max(0, start - _TOKEN_REACH)
    near = text.part(floor, end + _TOKEN_REACH)
    low, high = start - floor, end - floor
    while low > 0 and is_token(near[low - 1]):
        low -= 1
    while high < len(near) and is_token(near[high]):
        high += 1
    return floor + low, floor + high
