"""Writes what a verb made: whole, or not at all; never over something without being told to."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import (
    create_private,
    make_private_folder,
    read_regular,
    replace_private,
    storage_error,
    sync_folder,
)
from signoff_datasets.exports.interface import EXPORT_FILE
from signoff_schemas.errors import (
    DamagedError,
    DiskFullError,
    NotFoundError,
    RefusedError,
    UsageError,
)
from signoff_schemas.untyped import fields_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_datasets.exports.interface import File

_MOST_TOLD: Final = 1 << 20
"""Bytes of an export.json; ours are shorter."""


def refuse_existing(
    output: Path, *, is_folder: bool, is_forced: bool, home: Path, kept: Sequence[Path]
) -> None:
    """Refuse a place where something is, or that cannot be written, before any work is done.

    Args:
        output: the file or folder to write.
        is_folder: whether the form is one.
        is_forced: whether somebody said that it may be written over.
        home: Signoff's own folder, in which no export is ever written.
        kept: the files that are read, which are never written over.

    Raises:
        RefusedError: there is something that may not be replaced, or it is in Signoff's own home.
        UsageError: there is no folder to make it in.
    """
    if not output.parent.is_dir():
        raise UsageError(f"there is no folder {output.parent} to write {output.name} in")
    place = output.resolve()
    if any(_is_same(one, home) for one in (place, *place.parents)):
        raise RefusedError(
            f"{output} is inside Signoff's own folder {home}; nothing was written",
            hint="Name a place outside it.",
        )
    if not os.path.lexists(output):
        return
    if not is_forced:
        raise RefusedError(
            f"{output} exists already; nothing was written",
            hint="Name another place, or --force to write over it.",
        )
    if any(_is_same(output, one) for one in kept):
        raise RefusedError(
            f"{output} is the episode that is exported, or its sign-off; nothing was written",
            hint="Name another place: --force never writes over what is read.",
        )
    mode = output.lstat().st_mode
    if is_folder:
        if not stat.S_ISDIR(mode) or not _is_export(output):
            raise RefusedError(
                f"{output} is no folder that an export made; nothing was written",
                hint="Name a new folder: --force writes over an export of ours alone,"
                " which has an export.json.",
            )
    elif not stat.S_ISREG(mode):
        raise RefusedError(
            f"{output} is no regular file; nothing was written",
            hint="Name another place: --force replaces regular files alone.",
        )


def _is_same(one: Path, other: Path) -> bool:
    """Say whether two names are of one thing, also by links or spelled otherwise."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def _is_export(folder: Path) -> bool:
    """Say whether an export of ours made a folder; in an empty one nothing can be lost."""
    if not any(folder.iterdir()):
        return True
    try:
        told = fields_of(json.loads(read_regular(folder / EXPORT_FILE, max_bytes=_MOST_TOLD)))
    except (NotFoundError, DamagedError, ValueError, RecursionError):
        return False
    return {"episode_sha256", "export_version"} <= told.keys()


def refuse_in_source(output: Path, address: str) -> None:
    """Refuse to write into the folder that episodes are read from.

    Raises:
        RefusedError: the place lies in it, links followed.
    """
    from signoff_datasets.sources.opening import folder_of

    source = folder_of(address)
    if source is not None and source in Path(os.path.realpath(output)).parents:
        raise RefusedError(
            f"{output} lies in {source}, which is only read; nothing was written",
            hint="Name a place outside it with -o.",
        )


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
