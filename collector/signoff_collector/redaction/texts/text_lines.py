"""Which lines of a text are looked at for an edit, and which token it is part of.

All of them are offsets in the text, and capped, so that an edit in a long line costs no more
than one in a short one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from signoff_collector.redaction.texts.texts import Text

_REACH: Final = 600
"""How far a line is looked at on either side of an edit."""
_TOKEN_REACH: Final = 256
_LINES_BESIDE: Final = 2


def is_token(char: str) -> bool:
    """Return whether a character may be part of a secret's token."""
    return char.isalnum() or char in "_-"


def lines_around(text: Text, start: int, length: int) -> tuple[int, int]:
    """Return the whole lines that an inserted text touches, capped on either side."""
    floor, end = max(0, start - _REACH), start + length
    near = text.part(floor, end + _REACH)
    low = near.rfind("\n", 0, start - floor) + 1
    high = near.find("\n", end - floor)
    return floor + low, floor + (high if high >= 0 else len(near))


def lines_above(text: Text, low: int) -> int:
    """Return where the lines begin that may name what stands at `low`."""
    floor = max(0, low - _REACH)
    near = text.part(floor, low)
    place = len(near)
    for _ in range(_LINES_BESIDE + 1):
        place = near.rfind("\n", 0, max(0, place)) if place > 0 else -1
        if place < 0:
            return low if floor else 0
    return floor + place + 1


def lines_below(text: Text, high: int) -> int:
    """Return where the lines end that may hold what a name before `high` is of."""
    near = text.part(high, high + _REACH)
    place = 0
    for _ in range(_LINES_BESIDE):
        place = near.find("\n", place + 1)
        if place < 0:
            return high + len(near)
    end = near.find("\n", place + 1)
    return high + (end if end >= 0 else len(near))


def token_around(text: Text, start: int, end: int) -> tuple[int, int]:
    """Return the token that a stretch is part of."""
    floor = max(0, start - _TOKEN_REACH)
    near = text.part(floor, end + _TOKEN_REACH)
    low, high = start - floor, end - floor
    while low > 0 and is_token(near[low - 1]):
        low -= 1
    while high < len(near) and is_token(near[high]):
        high += 1
    return floor + low, floor + high
