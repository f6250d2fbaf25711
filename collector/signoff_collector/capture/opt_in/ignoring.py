"""Parse `.signoffignore`: the syntax of `.gitignore`, except that it can only exclude.

A matcher of our own, so that it works where there is no git, and so that no pattern can make it
slow: the cost is at most the length of the pattern times the length of the path. If the file is too
large or not a regular file, everything beside and below it is excluded. One difference from git:
`?` and `[...]` match one character, where git matches one byte.
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.workspaces.work_trees import read_small

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FILE_NAME: Final = ".signoffignore"
MAX_FILE_BYTES: Final = 64 << 10
MAX_PATTERNS: Final = 1000
MAX_PATTERN_LENGTH: Final = 1000
_STAR: Final = "*"
_ANY: Final = "?"
_DEEP: Final = "**"
_NAMED_CLASSES: Final[Mapping[str, Callable[[str], bool]]] = {
    "alpha": str.isalpha,
    "digit": str.isdigit,
    "alnum": str.isalnum,
    "upper": str.isupper,
    "lower": str.islower,
    "space": str.isspace,
    "blank": lambda char: char in " \t",
    "punct": lambda char: char.isprintable() and not char.isalnum() and char != " ",
    "xdigit": lambda char: char in "0123456789abcdefABCDEF",
    "cntrl": lambda char: ord(char) < 0x20 or ord(char) == 0x7F,
    "print": str.isprintable,
    "graph": lambda char: char.isprintable() and char != " ",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterSet:
    """A character class `[a-z]` in a pattern."""

    is_negated: bool
    ranges: tuple[tuple[str, str], ...]
    named: tuple[str, ...]

    def holds(self, char: str) -> bool:
        """Whether the class contains a character."""
        is_in = any(low <= char <= high for low, high in self.ranges) or any(
            _NAMED_CLASSES[name](char) for name in self.named
        )
        return is_in != self.is_negated


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """One character that matches itself, also when it would otherwise be special."""

    char: str


Token = str | Literal | CharacterSet
"""`*`, `?`, a character, or a character class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One line of an ignore file."""

    segments: tuple[tuple[Token, ...] | None, ...]
    """One per path component; None means `**`."""

    folders_only: bool

    def hides(self, parts: Sequence[str]) -> bool:
        """Whether the pattern matches the path, or a folder on the way to it."""
        if not self.folders_only and _matches(self.segments, parts):
            return True
        return any(_matches(self.segments, parts[:depth]) for depth in range(1, len(parts)))


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreFile:
    """The parsed content of one `.signoffignore`."""

    patterns: tuple[Pattern, ...]
    refused: tuple[str, ...]
    """Lines that are ignored: `!` would include again, others are invalid."""

    hides_all: bool = False
    """Whether everything is excluded, since the file could not be read."""

    def hides(self, parts: Sequence[str]) -> bool:
        """Whether a path, given as components below the file's folder, is excluded."""
        return self.hides_all or any(pattern.hides(parts) for pattern in self.patterns)


NOTHING: Final = IgnoreFile(patterns=(), refused=())
UNREADABLE: Final = IgnoreFile(patterns=(), refused=(), hides_all=True)


def read_ignore_file(folder: Path) -> IgnoreFile:
    """Read the `.signoffignore` of one folder; a missing file excludes nothing."""
    path = folder / FILE_NAME
    content = read_small(path, MAX_FILE_BYTES)
    if content is not None:
        return parse_ignore_file(content)
    return UNREADABLE if os.path.lexists(path) else NOTHING


def parse_ignore_file(content: bytes) -> IgnoreFile:
    """Parse the lines of an ignore file; never raises."""
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    patterns: list[Pattern] = []
    refused: list[str] = []
    for line in text.split("\n"):
        meant = _without_trailing_spaces(line.removesuffix("\r"))
        if not meant or meant.startswith("#"):
            continue
        pattern = None if meant.startswith("!") else _pattern(meant)
        if pattern is None:
            refused.append(meant[:MAX_PATTERN_LENGTH])
        else:
            patterns.append(pattern)
        if len(patterns) > MAX_PATTERNS:
            return UNREADABLE
    return IgnoreFile(patterns=tuple(patterns), refused=tuple(refused))


def _without_trailing_spaces(line: str) -> str:
    end = len(line)
    while end > 0 and line[end - 1] == " ":
        backslashes = len(line[: end - 1]) - len(line[: end - 1].rstrip("\\"))
        if backslashes % 2 == 1:
            break
        end -= 1
    return line[:end]


def _pattern(line: str) -> Pattern | None:
    """Compile one line; None when it is too long or can match nothing."""
    if len(line) > MAX_PATTERN_LENGTH:
        return None
    folders_only = line.endswith("/")
    body = line.removesuffix("/")
    is_anchored = "/" in body
    levels = body.removeprefix("/").split("/")
    segments: list[tuple[Token, ...] | None] = [] if is_anchored else [None]
    for position, level in enumerate(levels):
        if level == _DEEP:
            is_last = position == len(levels) - 1
            # A trailing `/**` matches everything inside, not the folder itself: one component more.
            segments.extend([None, (_STAR,)] if is_last else [None])
            continue
        tokens = _tokens(level)
        if tokens is None or not tokens:
            return None
        segments.append(tokens)
    return Pattern(segments=tuple(segments), folders_only=folders_only)


def _tokens(level: str) -> tuple[Token, ...] | None:
    tokens: list[Token] = []
    at = 0
    while at < len(level):
        char = level[at]
        at += 1
        if char == "\\":
            if at == len(level):
                return None
            tokens.append(Literal(char=level[at]))
            at += 1
        elif char == "[":
            found = _set(level, at)
            if found is None:
                return None
            characters, at = found
            tokens.append(characters)
        elif char != _STAR or not tokens or tokens[-1] != _STAR:
            tokens.append(char)
    return tuple(tokens)


def _set(level: str, at: int) -> tuple[CharacterSet, int] | None:
    """Parse a character class from behind its `[`; return it and the offset behind its `]`."""
    is_negated = level[at : at + 1] in ("!", "^")
    at += is_negated
    ranges: list[tuple[str, str]] = []
    named: list[str] = []
    is_first = True
    while at < len(level) and (level[at] != "]" or is_first):
        is_first = False
        if level.startswith("[:", at):
            end = level.find(":]", at)
            name = level[at + 2 : end]
            if end < 0 or name not in _NAMED_CLASSES:
                return None
            named.append(name)
            at = end + 2
            continue
        low, at = _set_character(level, at)
        high = low
        if level[at : at + 1] == "-" and level[at + 1 : at + 2] not in ("", "]"):
            high, at = _set_character(level, at + 1)
        ranges.append((low, high))
    if at >= len(level):
        return None
    return CharacterSet(is_negated=is_negated, ranges=tuple(ranges), named=tuple(named)), at + 1


def _set_character(level: str, at: int) -> tuple[str, int]:
    if level[at] == "\\" and at + 1 < len(level):
        return level[at + 1], at + 2
    return level[at], at + 1


def _matches(segments: Sequence[tuple[Token, ...] | None], parts: Sequence[str]) -> bool:
    """Match component by component; `**` matches any number of components, including none."""
    at_segment = at_part = 0
    deep: tuple[int, int] | None = None
    while at_part < len(parts):
        if at_segment < len(segments):
            segment = segments[at_segment]
            if segment is None:
                deep = (at_segment + 1, at_part)
                at_segment += 1
                continue
            if _matches_level(segment, parts[at_part]):
                at_segment += 1
                at_part += 1
                continue
        if deep is None:
            return False
        deep = (deep[0], deep[1] + 1)
        at_segment, at_part = deep
    return all(segment is None for segment in segments[at_segment:])


@functools.lru_cache(maxsize=4096)
def _matches_level(tokens: tuple[Token, ...], name: str) -> bool:
    """Match one name; only the last `*` is ever retried, so the cost stays a product."""
    at_token = at_char = 0
    star: tuple[int, int] | None = None
    while at_char < len(name):
        token = tokens[at_token] if at_token < len(tokens) else None
        if token == _STAR:
            star = (at_token + 1, at_char)
            at_token += 1
            continue
        if token is not None and _fits(token, name[at_char]):
            at_token += 1
            at_char += 1
            continue
        if star is None:
            return False
        star = (star[0], star[1] + 1)
        at_token, at_char = star
    return all(token == _STAR for token in tokens[at_token:])


def _fits(token: Token, char: str) -> bool:
    match token:
        case CharacterSet():
            return token.holds(char)
        case Literal():
            return token.char == char
        case str():
            return token in (_ANY, char)
