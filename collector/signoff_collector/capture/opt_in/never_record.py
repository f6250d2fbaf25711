"""The never-record list: match names of files that usually contain secrets.

The list is built in and cannot be switched off. It is matched without regard to case, against the
given path and against its real path. docs/never_recorded.md shows it to users.
"""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.never_record_names import (
    FOLDERS,
    MESSAGES,
    NAMES,
    PAIRS,
    TEMPLATE_SUFFIXES,
    TEMPORARIES,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

_PATTERN: Final = re.compile(
    "|".join(translate(pattern) for group in (*NAMES, *TEMPORARIES) for pattern in group)
)
"""All patterns in one expression: a burst of a thousand files queries it a thousand times."""


def is_never_recorded(path: PurePath) -> bool:
    """Whether a path, by its name or a folder on the way, is on the list."""
    if not path.parts:
        return False
    *_, parent, name = ("", *path.parts)
    return has_never_folder(path.parts) or is_never_named(parent, name)


def has_never_folder(parts: Iterable[str]) -> bool:
    """Whether a component of a path is a folder on the list."""
    return any(part.casefold() in FOLDERS for part in parts)


@lru_cache(maxsize=4096)
def is_never_named(parent: str, name: str) -> bool:
    """Whether a name, alone or together with its folder, is on the list."""
    pair = (parent.casefold(), name.casefold())
    return pair[1] in FOLDERS or pair in PAIRS or _is_secret_name(pair[1])


def _is_secret_name(name: str) -> bool:
    """Match the last component of a path, in lower case."""
    if name.startswith(".env") and name.endswith(TEMPLATE_SUFFIXES):
        return False
    return (
        name.upper() in MESSAGES
        or (name.startswith("id_") and "." not in name)
        or _PATTERN.match(name) is not None
    )
