"""Wrap the rows of a list for a narrow terminal: between words, with a hanging indent."""

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
"""Most characters of a truncated text that are given up to end at a whole word."""


def cut_at_word(text: str, width: int) -> str:
    """Truncate text to `width`, with an ellipsis."""
    if len(text) <= width:
        return text
    short = text[: width - 1]
    end = short.rfind(" ") if not text[width - 1].isspace() else width - 1
    return f"{short[:end] if end >= max(1, width - _NEAR_END) else short}…"


def cell_width(text: str) -> int:
    """Return the number of terminal columns that a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def wrapped(parts: Sequence[tuple[str, str]], columns: int, *, hang: int) -> list[Parts]:
    """Wrap one line between words.

    A word that is wider than a line is left to the terminal.

    Args:
        parts: texts of the line with a style each, without line ends.
        columns: of the terminal.
        hang: indentation of the lines after the first.
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
    """Return a range of a line in styled parts, without trailing blanks."""
    end = start + len(text[start:end].rstrip())
    parts: Parts = [(" " * hang, "")] if hang else []
    for style, places in groupby(range(start, end), key=styles.__getitem__):
        parts.append(("".join(text[place] for place in places), style))
    return parts
