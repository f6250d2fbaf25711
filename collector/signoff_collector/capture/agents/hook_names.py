"""The never-record list as the hook compares it: without regular expressions or `pathlib`.

Answers as `never_record.is_never_recorded` does; a test compares the two.
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
"""More take too long to compare."""
_MAX_LISTED: Final = 2_000
_LONGEST_NAME: Final = 255
"""Of a file (limits.h, NAME_MAX): a longer word is none."""


def words_of(line: str) -> list[str]:
    """Return the words of a command line, at whatever stands around file names.

    Twice where a shell takes quotes or backslashes out of words: `'.e'nv` names a file too.
    """
    words = line.translate(_EDGES).split()
    bare = line.translate(_QUOTES)
    return words if bare == line else [*words, *bare.translate(_EDGES).split()]


def names_private(words: Iterable[str], folder: str) -> bool:
    """Say whether a word is a path on the list, or one that leads there through a link."""
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
    """Say whether a pattern for names in one folder stands for a file on the list."""
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
    """Say whether an absolute path, or what it really is, is on the list."""
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
    """Say whether a name matches a pattern of `*`, `?` and `[a-z]`, as `fnmatchcase` would."""
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
