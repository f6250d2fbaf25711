"""Match names against the never-record list, without regular expressions or `pathlib`.

Must answer as `never_record.is_never_recorded` does; a test compares the two.
"""

from __future__ import annotations

import os

from signoff_collector.capture.opt_in.never_record_names import (
    FOLDERS,
    MESSAGES,
    NAMES,
    PAIRS,
    TEMPLATE_SUFFIXES,
    TEMPORARIES,
)

TYPE_CHECKING = False  # `typing` itself would take 5 ms
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

_ALL: Final = tuple(pattern for group in (*NAMES, *TEMPORARIES) for pattern in group)
_SPECIAL: Final = frozenset("*?[")


def _is_plain(pattern: str) -> bool:
    return not _SPECIAL & set(pattern)


_EXACT: Final = frozenset(filter(_is_plain, _ALL))
_BEGINS: Final = tuple(p[:-1] for p in _ALL if p[-1] == "*" and _is_plain(p[:-1]))
_ENDS: Final = tuple(p[1:] for p in _ALL if p[0] == "*" and _is_plain(p[1:]))
_REST: Final = tuple(
    p
    for p in _ALL
    if p not in _EXACT
    and not (p[-1] == "*" and _is_plain(p[:-1]))
    and not (p[0] == "*" and _is_plain(p[1:]))
)
_EDGES: Final = str.maketrans(dict.fromkeys("=:,;|&<>()'\"`@\t\n\r", " "))
_QUOTES: Final = str.maketrans("", "", "'\"\\")
_MAX_LOOKED_UP: Final = 64
_MAX_STARS: Final = 3
"""Patterns with more stars take too long to match."""
_MAX_LISTED: Final = 2_000
_LONGEST_NAME: Final = 255
"""Longest file name (limits.h, NAME_MAX): a longer word names no file."""


def words_of(line: str) -> list[str]:
    """Split a command line into words, at every character that can surround a file name.

    Split a second time without quotes and backslashes, as a shell would: `'.e'nv` names a file too.
    """
    words = line.translate(_EDGES).split()
    bare = line.translate(_QUOTES)
    return words if bare == line else [*words, *bare.translate(_EDGES).split()]


def names_private(words: Iterable[str], folder: str) -> bool:
    """Whether a word is a path on the list, or a symbolic link to one."""
    looked_up = 0
    for word in dict.fromkeys(words):
        if _is_listed(word):
            return True
        if looked_up < _MAX_LOOKED_UP:
            looked_up += 1
            path = word if word.startswith("/") else f"{folder}/{word}"
            if is_private(path) or (_SPECIAL & set(word) and _matches_private(path)):
                return True
    return False


def _matches_private(path: str) -> bool:
    """Whether a glob pattern in the last part of a path matches a file on the list."""
    folder, _, pattern = path.rpartition("/")
    if pattern.count("*") > _MAX_STARS or len(pattern) > _LONGEST_NAME:
        return False
    try:
        names = os.listdir(folder)[:_MAX_LISTED]  # noqa: PTH208  no `pathlib` here
    except (OSError, ValueError):
        return False
    return any(
        name.startswith(".") == pattern.startswith(".")
        and matches(name, pattern)
        and is_private(f"{folder}/{name}")
        for name in names
    )


def is_private(path: str) -> bool:
    """Whether an absolute path, or its real path, is on the list."""
    if _is_listed(path):
        return True
    try:
        return _is_listed(os.path.realpath(path))
    except (OSError, ValueError):
        return True


def _is_listed(path: str) -> bool:
    parts = [part for part in path.casefold().split("/") if part and part != "."]
    if not parts:
        return False
    if not FOLDERS.isdisjoint(parts) or tuple(parts[-2:]) in PAIRS:
        return True
    name = parts[-1]
    if name.startswith(".env") and name.endswith(TEMPLATE_SUFFIXES):
        return False
    return (
        name in _EXACT
        or name.startswith(_BEGINS)
        or name.endswith(_ENDS)
        or name.upper() in MESSAGES
        or (name.startswith("id_") and "." not in name)
        or (len(name) <= _LONGEST_NAME and any(matches(name, pattern) for pattern in _REST))
    )


def matches(name: str, pattern: str) -> bool:
    """Match a name against a pattern of `*`, `?` and `[a-z]`, as `fnmatchcase` would."""
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(matches(name[place:], pattern[1:]) for place in range(len(name) + 1))
    if not name:
        return False
    if pattern[0] == "[" and (end := pattern.find("]", 2)) > 0:
        low, high = pattern[1], pattern[end - 1]
        return low <= name[0] <= high and matches(name[1:], pattern[end + 1 :])
    return pattern[0] in ("?", name[0]) and matches(name[1:], pattern[1:])
