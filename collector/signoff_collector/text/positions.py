r"""Columns of the Language Server Protocol turned into code points.

LSP 3.17, Position: a line ends at ``\n``, ``\r\n`` or ``\r`` and nowhere else; a
column counts units of the negotiated encoding; a column past the end of the line
means the end of the line. `str.splitlines` must not be used here: it also splits at
form feed, U+0085 and U+2028.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Encoding(StrEnum):
    """The unit in which a client counts columns."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)")
_CODECS: Final = {Encoding.UTF8: ("utf-8", 1), Encoding.UTF16: ("utf-16-le", 2)}


def split_lines(text: str) -> list[str]:
    """Return the lines of `text`, each with its ending; the last one has none.

    Joined again they are `text`; there is always at least one line, maybe empty.
    """
    if "\r" not in text:
        parts = text.split("\n")
        last = parts.pop()
        lines = [part + "\n" for part in parts]
    else:
        lines = _LINE.findall(text)
        last = text[sum(map(len, lines)) :]
    lines.append(last)
    return lines


def content_length(line: str) -> int:
    """Return the length of a line without its ending, in code points."""
    length = len(line)
    if not length:
        return 0
    final = line[-1]
    if final == "\n":
        return length - 2 if line[-2:-1] == "\r" else length - 1
    return length - 1 if final == "\r" else length


def column_in(line: str, units: int, encoding: Encoding) -> int:
    """Convert a column counted in `encoding` to code points of `line`.

    The result is never beyond the line's content. A column inside a character (half of a surrogate
    pair, a byte of a sequence) gives the start of the character. Costs O(1) for ASCII lines, else
    O(line).
    """
    limit = content_length(line)
    if units <= 0:
        return 0
    if encoding is Encoding.UTF32 or line.isascii():
        return min(units, limit)
    codec, width = _CODECS[encoding]
    encoded = line[:limit].encode(codec, "surrogatepass")
    if units * width >= len(encoded):
        return limit
    head = encoded[: units * width]
    if encoding is Encoding.UTF8:
        while units and encoded[units] & 0xC0 == 0x80:
            units -= 1
        return len(encoded[:units].decode(codec, "surrogatepass"))
    last, after = head[-1], encoded[units * width + 1]
    if last & 0xFC == 0xD8 and after & 0xFC == 0xDC:
        head = head[:-2]
    return len(head.decode(codec, "surrogatepass"))


def splits_a_pair(line: str, units: int) -> bool:
    """Whether a UTF-16 column of `line` is inside a surrogate pair."""
    encoded = line[: content_length(line)].encode("utf-16-le", "surrogatepass")
    at = units * 2
    return (
        0 < at < len(encoded) and encoded[at - 1] & 0xFC == 0xD8 and encoded[at + 1] & 0xFC == 0xDC
    )


def join_pairs(text: str) -> str:
    """Combine every high surrogate that precedes a low one into one character."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
