"""Objects in a folder of this machine: synced, linked into place, never overwritten.

The layout is that of a `file://` store of uploads, so that one that was filled before can be
served. Only the hub writes here; a link or a special file in it is refused, never followed.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, Final

from signoff_collector.own_files.private_files import FILE_MODE, FOLDER_MODE
from signoff_hub.objects.interface import Removed
from signoff_schemas.errors import DiskFullError, NetworkError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

PIECE_BYTES: Final = 1 << 20
_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FolderObjects:
    """One folder; safe to use from any thread and from several processes."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def probe(self) -> None:
        """Look whether the folder is there, can be written, and knows hard links.

        Raises:
            NetworkError: it is away: a disk that is not mounted looks empty, and is not.
            RefusedError: its file system overwrites, or has no hard links.
        """
        key = f"probes/{secrets.token_hex(16)}"
        with _told():
            if not self._root.is_dir():
                raise FileNotFoundError
        try:
            if not self.create(key, b"first") or self.create(key, b"second"):
                raise RefusedError(
                    "the folder of objects overwrites what it holds", hint="Use another disk."
                )
        finally:
            self.remove(key)

    def create(self, key: str, content: bytes) -> bool:
        """Put a small object whole or not at all, durably; False when one is there, untouched."""

        def write(file: BinaryIO) -> None:
            file.write(content)

        return self._create(key, write)

    def create_from(self, key: str, path: Path) -> bool:
        """Put a file of any size, streamed; False when one is there already, untouched."""

        def write(file: BinaryIO) -> None:
            with path.open("rb") as source:
                while piece := source.read(PIECE_BYTES):
                    file.write(piece)

        return self._create(key, write)

    def read(self, key: str, *, max_bytes: int) -> bytes | None:
        """Return an object, or None when there is none.

        Raises:
            RefusedError: it is larger, or no regular file.
        """
        file = self._opened(key)
        if file is None:
            return None
        with _told(), file:
            content = file.read(max_bytes + 1)
        if len(content) > max_bytes:
            raise RefusedError(f"an object is larger than the {max_bytes} bytes it may have")
        return content

    def copy_to(self, key: str, path: Path) -> bool:
        """Write an object into a new file, streamed; False when there is no such object."""
        pieces = self.pieces(key)
        if pieces is None:
            return False
        with _told(), path.open("xb") as file:
            for piece in pieces:
                file.write(piece)
        return True

    def pieces(self, key: str) -> Iterator[bytes] | None:
        """Return an object in pieces of at most 1 MiB, or None when there is none."""
        file = self._opened(key)
        return None if file is None else _pieces_of(file)

    def size(self, key: str) -> int | None:
        """Return the bytes of an object, or None when there is none."""
        with _told():
            try:
                found = os.lstat(self._place(key))
            except (FileNotFoundError, NotADirectoryError):
                return None
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def names(self, folder: str, *, with_hidden: bool = False) -> Iterator[str]:
        """Yield the names of the objects directly in a folder, sorted; none is hidden here."""
        del with_hidden
        yield from self._listed(folder, lambda one: one.is_file(follow_symlinks=False))

    def folders(self, folder: str) -> Iterator[str]:
        """Yield the names of the folders directly in a folder, sorted."""
        yield from self._listed(folder, lambda one: one.is_dir(follow_symlinks=False))

    def remove(self, key: str) -> Removed:
        """Erase an object, and every unfinished attempt to write it."""
        place = self._place(key)
        with _told():
            try:
                parts = [
                    one for one in place.parent.iterdir() if one.name.startswith(f".{place.name}.")
                ]
            except (FileNotFoundError, NotADirectoryError):
                return Removed(was_there=False)
            for part in parts:
                part.unlink(missing_ok=True)
            was_there = True
            try:
                place.unlink()
            except FileNotFoundError:
                was_there = False
            if was_there or parts:
                _sync_folder(place.parent)
        return Removed(was_there=was_there)

    def close(self) -> None:
        """Do nothing: no descriptor outlives a call."""

    def _create(self, key: str, write: Callable[[BinaryIO], None]) -> bool:
        place = self._place(key)
        with _told():
            if os.path.lexists(place):
                return False
            self._make(place.parent)
            part = place.with_name(f".{place.name}.{secrets.token_hex(8)}.part")
            try:
                with os.fdopen(os.open(part, _NEW, FILE_MODE), "wb") as file:
                    write(file)
                    file.flush()
                    os.fsync(file.fileno())
                try:
                    os.link(part, place, follow_symlinks=False)
                except FileExistsError:
                    return False
            finally:
                part.unlink(missing_ok=True)
            _sync_folder(place.parent)
        return True

    def _make(self, folder: Path) -> None:
        """Make a folder with what is above it; each is synced, so that none is lost with power."""
        if folder == self._root or folder.is_dir():
            return
        self._make(folder.parent)
        with suppress(FileExistsError):
            folder.mkdir(mode=FOLDER_MODE)
            _sync_folder(folder.parent)

    def _opened(self, key: str) -> BinaryIO | None:
        with _told():
            try:
                descriptor = os.open(self._place(key), _READ)
            except (FileNotFoundError, NotADirectoryError):
                return None
            except OSError as error:
                if error.errno == errno.ELOOP:
                    raise _not_regular() from None
                raise
            file = os.fdopen(descriptor, "rb")
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                file.close()
                raise _not_regular()
        return file

    def _listed(self, folder: str, is_wanted: Callable[[os.DirEntry[str]], bool]) -> list[str]:
        place = self._place(folder)
        with _told():
            try:
                with os.scandir(place) as entries:
                    found = [one.name for one in entries if is_wanted(one)]
            except (FileNotFoundError, NotADirectoryError):
                return []
        return sorted(name for name in found if _NAME.fullmatch(name))

    def _place(self, key: str) -> Path:
        names = key.split("/")
        if not all(_NAME.fullmatch(name) for name in names):
            raise RefusedError("an object was asked for by a name that none can have")
        return self._root.joinpath(*names)


def _pieces_of(file: BinaryIO) -> Generator[bytes]:
    with _told(), file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _not_regular() -> RefusedError:
    return RefusedError(
        "there is a link or a special file in the folder of objects",
        hint="Find out who put it there, and take it away.",
    )


@contextmanager
def _told() -> Generator[None]:
    """Turn what the system says into an error of ours, without the path."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFullError("the disk of the objects has no room left") from None
        raise NetworkError(
            "the folder of the objects cannot be used",
            hint="Look whether its disk is mounted and belongs to the user that runs the hub.",
        ) from error
