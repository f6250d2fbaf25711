"""Lines of a list as a narrow terminal shows them: broken between words, the rest set in."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

Parts = list[tuple[str, str]]
"""Texts of one line with a style each."""
_WORDS: Final = re.compile(r"\s+|\S+")
_NEAR_END: Final = 24
"""So many characters of a cut text are given up at most for the sake of a whole word."""


def cut_at_word(text: str, width: int) -> str:
    """Return text no longer than `width`, with an ellipsis for what is left out."""
    if len(text) <= width:
        return text
    short = text[: width - 1]
    end = short.rfind(" ") if not text[width - 1].isspace() else width - 1
    return f"{short[:end] if end >= max(1, width - _NEAR_END) else short}…"


def cell_width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def wrapped(parts: Sequence[tuple[str, str]], columns: int, *, hang: int) -> list[Parts]:
    """Return one line as several that fit, broken between words.

    A word that is wider than a line by itself is left to the terminal.

    Args:
        parts: texts of the line with a style each; no line ends in them.
        columns: of the terminal.
        hang: how far the lines after the first are set in.
    """
    text = "".join(part for part, _ in parts)
    if cell_width(text) <= columns:
        return [list(parts)]
    styles = [style for part, style in parts for _ in part]
    lines: list[Parts] = []
    start, width = 0, 0
    for word in _WORDS.finditer(text):
        wide = cell_width(word[0])
        if width + wide > columns and not word[0].isspace() and text[start : word.start()].strip():
            lines.append(_line(text, styles, start, word.start(), hang if lines else 0))
            start, width = word.start(), hang
        width += wide
    lines.append(_line(text, styles, start, len(text), hang if lines else 0))
    return lines


def _line(text: str, styles: list[str], start: int, end: int, hang: int) -> Parts:
    """Return a stretch of a line in parts, without the blanks at its end."""
    end = start + len(text[start:end].rstrip())
    parts: Parts = [(" " * hang, "")] if hang else []
    for style, places in groupby(range(start, end), key=styles.__getitem__):
        parts.append(("".join(text[place] for place in places), style))
    return parts
