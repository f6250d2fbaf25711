"""Read and atomically replace a person's configuration files; links and modes are kept."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from signoff_collector.own_files.private_files import read_regular, storage_error, sync_folder
from signoff_collector.system.files.descriptors import set_mode, sync, write_all
from signoff_collector.system.files.opening import CREATING
from signoff_collector.system.hardening import before_hardening
from signoff_collector.system.users import give_to
from signoff_schemas.errors import DamagedError, NotFoundError, RefusedError

MAX_BYTES: Final = 4 << 20
_USUAL_UMASK: Final = 0o022


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A configuration file as it is now, or the place where it would be."""

    path: Path
    """Real path: what a link leads to."""

    content: bytes | None
    mode: int
    mtime_ns: int


def look(path: Path) -> Looked:
    """Read a file that is to be changed; refuse what cannot be changed safely.

    Raises:
        RefusedError: it is read-only, linked twice, a pipe, too large, or in no usable folder.
    """
    real = _real(path)
    try:
        found = real.lstat()
    except (FileNotFoundError, NotADirectoryError):
        _refuse_folder(real)
        return Looked(path=real, content=None, mode=0, mtime_ns=0)
    except OSError as error:
        raise RefusedError(f"cannot access {real}: {os.strerror(error.errno or 0)}") from error
    if not stat.S_ISREG(found.st_mode):
        raise RefusedError(f"{real} is not a regular file", hint="Move it away, or add it by hand.")
    if not found.st_mode & stat.S_IWUSR or not os.access(real, os.W_OK):
        raise RefusedError(
            f"{real} is read-only",
            hint="Make it writable, or add the lines in whatever generates it.",
        )
    if found.st_nlink > 1:
        raise RefusedError(
            f"{real} has {found.st_nlink} names (hard links), and replacing it would separate them",
            hint="Add the lines of docs/setup.md by hand.",
        )
    _refuse_folder(real)
    try:
        content = read_regular(real, max_bytes=MAX_BYTES)
    except (NotFoundError, DamagedError) as error:
        raise RefusedError(str(error), hint=error.hint) from error
    return Looked(
        path=real,
        content=content,
        mode=stat.S_IMODE(found.st_mode),
        mtime_ns=found.st_mtime_ns,
    )


def read_text(path: Path) -> str | None:
    """Return the text of a configuration file, a byte-order mark included; None without a file.

    Raises:
        RefusedError: it cannot be changed safely, or is not UTF-8.
    """
    content = look(path).content
    if content is None:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RefusedError(
            f"{path} is not UTF-8 (byte {error.start})", hint="Fix it, or add the lines by hand."
        ) from error


def missing_folders(path: Path) -> tuple[Path, ...]:
    """Return the folders that must be made before `path` can be, outermost first."""
    missing: list[Path] = []
    folder = path.parent
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    return tuple(reversed(missing))


def replace_file(path: Path, data: bytes, *, mode: int, mtime_ns: int | None = None) -> None:
    """Put `data` at a real path, whole or not at all, with a mode and perhaps an old time.

    Raises:
        SignoffError: it cannot be written; the old file stays.
    """
    temporary = temporary_of(path)
    try:
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, CREATING, 0o600)
        try:
            write_all(descriptor, data)
            _keep_owner(path, descriptor)
            set_mode(descriptor, mode)
            if mtime_ns is not None:
                os.utime(descriptor, ns=(mtime_ns, mtime_ns))
            sync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise storage_error(error, path) from error
    sync_folder(path.parent)


def temporary_of(path: Path) -> Path:
    """Return the name under which a new content is written first: always the same one."""
    return path.with_name(f".{path.name}.signoff-new")


def new_file_mode() -> int:
    """Return the mode that a file of the person's gets, whatever our own umask."""
    return 0o666 & ~_umask()


def new_folder_mode() -> int:
    """Return the mode that a folder of the person's gets, whatever our own umask."""
    return 0o777 & ~_umask()


def _umask() -> int:
    before = before_hardening()
    return _USUAL_UMASK if before is None else before.umask


def _keep_owner(path: Path, descriptor: int) -> None:
    """Give the new file the owner of the old one: matters when root sets up somebody else."""
    try:
        owner = path.stat()
    except FileNotFoundError:
        owner = path.parent.stat()
    give_to(descriptor, owner)


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise RefusedError(f"cannot follow the links of {path}") from error


def _refuse_folder(path: Path) -> None:
    folder = path.parent
    while not os.path.lexists(folder):
        folder = folder.parent
    try:
        found = folder.stat()
    except OSError as error:
        raise RefusedError(f"cannot access {folder}: {os.strerror(error.errno or 0)}") from error
    if not stat.S_ISDIR(found.st_mode):
        raise RefusedError(
            f"{folder} is not a folder, so {path} cannot be created", hint="Move it away."
        )
    if not found.st_mode & stat.S_IWUSR or not os.access(folder, os.W_OK | os.X_OK):
        raise RefusedError(f"{folder} is read-only", hint="Make it writable, then run it again.")


def digest(content: bytes) -> str:
    """Return the SHA-256 of a content in hex."""
    return hashlib.sha256(content).hexdigest()
