"""What systems do differently with a file that is open: locks, syncing, modes, places in it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from typing import Final

if sys.platform == "win32":
    from signoff_collector.system.windows import lock_file

    _FULL_SYNC: Final[int | None] = None
else:
    import fcntl

    _FULL_SYNC: Final[int | None] = getattr(fcntl, "F_FULLFSYNC", None)


def try_hold(descriptor: int, *, is_shared: bool) -> bool:
    """Lock an open file until it is closed; False when another process holds it.

    Raises:
        OSError: the file system knows no locks.
    """
    if sys.platform == "win32":
        return lock_file(descriptor, is_shared=is_shared)
    else:  # noqa: RET505  checkers of types leave out what follows on the other system
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte, continuing after short writes."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync(descriptor: int) -> None:
    """Return when the file is on the disk itself.

    On macOS `fsync` leaves it in the disk's cache, which a power cut empties; `F_FULLFSYNC` does
    not, and some network disks do not know it (Apple's manual page of fsync(2)).
    """
    if _FULL_SYNC is not None and sys.platform != "win32":
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, _FULL_SYNC)
            return
    os.fsync(descriptor)


def sync_content(descriptor: int) -> None:
    """Return when the content is on the disk itself; times of the file may follow later."""
    if sys.platform == "linux":
        os.fdatasync(descriptor)
    else:
        sync(descriptor)


def sync_disk(descriptor: int) -> bool:
    """Return when the whole file system of a file is on the disk; False where one cannot ask.

    Raises:
        OSError: it failed.
    """
    if sys.platform == "linux":
        library = ctypes.CDLL(None, use_errno=True)
        if hasattr(library, "syncfs"):
            if library.syncfs(descriptor) != 0:
                raise OSError(ctypes.get_errno(), "cannot sync")
            return True
    return False


def set_mode(descriptor: int, mode: int) -> None:
    """Set the permissions; on Windows those of its folder hold."""
    if sys.platform != "win32":
        os.fchmod(descriptor, mode)


def read_at(descriptor: int, length: int, offset: int) -> bytes:
    """Return up to `length` bytes from an offset."""
    if sys.platform != "win32":
        return os.pread(descriptor, length, offset)
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, length)


def write_at(descriptor: int, content: bytes, offset: int) -> int:
    """Write at an offset; return how many bytes were written."""
    if sys.platform != "win32":
        return os.pwrite(descriptor, content, offset)
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.write(descriptor, content)
