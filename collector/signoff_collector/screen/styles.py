"""Colours for terminals that support them; never the only carrier of a meaning."""

from __future__ import annotations

import os
from typing import Final, TextIO

_CODES: Final = {
    "bold": "1",
    "dim": "2",
    "underline": "4",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}
_OFF: Final = "\x1b[0m"
DIFFERENCE: Final = {"+": "green", "-": "red", "@": "cyan"}
"""Styles of a line of a diff, by its first character."""


def shows_colours(stream: TextIO) -> bool:
    """Whether output to a stream may be coloured (no-color.org)."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def painted(text: str, style: str) -> str:
    """Format text for a terminal in a style: words such as `bold red`."""
    codes = [_CODES[word] for word in style.split() if word in _CODES]
    return f"\x1b[{';'.join(codes)}m{text}{_OFF}" if codes and text else text
