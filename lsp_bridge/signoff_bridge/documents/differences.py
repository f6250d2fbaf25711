"""Diff two texts into LSP content changes.

For clients that send the whole document each time (ALE, Kate, JupyterLab). One changed region gives
one change; a few regions give one each, by line diff.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Final, TypedDict

from signoff_collector.text.positions import Encoding, split_lines
from signoff_collector.text.text_ends import shared_head, shared_tail

_COMPARED_LINES: Final = 2000
"""Larger changed regions become one change: comparing lines is quadratic."""
_FIRST_HALVES: Final = frozenset({"\r", *map(chr, range(0xD800, 0xDC00))})
"""Characters that may combine with the next one: CR, and high surrogates."""


class Position(TypedDict):
    """LSP 3.17, Position."""

    line: int
    character: int


class Span(TypedDict):
    """LSP 3.17, Range."""

    start: Position
    end: Position


class Change(TypedDict):
    """LSP 3.17, TextDocumentContentChangeEvent with a range."""

    range: Span
    text: str


def changes_between(old: str, new: str, encoding: Encoding) -> list[Change]:
    """Return changes that, applied one after another, turn `old` into `new`.

    The last place comes first, so that no change moves the place of another.
    """
    if old == new:
        return []
    head = _common_head(old, new)
    tail = _common_tail(old[head:], new[head:])
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    pieces = [
        (head + start, head + end, text) for start, end, text in _pieces(middle_old, middle_new)
    ]
    return [_change(old, start, end, text, encoding) for start, end, text in reversed(pieces)]


def _common_head(old: str, new: str) -> int:
    """Return the length of the common prefix that splits no line ending or surrogate pair."""
    length = shared_head(old, new)
    while length and old[length - 1] in _FIRST_HALVES:
        length -= 1
    return length


def _common_tail(old: str, new: str) -> int:
    length = shared_tail(old, new)
    while length and (_splits(old, len(old) - length) or _splits(new, len(new) - length)):
        length -= 1
    return length


def _splits(text: str, offset: int) -> bool:
    """Return whether an offset lies inside a line ending or a surrogate pair."""
    if not 0 < offset < len(text):
        return False
    before, after = text[offset - 1], text[offset]
    if before == "\r":
        return after == "\n"
    return before in _FIRST_HALVES and "\udc00" <= after <= "\udfff"


def _pieces(old: str, new: str) -> list[tuple[int, int, str]]:
    old_lines, new_lines = split_lines(old), split_lines(new)
    if min(len(old_lines), len(new_lines)) < 3 or len(old_lines) + len(new_lines) > _COMPARED_LINES:
        return [(0, len(old), new)]
    starts = [0]
    for line in old_lines:
        starts.append(starts[-1] + len(line))
    matcher = SequenceMatcher(None, old_lines, new_lines, autojunk=False)
    return [
        (starts[first], starts[last], "".join(new_lines[new_first:new_last]))
        for tag, first, last, new_first, new_last in matcher.get_opcodes()
        if tag != "equal"
    ]


def _change(old: str, start: int, end: int, text: str, encoding: Encoding) -> Change:
    span = Span(start=_position(old, start, encoding), end=_position(old, end, encoding))
    return Change(range=span, text=text)


def _position(text: str, offset: int, encoding: Encoding) -> Position:
    before = text[:offset]
    line = before.count("\n")
    if "\r" in before:
        line += before.count("\r") - before.count("\r\n")
    column = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
    return Position(line=line, character=_units(column, encoding))


def _units(text: str, encoding: Encoding) -> int:
    match encoding:
        case Encoding.UTF32:
            return len(text)
        case Encoding.UTF16:
            return len(text.encode("utf-16-le", "surrogatepass")) // 2
        case Encoding.UTF8:
            return len(text.encode("utf-8", "surrogatepass"))
