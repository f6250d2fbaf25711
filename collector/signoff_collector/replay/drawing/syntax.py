"""Syntax highlighting of the visible lines only."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol

from signoff_collector.replay.drawing.palette import SYNTAX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.style import Style

    from signoff_collector.replay.drawing.line_index import LineIndex

_FROM_TOP: Final = 8_000
"""Up to this offset a window is lexed from the start of the file."""
_LINES_BEFORE: Final = 60
"""Beyond it lexing starts this many lines earlier, since a window may begin inside a string."""
_MOST: Final = 24_000
"""Characters lexed per window; the rest stays plain."""
_LONG_LINE: Final = 2_000
"""Windows with a longer line stay plain: generated text, on which lexers can be slow."""


class Lexer(Protocol):
    """The part of a Pygments lexer that is used."""

    def get_tokens_unprocessed(self, text: str, /) -> Iterator[tuple[int, object, str]]:
        """Yield offset, type and text of each token."""
        ...


@lru_cache(256)
def lexer_of(path: str) -> Lexer | None:
    """Return the lexer for a file name, or None."""
    from pygments.lexers import (  # type: ignore[import-untyped]  # ships no types
        find_lexer_class_for_filename,
    )

    found = find_lexer_class_for_filename(path.rpartition("/")[2])
    return None if found is None else found(stripnl=False, ensurenl=False)


def coloured(lines: LineIndex, path: str, first: int, last: int) -> list[tuple[int, int, Style]]:
    """Return start, end and style of the tokens on the lines `first` to `last`.

    At most `_MOST` characters are lexed, whatever the size of the text.
    """
    lexer = lexer_of(path)
    if lexer is None:
        return []
    begin, end = lines.start(first), lines.start(last)
    origin = 0 if begin <= _FROM_TOP else lines.start(max(0, first - _LINES_BEFORE))
    if begin - origin > _MOST // 2:
        origin = begin
    window = lines.text[origin : min(end, origin + _MOST)]
    if max(map(len, window.split("\n"))) > _LONG_LINE:
        return []
    if "\r" in window:  # Pygments strips it by default, which would shift all offsets
        window = window.replace("\r", " ")
    return _tokens(lexer, window, origin, begin)


def _tokens(lexer: Lexer, window: str, origin: int, begin: int) -> list[tuple[int, int, Style]]:
    found: list[tuple[int, int, Style]] = []
    for at, kind, value in lexer.get_tokens_unprocessed(window):
        low, high = origin + at, origin + at + len(value)
        if high > begin:
            style = _style(kind)
            if style is not None:
                found.append((low, high, style))
    return found


@lru_cache(1024)
def _style(kind: object) -> Style | None:
    names = str(kind).split(".")[1:]
    while names:
        style = SYNTAX.get(".".join(names))
        if style is not None:
            return style
        names.pop()
    return None
