"""The never-record list: names of files whose content is a secret by trade.

It is built in, nothing switches it off, and it is compared without regard to case with the name
that was asked for and with the real path behind it. docs/never_recorded.md shows it to users.
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
"""All of them at once: a burst of a thousand files asks a thousand times."""


def is_never_recorded(path: PurePath) -> bool:
    """Say whether a path, by its name or a folder on the way, is on the list."""
    if not path.parts:
        return False
    *_, parent, name = ("", *path.parts)
    return has_never_folder(path.parts) or is_never_named(parent, name)


def has_never_folder(parts: Iterable[str]) -> bool:
    """Say whether one of the names of a path is that of a folder on the list."""
    return any(part.casefold() in FOLDERS for part in parts)


@lru_cache(maxsize=4096)
def is_never_named(parent: str, name: str) -> bool:
    """Say whether a name, or it and the folder it is in, is on the list."""
    pair = (parent.casefold(), name.casefold())
    return pair[1] in FOLDERS or pair in PAIRS or _is_secret_name(pair[1])


def _is_secret_name(name: str) -> bool:
    """Decide by the last part of a path, in lower case."""
    if name.startswith(".env") and name.endswith(TEMPLATE_SUFFIXES):
        return False
    return (
        name.upper() in MESSAGES
        or (name.startswith("id_") and "." not in name)
        or _PATTERN.match(name) is not None
    )
