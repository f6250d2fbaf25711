"""Looking at what a person named: a place that cannot be looked at is told by its name.

`Path.is_file` raises what no person reads where a folder is locked, and from Python 3.14 on says
that there is nothing: then a hub would seem to be new, and be made once more.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import read_regular, storage_error
from signoff_schemas.errors import DamagedError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

_OWN: Final = "Give it back to the user that runs the hub, or put the one from the backup there."


def is_there(path: Path) -> bool:
    """Tell whether there is anything of that name, a link that leads nowhere too.

    Raises:
        SignoffError: it cannot be looked at.
    """
    return _mode(path, is_followed=False) is not None


def is_file(path: Path) -> bool:
    """Tell whether a regular file is there, or a link to one.

    Raises:
        SignoffError: it cannot be looked at.
    """
    mode = _mode(path)
    return mode is not None and stat.S_ISREG(mode)


def is_folder(path: Path) -> bool:
    """Tell whether a folder is there, or a link to one.

    Raises:
        SignoffError: it cannot be looked at.
    """
    mode = _mode(path)
    return mode is not None and stat.S_ISDIR(mode)


def require_folder(path: Path, *, hint: str, may_be_new: bool = False) -> None:
    """Refuse what is no folder.

    Args:
        path: that a person named.
        hint: what to name instead.
        may_be_new: whether nothing may be there yet.

    Raises:
        NotFoundError: it is none.
        SignoffError: it cannot be looked into.
    """
    if is_folder(path):
        try:
            os.scandir(path).close()
        except OSError as error:
            raise storage_error(error, path) from error
        return
    if may_be_new and not is_there(path):
        return
    said = f"{path} is not a folder" if is_there(path) else f"there is no folder {path}"
    raise NotFoundError(said, hint=hint)


def read_own(path: Path, *, max_bytes: int) -> bytes:
    """Return a file of a hub's own folder.

    Raises:
        NotFoundError: it is not there.
        DamagedError: it is too large, not a regular file, or another user's.
    """
    try:
        return read_regular(path, max_bytes=max_bytes)
    except DamagedError as error:
        raise DamagedError(str(error), hint=_OWN) from error


def _mode(path: Path, *, is_followed: bool = True) -> int | None:
    try:
        return path.stat(follow_symlinks=is_followed).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise storage_error(error, path) from error
