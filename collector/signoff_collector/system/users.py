"""Whose process this is, by the system and not by the environment."""

from __future__ import annotations

import os
import sys
from typing import Final, NamedTuple

if sys.platform != "win32":
    import pwd

_ROOT: Final = 0


class Entry(NamedTuple):
    """What the system knows of an account."""

    name: str
    home: str
    shell: str
    """Path of the shell that a login starts; empty on Windows."""


def user_id() -> int | None:
    """Return the number of the user, or None on Windows, which has none."""
    if sys.platform == "win32":
        return None
    else:  # noqa: RET505  checkers of types leave out what follows on the other system
        return os.geteuid()


def is_root() -> bool:
    """Whether this is the administrator of a POSIX system."""
    return user_id() == _ROOT


def is_own(found: os.stat_result) -> bool:
    """Whether a file belongs to this user; on Windows the folder it lies in has to say so."""
    return user_id() in (None, found.st_uid)


def profile_where_modes_say_nothing() -> str | None:
    """Return the folder that only this account can read, on a system without modes of files."""
    if sys.platform == "win32":
        from signoff_collector.system.windows import profile_folder

        return profile_folder()
    return None


def entry_of_account() -> Entry | None:
    """Return what the system knows of this account; None for one that it does not know."""
    if sys.platform == "win32":
        from signoff_collector.system.windows import profile_folder, user_name

        return Entry(user_name(), profile_folder(), "")
    else:  # noqa: RET505  as above
        try:
            found = pwd.getpwuid(os.geteuid())
        except KeyError:
            return None
        return Entry(found.pw_name, found.pw_dir, found.pw_shell)


def host_name() -> str:
    """Return the name of this machine."""
    if sys.platform == "win32":
        import platform

        return platform.node()
    return os.uname().nodename


def give_to(descriptor: int, owner: os.stat_result) -> None:
    """Give an open file to the owner of another one: only root can, and has a reason to.

    Raises:
        OSError: the system refuses.
    """
    if sys.platform != "win32" and is_root() and (owner.st_uid, owner.st_gid) != (_ROOT, _ROOT):
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
