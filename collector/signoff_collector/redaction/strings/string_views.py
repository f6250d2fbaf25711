"""Readings of a string: without colours, without line wraps, decoded; with the way back.

Outputs hold values in other spellings than the program that printed them meant: a terminal
breaks lines in mid-token and colours halves, tools mark lines as differences, wrap base64 at
76 columns, put JSON into JSON. Each reading says for each of its characters where in the
string it is from, so that what is found can be masked there.
"""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from signoff_collector.redaction.strings.byte_dumps import dumps
from signoff_collector.redaction.strings.decoded_views import decoded_views

ESCAPES: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|[ -/]{1,8}[0-~]|[0-Z\\-~])"
    r"|[\r\x08\x00\u200b-\u200f\u2060\ufeff\u00ad]"
)
"""Escape sequences of a terminal (ECMA-48), and what else shows nothing."""
_WRAPS: Final = re.compile(r"\n(?:[ \t]*[-+>|#*][ \t]?|[ \t]+)?")
_FULL_WIDTHS: Final = frozenset({60, 64, 70, 72, 76, 78, 79, 80, 100, 120, 132})
_NEAR: Final = 300
_LEAST_WIDTH: Final = 60
_BASE64: Final = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,262144}={0,2}")
_URL_SAFE: Final = str.maketrans("-_", "+/")
_MOST_NESTED: Final = 3


class View(NamedTuple):
    """One reading of a string."""

    text: str
    starts: Sequence[int] | None = None
    """Where in the string each character begins; None: this is the string itself."""
    ends: Sequence[int] | None = None
    """Where it ends: an escape is several characters of the string."""
    breaks: frozenset[int] = frozenset()
    """Places where the end of a full line was taken out."""
    seams: Sequence[int] = ()
    """Places where anything was taken out, in order."""

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where a stretch of this reading is in the string."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def joins(self, start: int, end: int) -> bool:
        """Return whether a stretch stands on both sides of something that was taken out."""
        return bisect_left(self.seams, end) > bisect_right(self.seams, start)

    def around_breaks(self) -> Iterator[tuple[int, int]]:
        """Yield the stretches near the ends of full lines, those that overlap as one."""
        low = high = -1
        for place in sorted(self.breaks):
            if place - _NEAR > high:
                if high >= 0:
                    yield low, high
                low = max(0, place - _NEAR)
            high = place + _NEAR
        if high >= 0:
            yield low, high

    def breaks_in(self, start: int, end: int) -> bool:
        """Return whether the end of a full line was taken out inside a stretch."""
        return bool(self.breaks) and any(at in self.breaks for at in range(start + 1, end))

    def composed(self, text: str, starts: Sequence[int], ends: Sequence[int]) -> View:
        """Return a reading of this reading, with its places in the string."""
        if self.starts is None or self.ends is None:
            return View(text, starts, ends)
        own_starts, own_ends = self.starts, self.ends
        return View(text, [own_starts[at] for at in starts], [own_ends[at - 1] for at in ends])


class Encoded(NamedTuple):
    """A run of base64 that holds text."""

    start: int
    end: int
    """In the reading that it was found in."""
    content: str


def whole_views(text: str) -> list[View]:
    """Return the string and its readings: without colours, without escapes, as dumps say it."""
    views = [View(text)]
    if ESCAPES.search(text):
        views.append(_without(views[0], ESCAPES))
    views += [View(*dump) for dump in dumps(text)]
    place = 0
    while place < len(views) and len(views) <= _MOST_NESTED:  # JSON in JSON in JSON
        view, place = views[place], place + 1
        if "\\" in view.text or "%" in view.text or "&" in view.text:
            for decoded in decoded_views(view.text):
                views.append(view.composed(*decoded))
                break
    return views


def unwrapped_view(views: list[View]) -> View | None:
    """Return the plainest reading without line ends and what begins the next lines."""
    plain = views[1] if len(views) > 1 and "\x1b" in views[0].text else views[0]
    return _without(plain, _WRAPS) if "\n" in plain.text else None


def encoded_texts(text: str, *, depth: int = 2) -> Iterator[Encoded]:
    """Yield the runs of base64 in a text that hold text, whatever base64 is in them as well."""
    for match in _BASE64.finditer(text):
        content = _decoded(match[0])
        if content is None:
            continue
        yield Encoded(*match.span(), content)
        if depth > 1:
            for inner in encoded_texts(content, depth=depth - 1):
                yield Encoded(*match.span(), inner.content)


def _decoded(run: str) -> str | None:
    plain = run.rstrip("=").translate(_URL_SAFE)
    if len(plain) % 4 == 1:
        plain = plain[:-1]
    try:
        content = base64.b64decode(plain + "=" * (-len(plain) % 4))
        text = content.decode("utf-8", "strict")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (
        text if text.replace("\n", "").replace("\t", "").replace("\r", "").isprintable() else None
    )


def _without(view: View, pattern: re.Pattern[str]) -> View:
    """Return a reading without the matches."""
    text = view.text
    width = max(map(len, text.split("\n")), default=0)
    kept: list[int] = []
    breaks: set[int] = set()
    seams: list[int] = []
    place = 0
    for match in pattern.finditer(text):
        kept.extend(range(place, match.start()))
        length = match.start() - (text.rfind("\n", 0, match.start()) + 1)
        if length in _FULL_WIDTHS or (length == width and width >= _LEAST_WIDTH):
            breaks.add(len(kept))
        seams.append(len(kept))
        place = match.end()
    kept.extend(range(place, len(text)))
    shown = "".join([text[at] for at in kept])
    ends = [at + 1 for at in kept]
    without = view.composed(shown, kept, ends)
    if pattern is not _WRAPS:
        return without
    return without._replace(breaks=frozenset(breaks), seams=seams)
