"""Parse `.signoffignore`: the syntax of `.gitignore`, except that it can only exclude.

A matcher of our own, so that it works where there is no git, and so that no pattern can make it
slow: the cost is at most the length of the pattern times the length of the path (decision 0025).
Where the disk takes other spellings of a name for the same, patterns hide all of them. If
the file is too large or not a regular file, everything beside and below it is excluded. One
difference from git: `?` and `[...]` match one character, where git matches one byte.
"""

from __future__ import annotations

import functools
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.system.files.spelling import folded
from signoff_collector.workspaces.work_trees import read_small

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FILE_NAME: Final = ".signoffignore"
MAX_FILE_BYTES: Final = 64 << 10
MAX_PATTERNS: Final = 1000
MAX_PATTERN_LENGTH: Final = 1000
_DEEP: Final = re.compile(r"\*{2,}")
_NAMED_CLASSES: Final[Mapping[str, str]] = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r" \t\n\r\f\v",
    "blank": r" \t",
    "punct": r"!-/:-@\[-`{-\~",
    "xdigit": "0-9a-fA-F",
    "cntrl": r"\x00-\x1f\x7f",
    "print": r" -\~",
    "graph": r"!-\~",
}
"""In the syntax of a set of `re`; of ASCII alone, as in git."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One line of an ignore file."""

    segments: tuple[str | None, ...]
    """A regular expression per path component; None means `**`."""

    folders_only: bool

    def hides(self, parts: Sequence[str]) -> bool:
        """Whether the pattern matches the path, or a folder on the way to it.

        Goes along the path once, with every place that the pattern may have come to: what asked
        about each folder anew took 10 s for a path of 2,000 components.
        """
        end = len(self.segments)
        places = self._reached([0])
        for depth, part in enumerate(parts, start=1):
            next_places: list[int] = []
            for at in places:
                segment = self.segments[at]
                if segment is None:
                    next_places.append(at)
                elif _compiled(segment).fullmatch(part):
                    next_places.append(at + 1)
            places = self._reached(next_places)
            if end in places:
                if depth < len(parts) or not self.folders_only:
                    return True
                places.discard(end)
        return False

    def _reached(self, places: Sequence[int]) -> set[int]:
        """Add the places behind `**`, which matches no component as well."""
        behind = {at + 1 for at in places if at < len(self.segments) and not self.segments[at]}
        return behind.union(places)


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreFile:
    """The parsed content of one `.signoffignore`."""

    patterns: tuple[Pattern, ...]
    folded: tuple[Pattern, ...]
    """The same lines for names of a disk that folds them (`system.files.spelling`)."""

    refused: tuple[str, ...]
    """Lines that are ignored: `!` would include again, others are invalid."""

    hides_all: bool = False
    """Whether everything is excluded, since the file could not be read."""

    def hides(self, parts: Sequence[str], *, is_folding: bool = False) -> bool:
        """Whether a path is excluded.

        Args:
            parts: its components below the file's folder.
            is_folding: whether the disk takes other spellings of the components for the same.
        """
        if self.hides_all or any(pattern.hides(parts) for pattern in self.patterns):
            return True
        if not is_folding or not self.folded:
            return False
        names = [folded(part) for part in parts]
        return any(pattern.hides(names) for pattern in self.folded)


NOTHING: Final = IgnoreFile(patterns=(), folded=(), refused=())
UNREADABLE: Final = IgnoreFile(patterns=(), folded=(), refused=(), hides_all=True)


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
    alike: list[Pattern | None] = []
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
            # In a set, upper case is as good as any other there.
            alike.append(_pattern(folded(meant).replace("[:upper:]", "[:alpha:]")))
        if len(patterns) > MAX_PATTERNS:
            return UNREADABLE
    return IgnoreFile(
        patterns=tuple(patterns),
        folded=tuple(pattern for pattern in alike if pattern is not None),
        refused=tuple(refused),
    )


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
    body = line.removesuffix("/")
    levels = _levels(body.removeprefix("/"))
    segments: list[str | None] = [] if "/" in body else [None]
    for position, level in enumerate(levels):
        if not _DEEP.fullmatch(level):
            segments.append(_expression(level))
            if not segments[-1]:
                return None
            continue
        if not segments or segments[-1] is not None:
            segments.append(None)
        if position == len(levels) - 1:
            # A trailing `/**` matches everything inside, not the folder itself: one component more.
            segments.append(".*")
    return Pattern(segments=tuple(segments), folders_only=line != body)


def _levels(body: str) -> list[str]:
    """Split at each `/`; one in a set splits nothing, an escaped one is a plain one."""
    levels, at = [""], 0
    while at < len(body):
        found = _set(body, at + 1) if body[at] == "[" else None
        end = at + 2 if body[at] == "\\" else at + 1 if found is None else found[1]
        piece, at = body[at:end], end
        if piece in ("/", "\\/"):
            levels.append("")
        else:
            levels[-1] += piece
    return levels


def _expression(level: str) -> str | None:
    """Return a regular expression for one component; None if the pattern is invalid."""
    pieces, at = [""], 0
    while at < len(level):
        char = level[at]
        at += 1
        if char == "*":
            if pieces[-1] or len(pieces) == 1:
                pieces.append("")
        elif char == "?":
            pieces[-1] += "."
        elif char == "[":
            found = _set(level, at)
            if found is None:
                return None
            piece, at = found
            pieces[-1] += piece
        elif char == "\\":
            if at == len(level):
                return None
            pieces[-1] += re.escape(level[at])
            at += 1
        else:
            pieces[-1] += re.escape(char)
    first, *others = pieces
    if not others:
        return first
    # Atomic: only the last `*` is ever retried, so the cost stays a product.
    return f"{first}{''.join(f'(?>.*?{one})' for one in others[:-1])}.*{others[-1]}"


def _set(level: str, at: int) -> tuple[str, int] | None:
    """Parse a set from behind its `[`; return it for `re`, and the offset behind its `]`."""
    is_negated = level[at : at + 1] in ("!", "^")
    at += is_negated
    first, members = at, ""
    while at < len(level) and (level[at] != "]" or at == first):
        if level.startswith("[:", at):
            name, bracket, _ = level[at + 2 :].partition("]")
            if bracket and name.endswith(":"):
                if name[:-1] not in _NAMED_CLASSES:
                    return None
                members += _NAMED_CLASSES[name[:-1]]
                at += 2 + len(name) + 1
                continue
        low, at = _set_character(level, at)
        members += re.escape(low)
        if level[at : at + 1] == "-" and level[at + 1 : at + 2] not in ("", "]"):
            high, at = _set_character(level, at + 1)
            members += f"{re.escape(low)}-{re.escape(high)}" if low <= high else ""
    if at >= len(level):
        return None
    return f"[{'^' if is_negated else ''}{members}]", at + 1


def _set_character(level: str, at: int) -> tuple[str, int]:
    if level[at] == "\\" and at + 1 < len(level):
        return level[at + 1], at + 2
    return level[at], at + 1


@functools.lru_cache(maxsize=4096)
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.DOTALL)
