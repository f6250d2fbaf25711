"""Writes what a verb made: whole, or not at all; never over something without being told to."""

from __future__ import annotations

import os
import secrets
import shutil
from typing import TYPE_CHECKING

from signoff_collector.system.private_files import (
    create_private,
    make_private_folder,
    replace_private,
    storage_error,
    sync_folder,
)
from signoff_schemas.errors import DiskFullError, RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from signoff_datasets.exports.interface import File


def refuse_existing(output: Path, *, is_folder: bool, is_forced: bool) -> None:
    """Refuse a place where something is, or that cannot be written, before any work is done.

    Raises:
        RefusedError: there is something, and nobody said that it may be written over.
        UsageError: it is of the other kind, or there is no folder to make it in.
    """
    is_there = output.exists() or output.is_symlink()
    if is_there and not is_forced:
        raise RefusedError(
            f"{output} exists already; nothing was written",
            hint="Name another place, or --force to write over it.",
        )
    if is_there and (output.is_symlink() or output.is_dir() != is_folder):
        kind = "folder" if is_folder else "file"
        raise UsageError(f"{output} is not a {kind}, and this form is one", hint="Name another.")
    if not output.parent.is_dir():
        raise UsageError(f"there is no folder {output.parent} to write {output.name} in")


def write_files(output: Path, files: Sequence[File], *, is_folder: bool) -> None:
    """Write a file, or a folder of files; private, and whole after a crash or not there.

    In a folder that exists only files of the same names are written over.

    Raises:
        DiskFullError: there is no room; what was there before is as it was.
        RefusedError: somebody made something there meanwhile.
        SignoffError: it cannot be written.
    """
    try:
        if is_folder:
            _write_folder(output, files)
        else:
            (file,) = files
            write = replace_private if output.exists() else create_private
            write(output, file.content)
    except FileExistsError:
        raise RefusedError(f"{output} exists already; nothing was written") from None
    except DiskFullError as error:
        raise DiskFullError(str(error), hint="Free some space, then export again.") from error
    except OSError as error:
        raise storage_error(error, output) from error


def _write_folder(output: Path, files: Sequence[File]) -> None:
    """Write all files into a folder beside it, then move that, or each of them, to its place."""
    made = output.with_name(f".{output.name}.{os.getpid()}-{secrets.token_hex(4)}.new")
    try:
        make_private_folder(made)
        for file in files:
            place = made / file.name
            make_private_folder(place.parent)
            create_private(place, file.content)
        if output.is_dir():
            for file in files:
                make_private_folder((output / file.name).parent)
                (made / file.name).replace(output / file.name)
        else:
            made.rename(output)
        sync_folder(output.parent)
    finally:
        shutil.rmtree(made, ignore_errors=True)
