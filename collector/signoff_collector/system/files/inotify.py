"""A minimal inotify binding: one descriptor, read in batches (inotify(7), Linux only).

watchdog starts a thread per watched folder, and its recursive watch cannot exclude folders
(docs/decisions/0010-own-inotify-reader.md). This module wraps the kernel's interface only: which
folders to watch, and what events mean, is decided in `file_watch`.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from pathlib import Path
from typing import Final, NamedTuple, Self, cast

ATTRIB: Final = 0x004
CLOSE_WRITE: Final = 0x008
MOVED_FROM: Final = 0x040
MOVED_TO: Final = 0x080
CREATE: Final = 0x100
DELETE: Final = 0x200
DELETE_SELF: Final = 0x400
MOVE_SELF: Final = 0x800
UNMOUNT: Final = 0x2000
OVERFLOW: Final = 0x4000
"""Events were lost: the kernel's queue was full."""
IGNORED: Final = 0x8000
"""The watch was removed, with its folder or by `drop`."""
IS_FOLDER: Final = 0x40000000

_ONLY_FOLDERS: Final = 0x01000000
_NO_LINKS: Final = 0x02000000
_NOT_UNLINKED: Final = 0x04000000
WANTED: Final = (
    ATTRIB | CLOSE_WRITE | MOVED_FROM | MOVED_TO | CREATE | DELETE | DELETE_SELF | MOVE_SELF
)
"""MODIFY is left out: a file written in a thousand pieces would cause a thousand events."""
_MASK: Final = WANTED | _ONLY_FOLDERS | _NO_LINKS | _NOT_UNLINKED
_HEAD: Final = struct.Struct("iIII")
"""Header of `struct inotify_event`: wd, mask, cookie, length of the name that follows."""
_READ_BYTES: Final = 256 << 10
_MAX_READS: Final = 64
"""Limits a batch to 16 MiB of events; the kernel's queue holds less unless it was enlarged."""
_LIMIT_FILE: Final = Path("/proc/sys/fs/inotify/max_user_watches")
_FALLBACK_LIMIT: Final = 8192


class Event(NamedTuple):
    """One event, as the kernel reports it."""

    wd: int
    """The folder's watch; -1 for `OVERFLOW`."""
    mask: int
    cookie: int
    """The same number for both events of a rename, else 0."""
    name: str
    """Name of the entry in the folder; empty when the event is about the folder itself."""


class WatchLimitError(Exception):
    """The limit of watches is reached: the system's, or ours."""


class Inotify:
    """An inotify descriptor; not thread-safe."""

    def __init__(self, *, max_watches: int | None = None) -> None:
        """Open the descriptor.

        Args:
            max_watches: limit of watched folders; half of the system's limit when None, since the
                editors of the same account need watches too.

        Raises:
            OSError: inotify is not available: another system, or too many instances.
        """
        self._library = _library()
        self._descriptor = self._checked(self._library.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK))
        self._limit = max_watches if max_watches is not None else system_limit() // 2
        self._count = 0
        self.is_exhausted = False
        """Set by the owner once a limit was reached: no more watches are requested."""
        self.reads = 0
        """Number of `read` system calls."""

    @property
    def count(self) -> int:
        """Number of watched folders."""
        return self._count

    def fileno(self) -> int:
        """Return the descriptor, for `poll`."""
        return self._descriptor

    def watch(self, folder: str) -> int:
        """Watch one folder and return its watch descriptor; the same for the same folder.

        Raises:
            WatchLimitError: there are no watches left.
            OSError: it is not a folder, is a link, or may not be read.
        """
        if self.is_exhausted or self._count >= self._limit:
            raise WatchLimitError(f"{self._count} folders are watched")
        try:
            number = self._checked(
                self._library.inotify_add_watch(self._descriptor, os.fsencode(folder), _MASK)
            )
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.ENOMEM}:
                raise WatchLimitError(f"the system has no watches left at {self._count}") from error
            raise
        self._count += 1
        return number

    def forget(self) -> None:
        """Decrement the count: the kernel removed a watch (`IGNORED`), or it was counted twice."""
        self._count = max(0, self._count - 1)

    def drop(self, number: int) -> None:
        """Remove a watch; an `IGNORED` event follows."""
        self._library.inotify_rm_watch(self._descriptor, number)

    def read(self) -> list[Event]:
        """Return the pending events; never blocks."""
        events: list[Event] = []
        for _ in range(_MAX_READS):
            self.reads += 1
            try:
                data = os.read(self._descriptor, _READ_BYTES)
            except BlockingIOError:
                break
            events += parse_events(data)
        return events

    def close(self) -> None:
        """Close the descriptor, and with it all watches."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _checked(self, result: object) -> int:
        number = cast("int", result)
        if number < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        return number


def parse_events(data: bytes) -> list[Event]:
    """Parse the events of one read; the kernel never splits an event."""
    events: list[Event] = []
    place = 0
    while place + _HEAD.size <= len(data):
        number, mask, cookie, length = _HEAD.unpack_from(data, place)
        place += _HEAD.size
        name = data[place : place + length].partition(b"\0")[0]
        place += length
        events.append(Event(number, mask, cookie, os.fsdecode(name)))
    return events


def system_limit() -> int:
    """Return the system's limit of watches per account."""
    try:
        return int(_LIMIT_FILE.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return _FALLBACK_LIMIT


def is_here() -> bool:
    """Whether the system is one that has inotify."""
    return sys.platform == "linux"


def _library() -> ctypes.CDLL:
    """Load the C library.

    Raises:
        OSError: it has no inotify functions.
    """
    if sys.platform == "linux":
        library = ctypes.CDLL(None, use_errno=True)
        if hasattr(library, "inotify_init1"):
            library.inotify_add_watch.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32)
            library.inotify_rm_watch.argtypes = (ctypes.c_int, ctypes.c_int)
            return library
    raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
