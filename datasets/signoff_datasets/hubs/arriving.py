"""A file on its way from a hub: hashed as it comes, in its place only when it is the one named."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import (
    make_private_folder,
    open_new,
    open_regular,
    storage_error,
    sync_folder,
)
from signoff_collector.system.files.descriptors import write_all
from signoff_collector.upload.hub.answers import not_a_hub
from signoff_schemas.errors import DamagedError, NotFoundError, ReceiverRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signoff_schemas.dataset import BuiltFile

_ARRIVING: Final = ".arriving"
"""Its name until it is whole; what a killed process left of one is written over."""
_PIECE_BYTES: Final = 1 << 20


def arrive(
    folder: Path, file: BuiltFile, place: str, ask: Callable[[Callable[[bytes], object]], None]
) -> None:
    """Put a file into a folder, whole and as it is named, or not at all.

    Args:
        folder: of the data set that is made.
        file: what the manifest names.
        place: host and port of the hub, for messages.
        ask: calls what it is given with each piece of the file.

    Raises:
        ReceiverRefusedError: other bytes came than the manifest names.
        DiskFullError: there is no room.
    """
    target, arriving = folder / file.path, folder / _ARRIVING
    digest = hashlib.sha256()
    size = 0
    try:
        arriving.unlink(missing_ok=True)
        descriptor = open_new(arriving, os.O_WRONLY)
    except OSError as error:
        raise storage_error(error, arriving) from error

    def keep(piece: bytes) -> None:
        nonlocal size
        size += len(piece)
        if size > file.size_bytes:
            raise _other_bytes(file, place)
        digest.update(piece)
        try:
            write_all(descriptor, piece)
        except OSError as error:  # else the connection would take it for one of its own
            raise storage_error(error, target) from error

    try:
        ask(keep)
        if (size, digest.hexdigest()) != (file.size_bytes, file.sha256):
            raise _other_bytes(file, place)
        try:
            os.fsync(descriptor)
            make_private_folder(target.parent)
            arriving.replace(target)
        except OSError as error:
            raise storage_error(error, target) from error
    finally:
        os.close(descriptor)
        arriving.unlink(missing_ok=True)
    sync_folder(target.parent)


def is_there(path: Path, sha256: str) -> bool:
    """Tell whether a regular file with these bytes lies in a place."""
    digest = hashlib.sha256()
    try:
        descriptor = open_regular(path)
    except (NotFoundError, DamagedError):
        return False
    try:
        while piece := os.read(descriptor, _PIECE_BYTES):
            digest.update(piece)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return digest.hexdigest() == sha256


def _other_bytes(file: BuiltFile, place: str) -> ReceiverRefusedError:
    return not_a_hub(place, f"{file.path} has other bytes than its manifest names")
