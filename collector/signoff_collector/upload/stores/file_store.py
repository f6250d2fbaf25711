"""A store in a folder: `file://`. No link inside it is ever followed.

Every object is written beside its place under another name, synced, and then linked
to its place, which fails if something is there: so an object is whole or absent, and
the first writer wins. Folders are walked by descriptor, one name at a time.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.terms.audience import canonical_audience, folder_of
from signoff_collector.own_files.private_files import FILE_MODE, FOLDER_MODE
from signoff_collector.system.files.folders import NOT_A_FOLDER, Folder, open_folder, walk
from signoff_collector.upload.stores.interface import Probed, Removed
from signoff_schemas.errors import (
    NetworkError,
    ReceiverRefusedError,
    RefusedError,
    SignoffError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from signoff_collector.consent.terms.audience import Audience

_NOT_OURS: Final = NOT_A_FOLDER | {errno.EISDIR}
_DOWN_HINT: Final = "Nothing is lost: `signoff upload --resume` sends it when the store is back."


class FileStore:
    """A store in one folder of this machine."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self._root = folder_of(audience)
        self._on_sent: Callable[[int], None] = lambda _: None

    @property
    def audience(self) -> Audience:
        """The folder's canonical address."""
        return self._audience

    def prepare(self) -> None:
        """Make the folder where only its last part is missing."""
        if not self._root.exists():
            try:
                self._root.mkdir(mode=FOLDER_MODE)
            except OSError as error:
                raise self._is_down(error) from error
        self._open_root().close()

    @property
    def fingerprint(self) -> str | None:
        """None: the file system never overwrites where a link is made."""
        return None

    def probe(self) -> Probed:
        """Say what is known of folders."""
        return Probed(keeps_versions=False)

    def watch(self, on_sent: Callable[[int], None]) -> None:
        """Have `on_sent` called with the bytes of each object once it is whole."""
        self._on_sent = on_sent

    def create(self, key: str, content: bytes, *, token: str) -> bool:
        """Put an object whole or not at all; False when one is there already."""
        with self._folder(key, is_made=True) as (folder, name):
            if folder.has(name):
                return False
            part = f".{name}.{token}.part"
            _unlink(folder, part)
            folder.write_new(part, content, FILE_MODE)
            self._on_sent(len(content))
            try:
                folder.give_second_name(part, name)
            except FileExistsError:
                return False
            finally:
                _unlink(folder, part)
            folder.sync()
        return True

    def read(self, key: str, *, max_bytes: int) -> bytes | None:
        """Return an object, or None when there is none."""
        try:
            with self._folder(key, is_made=False) as (folder, name):
                descriptor = folder.open_to_read(name)
                with os.fdopen(descriptor, "rb") as file:
                    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                        raise ReceiverRefusedError(f"{key} in the store is not a regular file")
                    content = file.read(max_bytes + 1)
        except FileNotFoundError:
            return None
        if len(content) > max_bytes:
            raise ReceiverRefusedError(f"{key} in the store is larger than {max_bytes} bytes")
        return content

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names of the objects directly in a folder, sorted."""
        try:
            with self._folder(f"{folder}/-", is_made=False) as (held, _):
                return tuple(sorted(held.names()))
        except FileNotFoundError:
            return ()

    def folders(self, folder: str) -> tuple[str, ...]:
        """Return the names of the folders directly in a folder, sorted; a link is none."""
        try:
            with self._folder(f"{folder}/-", is_made=False) as (held, _):
                return tuple(sorted(held.folders()))
        except FileNotFoundError:
            return ()

    def remove(self, key: str) -> Removed:
        """Erase an object and tell whether there was one; a link is erased itself."""
        try:
            with self._folder(key, is_made=False) as (folder, name):
                folder.remove(name)
                folder.sync()
        except FileNotFoundError:
            return Removed(was_there=False)
        return Removed(was_there=True)

    def close(self) -> None:
        """Do nothing: no descriptor outlives a call."""

    @contextmanager
    def _folder(self, key: str, *, is_made: bool) -> Generator[tuple[Folder, str]]:
        """Walk to the folder of `key` and yield it and the object's name.

        Raises:
            FileNotFoundError: a folder on the way is missing and `is_made` is false.
        """
        *folders, name = key.split("/")
        if any(part in ("", ".", "..") for part in (*folders, name)):
            raise ValueError(f"not a key: {key!r}")
        try:
            with (
                self._open_root() as root,
                walk(root, folders, made=FOLDER_MODE if is_made else None) as folder,
            ):
                yield folder, name
        except FileNotFoundError as error:
            if is_made:
                raise self._is_down(error) from error
            raise
        except OSError as error:
            raise _store_error(error, key) from error

    def _open_root(self) -> Folder:
        if canonical_audience(self._audience) != self._audience:
            raise RefusedError(
                f"{self._root} leads to another folder now than when it was named",
                hint="Name the store by its real path and sign for that.",
            )
        try:
            return open_folder(self._root)
        except OSError as error:
            raise self._is_down(error) from error

    def _is_down(self, error: OSError) -> NetworkError:
        return NetworkError(
            f"the store {self._root} cannot be reached: {_reason(error)}", hint=_DOWN_HINT
        )


def _unlink(folder: Folder, name: str) -> None:
    with suppress(FileNotFoundError):
        folder.remove(name)


def _store_error(error: OSError, key: str) -> SignoffError:
    if error.errno in _NOT_OURS:
        return ReceiverRefusedError(
            f"the store has a link, or something that is not a folder, on the path to {key}",
            hint="Links inside a store are never followed; remove it from the store.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ReceiverRefusedError(
            f"the store does not let {key} be written: {_reason(error)}",
            hint="Ask the operator of the store, or check its permissions.",
        )
    return NetworkError(f"the store failed at {key}: {_reason(error)}", hint=_DOWN_HINT)


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else "unknown reason"
