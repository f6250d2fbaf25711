"""Write an old state of a file: never through a symlink, never over unseen changes."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import storage_error
from signoff_collector.system.files.descriptors import write_all
from signoff_collector.system.files.folders import NOT_A_FOLDER, Folder, open_folder, walk
from signoff_collector.system.files.opening import CREATING
from signoff_schemas.errors import NotFoundError, RefusedError, SignoffError, UsageError

if TYPE_CHECKING:
    from collections.abc import Generator

MAX_BYTES: Final = 64 << 20
"""Size limit for a present file to be compared and replaced."""
_EXECUTABLE: Final = "100755"


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The current file at a path."""

    content: bytes | None
    """None if there is no file."""
    mode: int = 0o644


def present(root: Path, path: str) -> Present:
    """Read the current file without following symlinks below the workspace.

    Raises:
        RefusedError: a link or something else than a file is in the way, or it is too large.
    """
    try:
        with _parent(root, path, is_made=False) as (folder, name):
            descriptor = folder.open_to_read(name)
    except FileNotFoundError:
        return Present(content=None)
    except OSError as error:
        raise _in_the_way(path) from error
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode):
        os.close(descriptor)
        raise _in_the_way(path)
    with open(descriptor, "rb") as file:  # noqa: PTH123  a descriptor, not a path
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise RefusedError(f"{path} is larger than {MAX_BYTES >> 20} MiB")
    return Present(content=content, mode=stat.S_IMODE(about.st_mode))


def put_back(root: Path, path: str, content: bytes, *, before: Present, mode: str | None) -> None:
    """Replace a file of a workspace atomically; missing folders are created.

    Args:
        root: the workspace's real path.
        path: relative to it, with forward slashes.
        content: what the file shall hold.
        before: the content shown to the person; a file with any other content is not touched.
        mode: in git's notation, if known.

    Raises:
        NotFoundError: the workspace is gone.
        RefusedError: the file changed since, or a link is in the way.
        SignoffError: it cannot be written.
    """
    if not root.is_dir():
        raise NotFoundError(
            f"the folder {root} is gone", hint="`--to FILE` writes the file elsewhere."
        )
    permissions = permissions_of(before, mode)
    try:
        with _parent(root, path, is_made=True) as (folder, name):
            _refuse_changed(root, path, before)
            temporary = f".{name[:200]}.{secrets.token_hex(4)}~"
            folder.write_new(temporary, content, permissions & 0o777)
            try:
                folder.rename_over(temporary, name)
            except OSError:
                with suppress(OSError):
                    folder.remove(temporary)
                raise
            folder.sync()
    except OSError as error:
        raise storage_error(error, root / path) from error


def take_away(root: Path, path: str, *, before: Present) -> None:
    """Delete a file of a workspace, and the folders that are empty without it, as git does.

    Args:
        root: the workspace's real path.
        path: relative to it, with forward slashes.
        before: the content shown to the person; a file with any other content is not touched.

    Raises:
        RefusedError: the file changed since, or a link is in the way.
        SignoffError: it cannot be removed.
    """
    try:
        with _parent(root, path, is_made=False) as (folder, name):
            _refuse_changed(root, path, before)
            folder.remove(name)
            folder.sync()
    except OSError as error:
        raise storage_error(error, root / path) from error
    with suppress(OSError, SignoffError):  # one that is not empty ends it
        for above in PurePosixPath(path).parents:
            if above.name and not _stands_in(root / above):
                with _parent(root, str(above), is_made=False) as (folder, name):
                    folder.remove_folder(name)


def _stands_in(folder: Path) -> bool:
    """Whether this process, and so perhaps the person's shell, stands in a folder."""
    return Path.cwd().is_relative_to(folder)


def _refuse_changed(root: Path, path: str, before: Present) -> None:
    if present(root, path).content != before.content:
        raise RefusedError(
            f"{path} changed a moment ago; nothing was written", hint="Run it again."
        )


def permissions_of(before: Present, mode: str | None) -> int:
    """Return the permissions of a restored file.

    An existing file keeps its permissions except the executable bit, which git records too.
    """
    if before.content is None:
        return 0o755 if mode == _EXECUTABLE else 0o644
    if mode is None:
        return before.mode
    readers = (before.mode & 0o444) >> 2
    return before.mode | readers if mode == _EXECUTABLE else before.mode & ~0o111


def check_elsewhere(target: Path) -> None:
    """Raise the errors that `put_elsewhere` would raise, without writing.

    Raises:
        UsageError: something is there, or there is no such folder.
    """
    if os.path.lexists(target):
        raise UsageError(f"{target} exists already", hint="Name a new file.")
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder {target.parent}")


def put_elsewhere(target: Path, content: bytes, *, mode: str | None) -> None:
    """Write a new file; an existing one is never replaced.

    Raises:
        UsageError: something is there, or there is no such folder.
        SignoffError: it cannot be written.
    """
    try:
        descriptor = os.open(target, CREATING, 0o700 if mode == _EXECUTABLE else 0o600)
    except FileExistsError:
        raise UsageError(f"{target} exists already", hint="Name a new file.") from None
    except FileNotFoundError:
        raise UsageError(f"there is no folder {target.parent}") from None
    except OSError as error:
        raise storage_error(error, target) from error
    try:
        write_all(descriptor, content)
    except OSError as error:
        raise storage_error(error, target) from error
    finally:
        os.close(descriptor)


@contextmanager
def _parent(root: Path, path: str, *, is_made: bool) -> Generator[tuple[Folder, str]]:
    """Open the parent folder component by component, refusing symlinks."""
    *folders, name = path.split("/")
    if name in {"", ".", ".."} or any(part in {"", ".", ".."} for part in folders):
        raise RefusedError(f"{path!r} leads out of the workspace")
    with ExitStack() as held:
        top = held.enter_context(open_folder(root))
        try:
            folder = held.enter_context(walk(top, folders, made=0o755 if is_made else None))
        except OSError as error:
            if error.errno in NOT_A_FOLDER:
                raise _in_the_way(path) from error
            raise
        yield folder, name


def _in_the_way(path: str) -> RefusedError:
    return RefusedError(
        f"{path} is a link, or not a regular file; nothing was written",
        hint="`--to FILE` writes it elsewhere.",
    )
