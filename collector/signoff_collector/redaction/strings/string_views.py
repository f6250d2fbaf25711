"""Decode views of a string: without colours, without line wraps, unescaped; with a source map.

Outputs contain values in a changed spelling: a terminal wraps lines within a token and colours
parts of it, tools prefix lines as a diff does, wrap base64 at 76 columns, nest JSON in JSON.
A view maps each of its characters to offsets in the string, so that what is found in the view
can be masked in the string.
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
"""Terminal escape sequences (ECMA-48) and other invisible characters."""
_WRAPS: Final = re.compile(r"\n(?:[ \t]*[-+>|#*][ \t]?|[ \t]+)?")
"""A line end with the indent or the marker (diff, quote, comment) of the next line."""
_FULL_WRAPS: Final = re.compile(r"\r?\n(?:[ \t]*[-+>|#*][ \t]?|[ \t]+)?")
_FULL_WIDTHS: Final = frozenset({60, 64, 70, 72, 76, 78, 79, 80, 100, 120, 132})
"""Usual widths at which terminals and encoders wrap."""
_NEAR: Final = 300
"""How many characters on either side of a removed line end are scanned."""
_LEAST_WIDTH: Final = 60
"""From this width on the longest line of a string also counts as full."""
_BASE64: Final = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,262144}={0,2}")
_URL_SAFE: Final = str.maketrans("-_", "+/")
_MOST_NESTED: Final = 3


class View(NamedTuple):
    """One view of a string, with a source map."""

    text: str
    starts: Sequence[int] | None = None
    """Offset in the string at which each character begins; None if this is the string itself."""
    ends: Sequence[int] | None = None
    """Offset at which it ends: an escape is several characters of the string."""
    breaks: frozenset[int] = frozenset()
    """Offsets in the view at which the end of a full line was removed.

    Only a full line was probably wrapped by a terminal or encoder; others end on purpose.
    """
    seams: Sequence[int] = ()
    """Offsets in the view at which anything was removed, sorted."""

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Map a range of this view to a range of the string."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def joins(self, start: int, end: int) -> bool:
        """Return whether a range spans an offset at which something was removed."""
        return bisect_left(self.seams, end) > bisect_right(self.seams, start)

    def around_breaks(self) -> Iterator[tuple[int, int]]:
        """Yield windows around the removed ends of full lines; overlapping ones are merged."""
        low = high = -1
        for place in sorted(self.breaks):
            first = max(0, place - _NEAR)
            if first > high:
                if high >= 0:
                    yield low, high
                low = first
            high = place + _NEAR
        if high >= 0:
            yield low, high

    def breaks_in(self, start: int, end: int) -> bool:
        """Return whether the end of a full line was removed within a range."""
        return bool(self.breaks) and any(at in self.breaks for at in range(start + 1, end))

    def composed(self, text: str, starts: Sequence[int], ends: Sequence[int]) -> View:
        """Return a view of this view, whose source map leads to the string."""
        if self.starts is None or self.ends is None:
            return View(text, starts, ends)
        own_starts, own_ends = self.starts, self.ends
        return View(text, [own_starts[at] for at in starts], [own_ends[at - 1] for at in ends])


class Encoded(NamedTuple):
    """A run of base64 that encodes text."""

    start: int
    end: int
    """Offsets in the text that was searched."""
    content: str


def whole_views(text: str) -> list[View]:
    """Return the string and its views: without colours, unescaped, decoded from hex dumps."""
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
    """Return the plainest view without line ends and the indents or markers behind them."""
    plain = views[1] if len(views) > 1 and "\x1b" in views[0].text else views[0]
    return _without(plain, _WRAPS) if "\n" in plain.text else None


def rewrapped_view(views: list[View]) -> View | None:
    """Return the plainest view with full lines joined to the next; None if no line is full.

    Other line ends stay, so that a value ends where its line does.
    """
    plain = views[1] if len(views) > 1 and "\x1b" in views[0].text else views[0]
    joined = _without(plain, _FULL_WRAPS, only_full=True) if "\n" in plain.text else None
    return joined if joined is not None and joined.breaks else None


def encoded_texts(text: str, *, depth: int = 2) -> Iterator[Encoded]:
    """Yield the runs of base64 that encode text, decoded up to `depth` times."""
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


def _without(view: View, pattern: re.Pattern[str], *, only_full: bool = False) -> View:
    """Return a view without the matches of a pattern; `only_full`: those that end a full line."""
    text = view.text
    width = max(map(len, text.split("\n")), default=0)
    kept: list[int] = []
    breaks: set[int] = set()
    seams: list[int] = []
    place = 0
    for match in pattern.finditer(text):
        length = match.start() - (text.rfind("\n", 0, match.start()) + 1)
        is_full = length in _FULL_WIDTHS or (length == width and width >= _LEAST_WIDTH)
        if only_full and not is_full:
            continue
        kept.extend(range(place, match.start()))
        if is_full:
            breaks.add(len(kept))
        seams.append(len(kept))
        place = match.end()
    kept.extend(range(place, len(text)))
    shown = "".join([text[at] for at in kept])
    ends = [at + 1 for at in kept]
    without = view.composed(shown, kept, ends)
    if pattern is ESCAPES:
        return without
    return without._replace(breaks=frozenset(breaks), seams=seams)
