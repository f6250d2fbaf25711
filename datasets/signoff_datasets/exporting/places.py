"""The folder of an exported data set: which names in it are ours, and which files still hold."""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING, Final, get_args

from signoff_collector.own_files.private_files import read_regular, storage_error
from signoff_datasets.exports.interface import EXPORT_FILE
from signoff_schemas.dataset import MAX_BYTES, Split
from signoff_schemas.dataset_export import parse_export
from signoff_schemas.errors import DamagedError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

    from signoff_schemas.dataset_export import DatasetExport, ExportedFile

SPLITS: Final[tuple[str, ...]] = get_args(Split)
_FILE: Final = re.compile(r"[0-9a-f]{64}\.(?:jsonl?|tar)")
_UNFINISHED: Final = re.compile(
    r"\.([0-9a-f]{64}\.(?:jsonl?|tar)|export\.json)\.[0-9]+-[0-9a-f]{8}\.new"
)


def read_export(out: Path) -> DatasetExport:
    """Return what an exported data set says of itself.

    Raises:
        RefusedError: it is none, or a part of it is a link to elsewhere.
    """
    linked = [one for one in (out, *(out / split for split in SPLITS)) if one.is_symlink()]
    if linked:
        raise _refused(out, f"{linked[0]} is a link")
    try:
        return parse_export(read_regular(out / EXPORT_FILE, max_bytes=MAX_BYTES))
    except (NotFoundError, DamagedError) as error:
        raise _refused(out, str(error)) from error


def _refused(out: Path, why: str) -> RefusedError:
    return RefusedError(
        f"{out} is no export of a data set: {why}; nothing was changed",
        hint="Name the export that should be brought up to date, or a new place without --refresh.",
    )


def sweep(out: Path, keep: Container[str]) -> None:
    """Erase every file of an export that is not kept, and what was left half-written.

    What has another name than an export gives is somebody else's and stays.

    Raises:
        SignoffError: a file cannot be erased.
    """
    try:
        for under in ("", *SPLITS):
            place = out / under
            if not place.is_dir():
                continue
            for name in sorted(os.listdir(place)):  # noqa: PTH208  # names, not paths
                is_file = under and _FILE.fullmatch(name) and f"{under}/{name}" not in keep
                if is_file or _UNFINISHED.fullmatch(name):
                    (place / name).unlink()
            if under and not any(place.iterdir()):
                place.rmdir()
    except OSError as error:
        raise storage_error(error, out) from error


def is_as_named(out: Path, file: ExportedFile) -> bool:
    """Say whether a file has the bytes that an export names."""
    try:
        content = read_regular(out / file.path, max_bytes=file.size_bytes)
    except (NotFoundError, DamagedError):
        return False
    return hashlib.sha256(content).hexdigest() == file.sha256
