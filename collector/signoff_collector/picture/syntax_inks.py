"""Inks of the visible part of a text, by Pygments. Long lines are cut before they are lexed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from signoff_collector.picture.themes import SYNTAX
from signoff_collector.replay.drawing.syntax import lexer_of

if TYPE_CHECKING:
    from signoff_collector.replay.drawing.line_index import LineIndex

_LINES_BEFORE: Final = 30
"""Lexing begins so many lines above what is drawn, which may begin inside a string."""
_LONGEST: Final = 400
"""Characters of a line that are lexed; the rest stays plain."""
_MOST: Final = 24_000
"""Characters that are lexed at all."""

Span = tuple[int, int, str]
"""First character of a line, the one behind the last, the ink."""


def line_inks(lines: LineIndex, path: str, first: int, last: int) -> dict[int, list[Span]]:
    """Return the inks of the lines `first` up to `last`, by number of the line."""
    if lexer_of(path) is None:
        return {}
    begin = max(0, first - _LINES_BEFORE)
    pieces = lines.pieces(begin, last, 0, _LONGEST)
    window = "\n".join(text.replace("\r", " ") for _, text, _ in pieces)[:_MOST]
    return {begin + number: spans for number, spans in _inked(path, window).items()}


@lru_cache(64)
def _inked(path: str, window: str) -> dict[int, list[Span]]:
    lexer = lexer_of(path)
    found: dict[int, list[Span]] = {}
    if lexer is None:
        return found
    line = start = 0
    for at, kind, value in lexer.get_tokens_unprocessed(window):
        ink = _ink(kind)
        place = at
        for part in value.split("\n"):
            # offsets come in order; what lies between two tokens has no breaks of its own
            while (after := window.find("\n", start)) >= 0 and after < place:
                line, start = line + 1, after + 1
            if ink and part:
                found.setdefault(line, []).append((place - start, place - start + len(part), ink))
            place += len(part) + 1
    return found


@lru_cache(1024)
def _ink(kind: object) -> str:
    names = str(kind).split(".")[1:]
    while names:
        ink = SYNTAX.get(".".join(names))
        if ink is not None:
            return ink
        names.pop()
    return ""
