"""Read and write files that only their owner may read: atomic writes, hardened reads."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

from signoff_collector.system.files.descriptors import set_mode, sync, try_hold, write_all
from signoff_collector.system.files.folders import open_folder
from signoff_collector.system.files.opening import CREATING, NO_LINK, open_to_read
from signoff_schemas.errors import (
    DamagedError,
    DiskFullError,
    NotFoundError,
    RefusedError,
    SignoffError,
    UsageError,
)

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700
LOCK_WAIT_S: Final = 10.0
_LOCK_PAUSE_S: Final = 0.002
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def storage_error(error: OSError, path: Path) -> SignoffError:
    """Convert a failed read or write of our own files to an error for the person."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    if error.errno in _FULL:
        return DiskFullError(
            f"no space left to write {path}", hint="Free some space; recording then starts again."
        )
    return SignoffError(
        f"cannot use {path}: {reason}", hint="Check who owns it and whether it can be written."
    )


def make_private_folder(path: Path) -> None:
    """Create `path` and missing parents, each 0700 whatever the umask; keep what exists.

    Raises:
        SignoffError: it cannot be created.
    """
    try:
        if not _is_folder(path):
            make_private_folder(path.parent)
            path.mkdir(mode=FOLDER_MODE)
            path.chmod(FOLDER_MODE)
    except FileExistsError:
        if not path.is_dir():
            raise SignoffError(f"{path} is not a folder") from None
    except OSError as error:
        raise storage_error(error, path) from error


def _is_folder(path: Path) -> bool:
    """Whether there is a folder; `Path.is_dir` of Python 3.14 says no where one may not look.

    Raises:
        OSError: it cannot be told.
    """
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except FileNotFoundError:
        return False


def create_private(path: Path, data: bytes) -> None:
    """Write a new file of mode 0600 and sync it and its folder.

    Raises:
        FileExistsError: there is one already; it is untouched.
        SignoffError: it cannot be written; nothing is left.
    """
    temporary = _write_temporary(path, data)
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError as error:
        raise storage_error(error, path) from error
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def create_asked(path: Path, data: bytes) -> None:
    """Write a new file where the person asked for one, readable by its owner only.

    Raises:
        RefusedError: there is one already; it is untouched.
        UsageError: there is no folder for it, or no name.
        SignoffError: it cannot be written.
    """
    refuse_taken(path)
    try:
        create_private(path, data)
    except FileExistsError:
        raise _taken(path) from None


def refuse_taken(path: Path) -> None:
    """Do nothing where a new file may be written; asked before long work.

    Raises:
        RefusedError: there is one already.
        UsageError: there is no folder for it, or no name.
    """
    if not path.name or not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent} to write {path.name} in")
    if os.path.lexists(path):
        raise _taken(path)


def _taken(path: Path) -> RefusedError:
    return RefusedError(
        f"{path} exists already", hint="Name another file, or remove that one first."
    )


def replace_private(path: Path, data: bytes) -> None:
    """Replace `path` atomically, mode 0600: after a crash there is the old file or the new one.

    Raises:
        SignoffError: it cannot be written; the old file stays.
    """
    temporary = _write_temporary(path, data)
    try:
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise storage_error(error, path) from error
    sync_folder(path.parent)


def _write_temporary(path: Path, data: bytes) -> Path:
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.new")
    try:
        descriptor = open_new(temporary, os.O_WRONLY)
    except OSError as error:
        raise storage_error(error, path) from error
    try:
        write_all(descriptor, data)
        sync(descriptor)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise storage_error(error, path) from error
    finally:
        os.close(descriptor)
    return temporary


def open_new(path: Path, flags: int) -> int:
    """Create `path` with mode 0600 whatever the umask, and return its descriptor."""
    descriptor = os.open(path, flags | CREATING & ~os.O_WRONLY, FILE_MODE)
    set_mode(descriptor, FILE_MODE)
    return descriptor


def sync_folder(folder: Path) -> None:
    """Sync a folder, so that names created in it survive a power cut."""
    with open_folder(folder.resolve()) as held:
        try:
            held.sync()
        except OSError as error:
            if error.errno != errno.EINVAL:  # some file systems cannot sync a folder
                raise storage_error(error, folder) from error


def open_regular(path: Path) -> int:
    """Open an untrusted file, without blocking and without following links.

    Pipes and devices are refused, not waited for (threat 33).

    Raises:
        NotFoundError: there is no such file.
        DamagedError: it is a link, a pipe or a device, or cannot be read.
    """
    try:
        descriptor = open_to_read(path)
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no file {path}") from error
    except OSError as error:
        raise DamagedError(f"cannot read {path}: {os.strerror(error.errno or 0)}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise DamagedError(f"{path} is not a regular file")
    return descriptor


def read_regular(path: Path, *, max_bytes: int) -> bytes:
    """Return the bytes of a regular file of at most `max_bytes`.

    Raises:
        NotFoundError: there is no such file.
        DamagedError: it is not a regular file, too large, or cannot be read.
    """
    descriptor = open_regular(path)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        try:
            data = _read_up_to(file.fileno(), max_bytes + 1)
        except OSError as error:
            raise DamagedError(f"cannot read {path}: {os.strerror(error.errno or 0)}") from error
    if len(data) > max_bytes:
        raise DamagedError(f"{path} is larger than {max_bytes} bytes")
    return data


def _read_up_to(descriptor: int, limit: int) -> bytes:
    pieces: list[bytes] = []
    while limit > 0 and (piece := os.read(descriptor, min(limit, 1 << 20))):
        pieces.append(piece)
        limit -= len(piece)
    return b"".join(pieces)


class FileLock:
    """A lock that is held until `release`, or until this process is gone."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @property
    def descriptor(self) -> int:
        """The open descriptor that carries the lock."""
        return self._descriptor

    def release(self) -> None:
        """Release the lock; a second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def try_lock(path: Path, *, is_shared: bool = False, is_created: bool = True) -> FileLock | None:
    """Try to lock `path`; None when another process holds it.

    Raises:
        SignoffError: the lock file cannot be opened.
    """
    descriptor = _open_lock(path, is_created=is_created)
    try:
        is_held = try_hold(descriptor, is_shared=is_shared)
    except OSError as error:
        os.close(descriptor)
        raise storage_error(error, path) from error
    if not is_held:
        os.close(descriptor)
        return None
    return FileLock(path, descriptor)


@contextmanager
def locked(path: Path) -> Generator[FileLock]:
    """Hold the exclusive lock on `path`, waiting for its holder up to a timeout.

    Only for critical sections of a few milliseconds, in which nothing else is waited for. A holder
    that was suspended in one must not block an editor.

    Raises:
        SignoffError: it cannot be had within 10 s.
    """
    end = time.monotonic() + LOCK_WAIT_S
    while (lock := try_lock(path)) is None:
        if time.monotonic() > end:
            raise SignoffError(
                f"another process has held {path} for {LOCK_WAIT_S:.0f} s",
                hint="Check whether a signoff process is suspended; end or resume it.",
            )
        time.sleep(_LOCK_PAUSE_S)
    with lock:
        yield lock


def _open_lock(path: Path, *, is_created: bool) -> int:
    flags = os.O_RDWR | NO_LINK | (os.O_CREAT if is_created else 0)
    try:
        return os.open(path, flags, FILE_MODE)
    except OSError as error:
        raise storage_error(error, path) from error


def append_line(path: Path, line: str) -> None:
    """Append one line to a shared text file under its lock, in one write, synced.

    Raises:
        ValueError: the line holds a control character (threat 35).
        SignoffError: it cannot be written; the file is as it was.
    """
    if not line.isprintable():
        raise ValueError("a line of this file may hold no control characters")
    with locked(path) as lock:
        descriptor = lock.descriptor
        end = os.lseek(descriptor, 0, os.SEEK_END)
        try:
            write_all(descriptor, f"{line}\n".encode())
            sync(descriptor)
        except OSError as error:
            os.ftruncate(descriptor, end)
            raise storage_error(error, path) from error
