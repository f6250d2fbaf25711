"""Folders held open: their names are reached one by one, and never through a link.

POSIX reaches a name from a descriptor of its folder. Windows cannot; there a folder that is open
without `FILE_SHARE_DELETE` can be neither renamed nor replaced, so that its path stays its own.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, Self

from signoff_collector.system.files.descriptors import set_mode, sync, write_all
from signoff_collector.system.files.opening import CREATING, READING

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

NOT_A_FOLDER: Final = frozenset({errno.ELOOP, errno.ENOTDIR})
"""What opening a link, or a file, in place of a folder fails with."""


if sys.platform != "win32":
    _FLAGS: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Folder:
    """A folder that stays the one it was, whatever is done to its path meanwhile.

    Every method raises `OSError`, with the name in it, as the call of the system does.
    """

    def __init__(self, at: int, path: Path) -> None:
        """Internal: call `open_folder`."""
        self._at = at
        self._path = path

    def below(self, name: str) -> Folder:
        """Open a folder in it; a link is refused with one of `NOT_A_FOLDER`."""
        if sys.platform == "win32":
            return open_folder(self._of(name))
        else:  # noqa: RET505  checkers of types leave out what follows on the other system
            return Folder(os.open(name, _FLAGS, dir_fd=self._at), self._path / name)

    def make(self, name: str, mode: int) -> bool:
        """Make a folder in it; False when there is one, or anything else, already."""
        try:
            if sys.platform == "win32":
                self._of(name).mkdir(mode)
            else:
                os.mkdir(name, mode, dir_fd=self._at)
        except FileExistsError:
            return False
        return True

    def open_to_read(self, name: str) -> int:
        """Open a file in it, neither through a link nor waiting; its kind is not looked at."""
        if sys.platform != "win32":
            return os.open(name, READING, dir_fd=self._at)
        from signoff_collector.system.files.opening import open_to_read

        return open_to_read(self._of(name))

    def create(self, name: str, mode: int) -> int:
        """Make a new file in it, and return its descriptor; what is there is left alone."""
        if sys.platform == "win32":
            return os.open(self._of(name), CREATING, mode)
        return os.open(name, CREATING, mode, dir_fd=self._at)

    def write_new(self, name: str, content: bytes, mode: int) -> None:
        """Make a new file that is on the disk, or none."""
        descriptor = self.create(name, 0o600)
        try:
            write_all(descriptor, content)
            set_mode(descriptor, mode)
            sync(descriptor)
        except OSError:
            os.close(descriptor)
            with suppress(OSError):
                self.remove(name)
            raise
        os.close(descriptor)

    def has(self, name: str) -> bool:
        """Whether there is something of that name; a link counts, wherever it leads."""
        try:
            self.look(name)
        except FileNotFoundError:
            return False
        return True

    def look(self, name: str) -> os.stat_result:
        """Return what the system says of a name, not of what a link leads to."""
        if sys.platform == "win32":
            return self._of(name).lstat()
        return os.stat(name, dir_fd=self._at, follow_symlinks=False)

    def give_second_name(self, name: str, second: str) -> None:
        """Link a file to a second name; `FileExistsError` when there is something."""
        if sys.platform == "win32":
            self._of(second).hardlink_to(self._of(name))
        else:
            os.link(name, second, src_dir_fd=self._at, dst_dir_fd=self._at, follow_symlinks=False)

    def rename_over(self, name: str, onto: str) -> None:
        """Rename a file, in place of what is there."""
        if sys.platform == "win32":
            self._of(name).replace(self._of(onto))
        else:
            os.replace(name, onto, src_dir_fd=self._at, dst_dir_fd=self._at)

    def make_link(self, target: bytes, name: str) -> None:
        """Make a symbolic link."""
        if sys.platform == "win32":
            self._of(name).symlink_to(os.fsdecode(target))
        else:
            os.symlink(target, os.fsencode(name), dir_fd=self._at)

    def remove(self, name: str) -> None:
        """Remove a file, or a link itself."""
        if sys.platform == "win32":
            self._of(name).unlink()
        else:
            os.unlink(name, dir_fd=self._at)

    def remove_folder(self, name: str) -> None:
        """Remove an empty folder."""
        if sys.platform == "win32":
            self._of(name).rmdir()
        else:
            os.rmdir(name, dir_fd=self._at)

    def names(self) -> list[str]:
        """Return all names in it."""
        return os.listdir(self._path if sys.platform == "win32" else self._at)  # noqa: PTH208

    def folders(self) -> list[str]:
        """Return the names of the folders in it; a link is none."""
        with os.scandir(self._path if sys.platform == "win32" else self._at) as entries:
            return [one.name for one in entries if one.is_dir(follow_symlinks=False)]

    def sync(self) -> None:
        """Return when its names are on the disk; Windows writes them itself."""
        if sys.platform != "win32":
            sync(self._at)

    def close(self) -> None:
        """Let go of it; a second call does nothing."""
        if self._at >= 0:
            if sys.platform == "win32":
                from signoff_collector.system.windows import close_handle

                close_handle(self._at)
            else:
                os.close(self._at)
            self._at = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _of(self, name: str) -> Path:
        if {"/", "\\"} & set(name) or name in {"", ".", ".."}:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), name)
        return self._path / name


def open_folder(path: Path) -> Folder:
    """Open a folder by its path; a link in its place is refused with one of `NOT_A_FOLDER`.

    Raises:
        OSError: there is none, or it cannot be opened.
    """
    if sys.platform == "win32":
        from signoff_collector.system.windows import open_folder_handle

        return Folder(open_folder_handle(path), path)
    else:  # noqa: RET505  as above
        return Folder(os.open(path, _FLAGS), path)


@contextmanager
def walk(root: Folder, names: Sequence[str], *, made: int | None = None) -> Generator[Folder]:
    """Yield the folder that names lead to, one after the other, and close it afterwards.

    Args:
        root: where to begin; it stays open.
        names: of folders, each in the one before.
        made: mode of the folders that are made where there are none; None makes none.

    Raises:
        OSError: with one of `NOT_A_FOLDER` where something else than a folder is in the way.
    """
    at = root
    try:
        for name in names:
            if made is not None and at.make(name, made):
                at.sync()
            deeper = at.below(name)
            if at is not root:
                at.close()
            at = deeper
        yield at
    finally:
        if at is not root:
            at.close()
