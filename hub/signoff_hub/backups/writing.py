"""Files of a backup on their way: private, hashed as they are written, synced."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Self

from signoff_collector.own_files.private_files import (
    make_private_folder,
    open_new,
    storage_error,
    sync_folder,
)
from signoff_collector.system.files.descriptors import write_all

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class NewFile:
    """One new file, of mode 0600; a context, at whose end it is synced."""

    def __init__(self, path: Path) -> None:
        """Make it, with the folders above it.

        Raises:
            DiskFullError: there is no room.
            SignoffError: it cannot be made.
        """
        self._path = path
        self._digest = hashlib.sha256()
        self.size_bytes = 0
        self.lines = 0
        """How often `write` was called."""
        make_private_folder(path.parent)
        try:
            self._descriptor = open_new(path, os.O_WRONLY)
        except OSError as error:
            raise storage_error(error, path) from error

    @property
    def sha256(self) -> str:
        """Of what was written so far."""
        return self._digest.hexdigest()

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def write(self, content: bytes) -> None:
        """Append some bytes.

        Raises:
            DiskFullError: there is no room.
        """
        try:
            write_all(self._descriptor, content)
        except OSError as error:
            raise storage_error(error, self._path) from error
        self._digest.update(content)
        self.size_bytes += len(content)
        self.lines += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _: BaseException | None,
        __: TracebackType | None,
    ) -> None:
        """Sync it, unless it is given up, and close it."""
        try:
            if kind is None:
                os.fsync(self._descriptor)
        except OSError as error:
            raise storage_error(error, self._path) from error
        finally:
            os.close(self._descriptor)


def sync_folders(root: Path) -> None:
    """Sync every folder below one, and itself, so that no name in it is lost with the power."""
    for path, _, _ in os.walk(root):
        sync_folder(root / path)
