"""Linearise recorded text for display: nothing can hide, move or colour anything (threat 31)."""

from __future__ import annotations

import re
from typing import Final

from signoff_collector.screen.console import visible

_HIDING: Final = re.compile(
    "[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"  # spaces that are none
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters without a glyph
    "\ufe00-\ufe0f\U000e0100-\U000e01ef]"  # variation selectors can carry text
)
_BLANK_LINES: Final = re.compile(r"(?:[ \t]*\n){4,}")
_LONG: Final = 2000


def linearise(text: str) -> str:
    """Return the text with invisible characters spelled out and runs of empty lines counted."""
    shown = _HIDING.sub(lambda match: f"<U+{ord(match[0]):04X}>", text)
    shown = _BLANK_LINES.sub(_told, shown)
    return "\n".join(_folded(line) for line in visible(shown).split("\n"))


def linearise_path(path: str) -> str:
    """Return a path on one line; non-ASCII letters are also escaped, since they may look alike."""
    shown = visible(_HIDING.sub(lambda m: f"<U+{ord(m[0]):04X}>", path), keep_newlines=False)
    if path.isascii():
        return shown
    return f"{shown}  ({ascii(path)[1:-1]})"


def _told(match: re.Match[str]) -> str:
    return f"\n… {match[0].count(chr(10)) - 1} empty lines …\n"


def _folded(line: str) -> str:
    """Break a very long line, so that the terminal need not wrap it."""
    if len(line) <= _LONG:
        return line
    return "\n".join(line[place : place + _LONG] for place in range(0, len(line), _LONG))
