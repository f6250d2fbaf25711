"""Find long numbers that look drawn: ids of clients and accounts, one-time secrets.

No statistics can tell such a number from an ordinary one, so none is masked for its digits alone:
review asks. In 20 MB of installed packages there are some five in a megabyte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_NUMBER: Final = re.compile(r"(?<![\w.+~%])(?<!\d-)\d{10,64}(?![\w+~%]|-\d|\.\d)")
"""Ten digits and more that are no part of a name, a fraction, a date or an interval."""
_TIME: Final = re.compile(
    r"(?:1\d|2[0-2])\d{8}(?:\d{3}){0,3}\Z|(?:19|20)\d\d(?:0\d|1[0-2])[0-3]\d\d*\Z"
)
"""Seconds to nanoseconds since 1970, until the year 2042, and dates with or without a time."""
_ROUND: Final = re.compile(r"000\Z|(\d)\1{3}")
_FEWEST_DIGITS: Final = 5
_COUNTED: Final = "01234567890123456789"
_RUN: Final = 5


def find_drawn_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of numbers in a line or longer text that look drawn."""
    return (match.span() for match in _NUMBER.finditer(text) if _is_drawn(match[0]))


def _is_drawn(digits: str) -> bool:
    is_plain = len(set(digits)) < _FEWEST_DIGITS or _ROUND.search(digits) or _TIME.match(digits)
    return not (is_plain or _is_counted(digits) or _is_limit(int(digits)))


def _is_counted(digits: str) -> bool:
    """Return whether a number contains a piece of 0123456789, there or back."""
    pieces = (digits[at : at + _RUN] for at in range(len(digits) - _RUN + 1))
    return any(piece in _COUNTED or piece[::-1] in _COUNTED for piece in pieces)


def _is_limit(number: int) -> bool:
    """Return whether a number is a power of two, or one more or one or two less."""
    return any(one & (one - 1) == 0 for one in range(number - 1, number + 3))
