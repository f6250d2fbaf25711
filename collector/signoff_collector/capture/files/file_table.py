"""The file watcher's index of the work tree: its folders, and how each file was last seen.

A file is one value of some 50 bytes: a stamp that changes with the file, its mode, and an id of its
content. Folders are linked nodes, so that renaming one moves everything below it.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator
from typing import Final, NewType

_STAMP: Final = struct.Struct("<QQQ")
_MASK: Final = (1 << 64) - 1
_UNTRUSTED: Final = _STAMP.size - 8

Known = NewType("Known", bytes)
"""Stamp (inode, modification time, hash of the other fields), mode, content id."""

MODES: Final = ("100644", "100755", "120000")
"""As git writes them: a file, a program, a link."""


class Folder:
    """One folder that is watched or compared."""

    __slots__ = ("files", "folders", "is_partial", "is_unreadable", "name", "parent", "wd")

    def __init__(self, name: str, parent: Folder | None) -> None:
        self.name = name
        self.parent = parent
        self.wd = -1
        """Its inotify watch descriptor; -1 while the kernel does not watch it."""
        self.folders: dict[str, Folder] = {}
        self.files: dict[str, Known] = {}
        self.is_unreadable = False
        self.is_partial = False
        """Whether some of its files are not in the index, since the limit was reached."""

    def path_to(self, root: Folder) -> str | None:
        """Return the path below the root without a leading slash; None when it is detached."""
        names: list[str] = []
        folder = self
        while folder is not root:
            names.append(folder.name)
            if folder.parent is None:
                return None
            folder = folder.parent
        return "/".join(reversed(names))

    def all_below(self) -> Iterator[Folder]:
        """Yield this folder and every folder below it."""
        waiting: list[Folder] = [self]
        while waiting:
            folder = waiting.pop()
            yield folder
            waiting.extend(folder.folders.values())

    def files_below(self) -> Iterator[tuple[str, Folder, str]]:
        """Yield every file below as (path from here, its folder, its name)."""
        waiting: list[tuple[str, Folder]] = [("", self)]
        while waiting:
            prefix, folder = waiting.pop()
            for name in folder.files:
                yield prefix + name, folder, name
            waiting.extend((f"{prefix}{name}/", below) for name, below in folder.folders.items())


def join(folder: str, name: str) -> str:
    """Join a folder's path and an entry's name; the root is the empty path."""
    return f"{folder}/{name}" if folder else name


def mode_of(status: os.stat_result) -> str | None:
    """Return a file's mode as git writes it, or None for what is not a file."""
    if stat.S_ISLNK(status.st_mode):
        return MODES[2]
    if not stat.S_ISREG(status.st_mode):
        return None
    return MODES[1] if status.st_mode & stat.S_IXUSR else MODES[0]


def known(status: os.stat_result, mode: str, content: bytes = b"") -> Known:
    """Encode the index entry of a file.

    Args:
        status: of the file or link itself.
        mode: as `mode_of` returns it.
        content: `sha256_id` or `git_id`; empty while it was never read.
    """
    rest = hash((status.st_size, status.st_mode, status.st_ctime_ns)) & _MASK
    stamp = _STAMP.pack(status.st_ino & _MASK, status.st_mtime_ns & _MASK, rest)
    return Known(stamp + bytes((MODES.index(mode),)) + content)


def listed(mode: str) -> Known:
    """Encode the entry of a file of which only a listing told: it equals no file on disk."""
    return Known(bytes(_STAMP.size) + bytes((MODES.index(mode),)))


def untrusted(value: Known) -> Known:
    """Invalidate the stamp of a file so fresh that its next change could look the same."""
    return Known(value[:_UNTRUSTED] + bytes(8) + value[_STAMP.size :])


def with_content(value: Known, content: bytes) -> Known:
    """Replace the content id."""
    return Known(value[: _STAMP.size + 1] + content)


def is_same_stamp(first: Known, second: Known) -> bool:
    """Whether the file is unchanged between two looks."""
    return first[: _STAMP.size] == second[: _STAMP.size]


def inode(value: Known) -> int:
    """Return the inode."""
    return int(_STAMP.unpack_from(value)[0])


def is_same_file(first: Known, second: Known, *, is_moved: bool) -> bool:
    """Whether two names refer to one file: a rename keeps inode and modification time.

    Inodes are reused at once, so the inode alone counts only when the kernel reported a rename.
    """
    return first[:8] == second[:8] and (is_moved or first[8:16] == second[8:16])


def known_mode(value: Known) -> str:
    """Return the mode as git writes it."""
    return MODES[value[_STAMP.size]]


def content_id(value: Known) -> bytes:
    """Return the content id, empty when unknown."""
    return value[_STAMP.size + 1 :]


def sha256_id(sha256: str) -> bytes:
    """Encode a SHA-256 as content id."""
    return b"s" + bytes.fromhex(sha256)


def git_id(object_id: str) -> bytes:
    """Encode the object id of a git blob as content id."""
    return b"g" + bytes.fromhex(object_id)
