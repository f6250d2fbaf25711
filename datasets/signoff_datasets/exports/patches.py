"""Patches: unified differences of two texts, as git and unidiff read them."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONTEXT: Final = 3
"""Lines that stay, around each change."""
_MOST_PAIRS: Final = 4_000_000
"""Of changed lines, old times new: with more, one block replaces the other, which costs nothing."""
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_QUOTED: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_Block = tuple[int, int, int, int]
"""Lines of the old text from, to, and of the new one from, to."""


def unified_patch(path: str, before: str, after: str) -> str:
    """Return the patch that turns one text of a file into another; empty for equal texts.

    Lines end at line feeds alone, so that a form feed or a lone carriage return parts none.
    """
    if before == after:
        return ""
    old, new = lines_of(before), lines_of(after)
    hunks = "".join(_hunk(old, new, blocks) for blocks in _grouped(_changes(old, new)))
    return f"--- {_name('a', path)}\n+++ {_name('b', path)}\n{hunks}"


def lines_of(text: str) -> list[str]:
    """Return the lines with their endings; the last one may have none."""
    return _LINE.findall(text)


def _name(side: str, path: str) -> str:
    """Return a name as git writes it: quoted where it must be, with a tab after one with spaces."""
    plain = f"{side}/{path}"
    if any(char in _QUOTED or ord(char) < 0x20 or ord(char) == 0x7F for char in plain):
        return '"' + "".join(_QUOTED.get(char, _octal(char)) for char in plain) + '"'
    return f"{plain}\t" if " " in plain else plain


def _octal(char: str) -> str:
    return f"\\{ord(char):03o}" if ord(char) < 0x20 or ord(char) == 0x7F else char


def _changes(old: Sequence[str], new: Sequence[str]) -> list[_Block]:
    most = min(len(old), len(new))
    head = next((n for n in range(most) if old[n] != new[n]), most)
    most -= head
    tail = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
    old_end, new_end = len(old) - tail, len(new) - tail
    if (old_end - head) * (new_end - head) > _MOST_PAIRS:
        return [(head, old_end, head, new_end)]
    matcher = SequenceMatcher(None, old[head:old_end], new[head:new_end], autojunk=False)
    return [
        (head + a, head + b, head + c, head + d)
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind != "equal"
    ]


def _grouped(changes: Sequence[_Block]) -> Iterator[list[_Block]]:
    """Yield the changes of each hunk: those whose context would touch belong together."""
    group: list[_Block] = []
    for block in changes:
        if group and block[0] - group[-1][1] > 2 * CONTEXT:
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def _hunk(old: Sequence[str], new: Sequence[str], blocks: Sequence[_Block]) -> str:
    first = max(0, blocks[0][0] - CONTEXT)
    last = min(len(old), blocks[-1][1] + CONTEXT)
    new_first = blocks[0][2] - (blocks[0][0] - first)
    body: list[str] = []
    at = first
    added = 0
    for a, b, c, d in blocks:
        body += [_row(" ", line) for line in old[at:a]]
        body += [_row("-", line) for line in old[a:b]]
        body += [_row("+", line) for line in new[c:d]]
        at = b
        added += (d - c) - (b - a)
    body += [_row(" ", line) for line in old[at:last]]
    count = last - first
    return f"@@ -{_span(first, count)} +{_span(new_first, count + added)} @@\n" + "".join(body)


def _row(sign: str, line: str) -> str:
    return (
        f"{sign}{line}" if line.endswith("\n") else f"{sign}{line}\n\\ No newline at end of file\n"
    )


def _span(first: int, count: int) -> str:
    """Return a place as patches count: from one, and the line before where there are none."""
    start = first + 1 if count else first
    return str(start) if count == 1 else f"{start},{count}"
