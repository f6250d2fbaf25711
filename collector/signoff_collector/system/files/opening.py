"""How files are opened that somebody else may have put there: no link, no waiting, no text mode.

POSIX has flags for it. Windows has none: there a link is looked for before, and the opened file
has to be the one that was looked at.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform == "win32":
    NO_LINK: Final = os.O_BINARY | os.O_NOINHERIT
    _NO_WAIT: Final = 0
else:
    NO_LINK: Final = os.O_NOFOLLOW | os.O_CLOEXEC
    _NO_WAIT: Final = os.O_NONBLOCK | os.O_NOCTTY

READING: Final = os.O_RDONLY | NO_LINK | _NO_WAIT
"""Flags to read with: a pipe or a device opens at once, and is to be refused by its kind."""
READING_LINKED: Final = (os.O_RDONLY | NO_LINK | _NO_WAIT) & ~getattr(os, "O_NOFOLLOW", 0)
"""The same where the person named the file, so that a link in its place is theirs."""
CREATING: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK
"""Flags to make a new file with."""


def open_to_read(path: str | Path) -> int:
    """Open a file without blocking and without following a link in its place.

    Raises:
        OSError: with `ELOOP` for a link; whatever opening raises.
    """
    return _open(path, READING)


def open_to_write(path: str | Path, flags: int = 0, mode: int = 0o600) -> int:
    """Open a file for writing, not through a link; `flags` say what else is wanted.

    Raises:
        OSError: with `ELOOP` for a link; whatever opening raises.
    """
    return _open(path, os.O_WRONLY | NO_LINK | flags, mode)


def _open(path: str | Path, flags: int, mode: int = 0o600) -> int:
    if sys.platform == "win32":
        from signoff_collector.system.windows import is_link

        if is_link(path):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
        descriptor = os.open(path, flags, mode)
        if is_link(path) or not os.path.samestat(os.lstat(path), os.fstat(descriptor)):
            os.close(descriptor)
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
        return descriptor
    return os.open(path, flags, mode)
