"""Decode bytes written as numbers: `xxd`, `od`, `hexdump`, lists of character codes.

A dump shows its content up to twice: as numbers, and as characters at the end of each line.
Both are decoded, each with a source map.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from typing import Final, NamedTuple

_LINE: Final = re.compile(
    r"(?m)^[ \t]*(?:[0-9A-Fa-f]{6,8}):?(?P<cells>(?:[ \t]{1,3}(?:[0-9A-Fa-f]{4}|[0-9A-Fa-f]{2}))+)"
    r"(?:[ \t]{2,60}\|?(?P<shown>[^\n]{1,16}?)\|?)?[ \t]*\r?$"
)
_CELL: Final = re.compile(r"[0-9A-Fa-f]{4}|[0-9A-Fa-f]{2}")
_CHARACTERS: Final = re.compile(
    r"(?m)^[ \t]*[0-7]{7}(?P<cells>(?: {3}[^\s]| {2}\\[^\s]| {3} | \d{3}){1,16})[ \t]*\r?$"
)
_CHARACTER: Final = re.compile(r" {3}([^\n])| {2}\\([^\s])| (\d{3})")
_LIST: Final = re.compile(
    r"(?<![\w.])(?:\(byte\)[ ]?)?(?P<first>0[xX][0-9A-Fa-f]{2}|[1-9]\d{1,2})"
    r"(?:[ \t]*,\s{0,40}(?:\(byte\)[ ]?)?(?:0[xX][0-9A-Fa-f]{2}|[1-9]\d{1,2})){7,}(?![\w.])"
)
_NUMBER: Final = re.compile(r"0[xX][0-9A-Fa-f]{2}|[1-9]\d{1,2}")
_PAIRS: Final = re.compile(
    r"(?<![\w:-])[0-9A-Fa-f]{2}(?P<by>[ :-])(?:[0-9A-Fa-f]{2}(?P=by)){6,}[0-9A-Fa-f]{2}(?![\w-])"
)
_PAIR: Final = re.compile(r"[0-9A-Fa-f]{2}")
_FIRST, _BEHIND = 0x20, 0x7F
_HOLE: Final = "\0"
"""Replaces an unprintable byte, so that its neighbours are not joined."""
_SHORTEST: Final = 8


class Dump(NamedTuple):
    """The decoded text of a dump, with the range in the string of each character."""

    text: str
    starts: array[int]
    ends: array[int]


class _Reading:
    def __init__(self) -> None:
        self.chars: list[str] = []
        self.starts, self.ends = array("i"), array("i")

    def add(self, code: int, start: int, end: int) -> None:
        is_shown = _FIRST <= code < _BEHIND
        self.chars.append(chr(code) if is_shown else "\n" if code == ord("\n") else _HOLE)
        self.starts.append(start)
        self.ends.append(end)

    def done(self) -> Iterator[Dump]:
        text = "".join(self.chars)
        if len(text.strip("\0\n")) >= _SHORTEST:
            yield Dump(text, self.starts, self.ends)


def byte_lists(line: str) -> Iterator[Dump]:
    """Yield the decoded lists of codes and of hex pairs in a line, if all bytes are printable."""
    if line.count(",") >= _SHORTEST - 1:
        for match in _LIST.finditer(line):
            yield from _printable(line, match, _NUMBER)
    for match in _PAIRS.finditer(line):
        yield from _printable(line, match, _PAIR)


def dumps(text: str) -> Iterator[Dump]:
    """Yield the decoded dumps of a text, all their lines joined, in each form they contain."""
    lines = list(_LINE.finditer(text))
    if lines:
        yield from _from_cells(lines)
        yield from _from_ends(lines)
    yield from _from_characters(text)


def _printable(line: str, match: re.Match[str], cell: re.Pattern[str]) -> Iterator[Dump]:
    reading = _Reading()
    for one in cell.finditer(line, *match.span()):
        base = 16 if cell is _PAIR or one[0][:2] in {"0x", "0X"} else 10
        code = int(one[0], base)
        if not _FIRST <= code < _BEHIND:
            return
        reading.add(code, *one.span())
    yield from reading.done()


def _from_cells(lines: list[re.Match[str]]) -> Iterator[Dump]:
    """Yield the bytes in order, and with each pair swapped: `od -x` prints little-endian words."""
    straight, turned = _Reading(), _Reading()
    is_wide = False
    for line in lines:
        for cell in _CELL.finditer(line.string, *line.span("cells")):
            codes = bytes.fromhex(cell[0])
            is_wide |= len(codes) > 1
            for code in codes:
                straight.add(code, *cell.span())
            for code in reversed(codes):
                turned.add(code, *cell.span())
    yield from straight.done()
    if is_wide:
        yield from turned.done()


def _from_ends(lines: list[re.Match[str]]) -> Iterator[Dump]:
    reading = _Reading()
    for line in lines:
        if line["shown"]:
            for at in range(*line.span("shown")):
                reading.add(ord(line.string[at]), at, at + 1)
    yield from reading.done()


def _from_characters(text: str) -> Iterator[Dump]:
    reading = _Reading()
    for line in _CHARACTERS.finditer(text):
        for cell in _CHARACTER.finditer(text, *line.span("cells")):
            code = ord(cell[1]) if cell[1] else ord("\n") if cell[2] == "n" else 0
            reading.add(code, cell.end() - 1, cell.end())
    yield from reading.done()
