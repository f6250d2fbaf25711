"""Define a rule, and the notation for the shape of its tokens.

A shape is literal text with fields in braces: `{36:a}` means 36 letters or digits, `{20-40:w}`
means 20 to 40 characters of a URL-safe alphabet. The regular expressions are derived from it, and
so are the examples in tests: none of them is written down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

ALPHABETS: Final = {
    "d": "0-9",
    "x": "0-9a-f",
    "X": "0-9A-F",
    "h": "0-9A-Fa-f",
    "a": "A-Za-z0-9",
    "l": "a-z0-9",
    "U": "A-Z0-9",
    "L": "A-Za-z",
    "B": "A-Z2-7",
    "s": "1-9A-HJ-NP-Za-km-z",
    "b": "A-Za-z0-9+/",
    "c": "A-Za-z0-9./",
    "w": "A-Za-z0-9_-",
    "q": "A-Za-z0-9%+/_-",
}
"""Letter of an alphabet to its characters, in the syntax of a character class."""
_FIELD: Final = re.compile(r"\{(\d+)(?:-(\d+))?:(\w)\}")
_LINK: Final = r"[\w.-]{0,40}[\"'\]]{0,2}\)?[ \t]{0,4}(?::=|=>|[=:,>( \t])[ \t]{0,4}[\"'`]?"
_WORD_EDGE: Final = r"\b"


class Field(NamedTuple):
    """A variable part of a token."""

    least: int
    most: int
    alphabet: str
    """Key of `ALPHABETS`."""


class Rule(NamedTuple):
    """One kind of secret."""

    name: str
    kind: str
    """Middle part of the placeholder."""
    shape: str
    reason: str
    """Why it is secret: what its holder can do."""
    opens: int = 5
    """How many characters after the prefix suffice for a match; 0 demands the whole shape."""
    beside: str = ""
    """Pattern of a word that must precede, for shapes that many harmless values share."""
    ordinary: tuple[str, ...] = ()
    """Harmless texts with the same prefix, which must not match."""

    @property
    def parts(self) -> tuple[str | Field, ...]:
        """The shape as literal texts and fields."""
        return tuple(_parts(self.shape))

    @property
    def start(self) -> str:
        """The literal prefix of every token; empty if the shape begins with a field."""
        first = self.parts[0]
        return first if isinstance(first, str) else ""

    @property
    def least(self) -> int:
        """The minimum number of characters of a whole token behind its prefix."""
        own = self.parts[1:] if self.start else self.parts
        return sum(len(part) if isinstance(part, str) else part.least for part in own)

    @property
    def pattern(self) -> str:
        """The regular expression for its tokens, whole or unfinished; group 1 is the token."""
        whole = "".join(map(_pattern_of, self.parts))
        if self.beside:
            return rf"(?i:{self.beside}){_LINK}({whole})\b"
        edge = _WORD_EDGE if _is_word(self.start[:1] or "a") else ""
        if not self.opens:
            return rf"{edge}({whole})(?:[^A-Za-z0-9_]|$)"
        field = next(part for part in self.parts if isinstance(part, Field))
        first, more = ALPHABETS[field.alphabet], self._later_class()
        return rf"{edge}({re.escape(self.start)}[{first}]{{{self.opens},}}[{more}]*)"

    def _later_class(self) -> str:
        """Return the characters that may continue a token: all that occur in its shape."""
        chars: list[str] = []
        for part in self.parts[1:]:
            if isinstance(part, Field):
                chars.append(ALPHABETS[part.alphabet].removesuffix("-").removesuffix("_"))
            else:
                chars.extend(re.escape(char) for char in part if char not in "_-")
        return "".join(dict.fromkeys(chars)) + "_-"


def _parts(shape: str) -> Iterator[str | Field]:
    place = 0
    for match in _FIELD.finditer(shape):
        if match.start() > place:
            yield shape[place : match.start()]
        yield Field(int(match[1]), int(match[2] or match[1]), match[3])
        place = match.end()
    if place < len(shape):
        yield shape[place:]


def _pattern_of(part: str | Field) -> str:
    if isinstance(part, str):
        return re.escape(part)
    return f"[{ALPHABETS[part.alphabet]}]{{{part.least},{part.most}}}"


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"
