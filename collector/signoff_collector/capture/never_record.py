"""The never-record list: names of files whose content is a secret by trade.

It is built in, nothing switches it off, and it is compared without regard to case with the name
that was asked for and with the real path behind it. docs/never_recorded.md shows it to users.
"""

from __future__ import annotations

import re
from fnmatch import translate
from pathlib import PurePath
from typing import Final

from signoff_collector.capture.never_record_names import (
    FOLDERS,
    MESSAGES,
    NAMES,
    PAIRS,
    TEMPLATE_SUFFIXES,
    TEMPORARIES,
)

_PATTERN: Final = re.compile(
    "|".join(translate(pattern) for group in (*NAMES, *TEMPORARIES) for pattern in group)
)
"""All of them at once: a burst of a thousand files asks a thousand times."""


def is_never_recorded(path: PurePath) -> bool:
    """Say whether a path, by its name or a folder on the way, is on the list."""
    parts = [part.casefold() for part in path.parts]
    if not parts:
        return False
    if any(folder in FOLDERS for folder in parts) or tuple(parts[-2:]) in PAIRS:
        return True
    return _is_secret_name(parts[-1])


def _is_secret_name(name: str) -> bool:
    """Decide by the last part of a path, in lower case."""
    if name.startswith(".env") and name.endswith(TEMPLATE_SUFFIXES):
        return False
    return (
        name.upper() in MESSAGES
        or (name.startswith("id_") and "." not in name)
        or _PATTERN.match(name) is not None
    )
