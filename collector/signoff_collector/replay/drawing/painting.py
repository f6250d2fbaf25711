"""Render lines and highlights into terminal rows, without a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from signoff_collector.replay.drawing.mask_signs import NO_MASKS
from signoff_collector.replay.drawing.palette import LOOKS
from signoff_collector.replay.drawing.shown_text import shown_line
from signoff_collector.replay.drawing.syntax import coloured

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from signoff_collector.replay.drawing.line_index import LineIndex
    from signoff_collector.replay.drawing.mask_signs import MaskSigns

_NOTHING: Final = Style()
_MORE: Final = "…"
_CELLS_PER_CHARACTER: Final = 3
"""A letter with the combining marks that are drawn over it."""
_MASKED_WHOLE: Final = 4_096
"""Longer lines with a secret value are masked as a whole, not piece by piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Highlight:
    """A styled range of characters; an empty range at `start` marks a deletion."""

    start: int
    """Offset in the whole text, in code points."""
    end: int
    look: str
    """A name of `palette.LOOKS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A text and its display options."""

    lines: LineIndex
    highlights: Sequence[Highlight] = ()
    signs: Mapping[int, tuple[str, str]] | None = None
    """Line number to gutter letter and its style; None: no gutter."""
    path: str | None = None
    """Selects the lexer by file name; None: no syntax highlighting."""
    cursor: int | None = None
    has_numbers: bool = True
    chosen: int | None = None
    """Number of a line that is highlighted as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The visible part of a text."""

    top: int = 0
    left: int = 0
    width: int = 80
    height: int = 20


def margin_width(page: Page) -> int:
    """Return the width of the margin in cells: sign, line number, and a blank."""
    signs = 0 if page.signs is None else 2
    numbers = len(str(page.lines.count)) if page.has_numbers else 0
    return signs + (numbers + 1 if numbers else 0)


def paint(
    page: Page, window: Window, mask: Callable[[str], str], signs: MaskSigns = NO_MASKS
) -> list[Strip]:
    """Render the rows of a window, each exactly as wide as the window.

    Args:
        page: what is shown.
        window: which part of it.
        mask: applied to every recorded line first.
        signs: the masks of the episode.
    """
    room = max(1, window.width - margin_width(page))
    bottom = window.top + window.height
    pieces = page.lines.pieces(window.top, bottom, window.left, room * _CELLS_PER_CHARACTER)
    styled = _styled(page, window, pieces)
    rows = [
        _row(page, window, number, piece, styled=styled, mask=mask, signs=signs)
        for number, piece in enumerate(pieces, start=window.top)
    ]
    blank = Strip.blank(window.width)
    return rows + [blank] * (window.height - len(rows))


def _styled(
    page: Page, window: Window, pieces: Sequence[tuple[int, str, bool]]
) -> list[tuple[int, int, Style]]:
    """Return the styled ranges of a window; later ones override earlier ones."""
    if not pieces:
        return []
    low = pieces[0][0]
    high = pieces[-1][0] + window.left + len(pieces[-1][1])
    found: list[tuple[int, int, Style]] = []
    if page.path is not None:
        found += coloured(page.lines, page.path, window.top, window.top + len(pieces))
    found += [
        (one.start, max(one.end, one.start + 1), LOOKS[one.look])
        for one in page.highlights
        if one.end >= low and one.start <= high
    ]
    if page.cursor is not None:
        found.append((page.cursor, page.cursor + 1, LOOKS["cursor"]))
    return found


def _row(
    page: Page,
    window: Window,
    number: int,
    piece: tuple[int, str, bool],
    *,
    styled: Sequence[tuple[int, int, Style]],
    mask: Callable[[str], str],
    signs: MaskSigns,
) -> Strip:
    start, raw, goes_on = piece
    segments = list(_margin(page, number))
    begin = start + window.left
    whole = _whole_line(page.lines, start, raw, is_cut=bool(window.left) or goes_on)
    masked = mask(whole)
    if masked == whole:
        drawn, masks = signs.around(page.lines.text, begin, begin + len(raw))
        chips = [(low, high, LOOKS["mask"]) for low, high in masks]
        segments += _text(drawn, begin, [*styled, *chips])
    elif whole is raw:
        segments.append(Segment(shown_line(masked).text, _NOTHING))
    elif len(whole) <= _MASKED_WHOLE:
        segments.append(Segment(shown_line(masked[window.left :]).text, _NOTHING))
    else:
        words = "(this long line holds a secret value of this machine)"
        segments.append(Segment(words, LOOKS["mask"]))
    if page.chosen == number:
        segments = [Segment(text, LOOKS["chosen"]) for text, _, _ in segments]
    return _fitted(segments, window.width, is_cut=goes_on)


def _whole_line(lines: LineIndex, start: int, raw: str, *, is_cut: bool) -> str:
    """Return the text to mask: the whole line, so that no partial value is left visible."""
    if not is_cut:
        return raw
    end = lines.text.find("\n", start)
    return lines.text[start : end if end >= 0 else len(lines.text)]


def _margin(page: Page, number: int) -> list[Segment]:
    found: list[Segment] = []
    if page.signs is not None:
        letter, look = page.signs.get(number, (" ", "plain"))
        found += [Segment(letter, LOOKS[look]), Segment(" ", _NOTHING)]
    if page.has_numbers:
        digits = len(str(page.lines.count))
        found.append(Segment(f"{number + 1:>{digits}} ", LOOKS["dim"]))
    return found


def _text(raw: str, begin: int, styled: Sequence[tuple[int, int, Style]]) -> list[Segment]:
    """Return the segments of one piece of a line, beginning at an offset."""
    size = len(raw)
    looks: list[Style] = [_NOTHING] * (size + 1)  # one more: a cursor behind the last character
    for low, high, style in styled:
        for place in range(max(0, low - begin), min(size + 1, high - begin)):
            before = looks[place]
            looks[place] = style if before is _NOTHING else before + style
    shown = shown_line(raw)
    found: list[Segment] = []
    at = 0
    while at < size:
        end = at + 1
        while end < size and looks[end] is looks[at]:
            end += 1
        found.append(Segment(shown.text[shown.place(at) : shown.place(end)], looks[at]))
        at = end
    if looks[size].reverse:
        found.append(Segment(" ", looks[size]))
    return found


def _fitted(segments: list[Segment], width: int, *, is_cut: bool) -> Strip:
    strip = Strip(segments)
    if strip.cell_length > width or is_cut:
        strip = Strip([*strip.adjust_cell_length(width - 1), Segment(_MORE, LOOKS["warning"])])
    return strip.adjust_cell_length(width)
