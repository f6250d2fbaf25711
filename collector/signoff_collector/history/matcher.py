"""What is looked for: a text, or a regular expression that cannot take for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.history.words import Demand, demands_of
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LENGTH: Final = 1_000


class Matcher:
    """Finds a text without regard to case, or a pattern of RE2 as it stands.

    RE2 (syntax: github.com/google/re2/wiki/Syntax) takes time in proportion to what it
    reads, whatever the pattern; patterns that would need more are refused.
    """

    def __init__(self, text: str, *, is_regex: bool = False) -> None:
        """Take the text or pattern.

        Raises:
            UsageError: it is empty, too long, or no pattern.
        """
        if not text.strip() or len(text) > MAX_LENGTH:
            raise UsageError(f"what is looked for has to be 1 to {MAX_LENGTH} characters")
        self.demands: tuple[Demand, ...] = () if is_regex else demands_of(text)
        """What the index is asked; nothing for a pattern, which reads everything."""
        self._find = _by_pattern(text) if is_regex else _by_text(text)

    def count(self, text: str) -> int:
        """Return how often it is there."""
        found = 0
        at = 0
        while (span := self._find(text, at)) is not None:
            found += 1
            at = max(span[1], span[0] + 1)
        return found

    def first_line(self, text: str) -> tuple[int, str] | None:
        """Return number (from 1) and text of the first line with a hit, or None."""
        span = self._find(text, 0)
        if span is None:
            return None
        low = text.rfind("\n", 0, span[0]) + 1
        high = text.find("\n", span[0])
        return text.count("\n", 0, low) + 1, text[low : len(text) if high < 0 else high]


def _by_text(text: str) -> Callable[[str, int], tuple[int, int] | None]:
    wanted = text.lower()

    def find(within: str, start: int) -> tuple[int, int] | None:
        place = within.lower().find(wanted, start)
        return None if place < 0 else (place, place + len(wanted))

    return find


def _by_pattern(pattern: str) -> Callable[[str, int], tuple[int, int] | None]:
    import re2

    options = re2.Options()
    options.max_mem = 8 << 20
    options.log_errors = False
    options.never_nl = False
    try:
        compiled = re2.compile(f"(?m){pattern}", options=options)
    except re2.error as error:
        raise UsageError(
            "that is no pattern", hint="RE2 has no look-ahead and no back references."
        ) from error

    def find(within: str, start: int) -> tuple[int, int] | None:
        match = compiled.search(within, start)
        return None if match is None else (match.start(), match.end())

    return find
