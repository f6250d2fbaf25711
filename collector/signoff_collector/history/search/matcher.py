"""Search terms: a plain text, or a regular expression with linear running time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from signoff_collector.history.search.pattern_parts import certain_parts, reaches_text_ends
from signoff_collector.history.search.words import Demand, demands_of
from signoff_collector.system.extras import need
from signoff_schemas.errors import UsageError

MAX_LENGTH: Final = 1_000
_HALVES: Final = re.compile("[\ud800-\udfff]")
_HALVES_IN_BYTES: Final = re.compile(rb"\xed[\xa0-\xbf]")
_ODD: Final = {"i": ("\u0130", "\u0131"), "k": ("\u212a",), "s": ("\u017f",)}
"""Non-ASCII letters that fold to ASCII: dotted I, dotless i, Kelvin sign, long s."""
Spans = Callable[[str], Iterator[tuple[int, int]]]
Test = Callable[[bytes], bool]


class Matcher:
    """Matches a text case-insensitively, or an RE2 pattern as given.

    RE2 (syntax: github.com/google/re2/wiki/Syntax) runs in time linear in its input for every
    pattern; patterns that need too much memory are refused.
    """

    def __init__(self, text: str, *, is_regex: bool = False) -> None:
        """Compile the text or pattern.

        Raises:
            MissingProgramError: it is a pattern, and RE2 is not installed.
            UsageError: it is empty, too long, or no pattern.
        """
        if not text.strip() or len(text) > MAX_LENGTH:
            raise UsageError(
                f"the text to look for must have 1 to {MAX_LENGTH} characters, not all blank"
            )
        if "\n" in text:
            raise UsageError("files are searched line by line", hint="Look for one of the lines.")
        self.is_regex: Final = is_regex
        parts = certain_parts(text) if is_regex else (text,)
        self.demands: tuple[Demand, ...] = tuple(one for part in parts for one in demands_of(part))
        """Word conditions for the index; empty if a pattern has none."""
        self._spans, self._is_in = _by_pattern(text) if is_regex else _by_text(text)
        self._is_line_wise = not (is_regex and reaches_text_ends(text))

    def may_be_in(self, texts: bytes) -> bool:
        """Return quickly whether a match is possible in some texts.

        Args:
            texts: in UTF-8, newline-separated.
        """
        return self._is_in(texts)

    def places_among(self, texts: str) -> Iterator[int] | None:
        """Return offsets of matches in newline-separated texts; None if they may cross lines."""
        return self.places(texts) if self._is_line_wise else None

    def places(self, text: str) -> Iterator[int]:
        """Yield the start of every match."""
        return (low for low, _ in self._spans(text))

    def marked(self, text: str) -> list[tuple[str, bool]]:
        """Split a text into pieces, each with whether it is a match."""
        pieces: list[tuple[str, bool]] = []
        done = 0
        for low, high in self._spans(text):
            if low >= done and high > low:
                pieces += [(text[done:low], False), (text[low:high], True)]
                done = high
        return [*pieces, (text[done:], False)]

    def first_span(self, text: str) -> tuple[int, int] | None:
        """Return start and end of the first match, or None."""
        return next(self._spans(text), None)

    def excerpt(self, text: str, width: int) -> str:
        """Return a line truncated to the screen, with the first match visible."""
        line = text.strip()
        if len(line) <= width:
            return line
        low, _ = self.first_span(line) or (0, 0)
        start = 0 if low < width // 2 else min(low - width // 3, len(line) - width + 1)
        end = start + width - 1 - (start > 0)
        return f"{'…' if start else ''}{line[start:end]}{'…' if end < len(line) else ''}"

    def first_line(self, text: str) -> tuple[int, str] | None:
        """Return number (from 1) and text of the first line with a match, or None."""
        span = self.first_span(text)
        if span is None:
            return None
        low = text.rfind("\n", 0, span[0]) + 1
        high = text.find("\n", span[0])
        return text.count("\n", 0, low) + 1, text[low : len(text) if high < 0 else high]


def _by_text(text: str) -> tuple[Spans, Test]:
    wanted = text.lower()
    slow = re.compile(re.escape(text), re.IGNORECASE)

    def spans(within: str) -> Iterator[tuple[int, int]]:
        lowered = within.lower()
        if len(lowered) != len(within):  # its lower case has two letters: offsets would shift
            yield from (match.span() for match in slow.finditer(within))
            return
        place = lowered.find(wanted)
        while place >= 0:
            yield place, place + len(wanted)
            place = lowered.find(wanted, place + len(wanted))

    asked = wanted.encode() if text.isascii() else b""
    odd = [one.encode() for letter in sorted(set(wanted)) for one in _ODD.get(letter, ())]

    def is_in(data: bytes) -> bool:
        is_sure = text.isascii() and (data.isascii() or not any(one in data for one in odd))
        return asked in data.lower() if is_sure else True

    return spans, is_in


def _by_pattern(pattern: str) -> tuple[Spans, Test]:
    need("seal", what="looking for a pattern")
    import re2

    options = re2.Options()
    options.max_mem = 8 << 20
    options.log_errors = False
    options.never_nl = True  # a match lies within one line
    try:
        compiled = re2.compile(f"(?m){pattern}", options=options)
        in_bytes = re2.compile(f"(?m){pattern}".encode(), options=options)
    except (re2.error, UnicodeError) as error:
        raise UsageError(
            "the pattern is not a valid regular expression",
            hint="RE2 has no look-ahead and no back references.",
        ) from error

    def spans(within: str) -> Iterator[tuple[int, int]]:
        whole = _HALVES.sub("\ufffd", within)  # UTF-8 cannot encode lone surrogates
        yield from (match.span() for match in compiled.finditer(whole))

    def is_in(data: bytes) -> bool:
        if reaches_text_ends(pattern) or _HALVES_IN_BYTES.search(data):
            return True
        return in_bytes.search(data) is not None

    return spans, is_in
