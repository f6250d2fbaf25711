"""Extract literals that every match of an RE2 pattern must contain.

The pattern is read from left to right, outside of groups and classes; anything not understood with
certainty ends a literal, or all of it. Literals are ASCII, because lower-casing is unambiguous
there.
"""

from __future__ import annotations

import re
from typing import Final

_GROUP: Final = r"\( (?: \?: | \?P?< \w+ > )?"
_TOKEN: Final = re.compile(
    rf"""
    (?P<group> {_GROUP} )
    | (?P<class> \[ \^? \]? (?: \\. | \[:\^?\w+:\] | [^\]\\] )* \] )
    | \\ (?P<mark> [!-/:-@\[-`{{-~] )
    | (?P<other> \\. | [.^$] | [^\x00-\x7f] )
    | (?P<plain> [^\\()|\[*+?] )
    """,
    re.VERBOSE | re.DOTALL,
)
_REPEAT: Final = re.compile(r"(?: [*+?] | \{ \d+ (?: ,\d* )? \} ) \??", re.VERBOSE)
_FLAGS: Final = r"\(\?(?!:|P?<)"
_UNCERTAIN: Final = re.compile(rf"{_FLAGS}|\\[CEPQpx0-9]")
_TEXT_ENDS: Final = re.compile(rf"{_FLAGS}|\\[Az]")
_SHORTEST: Final = 3
"""Shorter literals occur on almost every line and filter nothing."""


def certain_parts(pattern: str) -> tuple[str, ...]:
    """Return literals contained in every line with a match; empty if none is certain."""
    if _UNCERTAIN.search(pattern):
        return ()
    parts, part, place = [], "", 0
    while place < len(pattern):
        token = _TOKEN.match(pattern, place)
        if token is None:
            return ()
        place = token.end()
        if token["group"]:
            end = _behind_group(pattern, place)
            if end is None:
                return ()
            place = end
        repeat = _REPEAT.match(pattern, place)
        if repeat is not None:
            place = repeat.end()
            if _REPEAT.match(pattern, place):
                return ()
        one = token["mark"] or token["plain"] or ""
        if one and repeat is None:
            part += one
            continue
        parts.append(part + one if repeat is not None and repeat[0].startswith("+") else part)
        part = ""
    return tuple(part for part in (*parts, part) if len(part) >= _SHORTEST)


def _behind_group(pattern: str, place: int) -> int | None:
    """Return the offset after the group whose content begins at an offset."""
    depth = 1
    while place < len(pattern) and depth:
        token = _TOKEN.match(pattern, place)
        if pattern[place] == ")":
            depth, place = depth - 1, place + 1
        elif token is not None:
            depth, place = depth + bool(token["group"]), token.end()
        elif pattern[place] in "|*+?":
            place += 1
        else:
            return None
    return None if depth else place


def reaches_text_ends(pattern: str) -> bool:
    """Return whether a pattern can distinguish the ends of the text from the ends of lines."""
    return _TEXT_ENDS.search(pattern) is not None
