"""Erase an old data set, so that the notice of its replacement is all that is left of it."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.system.private_files import (
    replace_private,
    storage_error,
    sync_folder,
    try_lock,
)
from signoff_datasets.building.workplace import MANIFEST
from signoff_schemas.dataset import digest_of
from signoff_schemas.dataset_notice import Notice, ReplacedFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_schemas.dataset import Manifest

NOTICE: Final = "NOTICE.json"


def notice_of(old: Manifest, new: Manifest | None, gone: Mapping[str, str], as_of: str) -> Notice:
    """Return what to tell whoever holds the old version.

    Args:
        old: manifest of the old version.
        new: of the new one; None where nothing is left.
        gone: digest to reason, where there is no new manifest to count them.
        as_of: the day of the new version.
    """
    held = set() if new is None else {one.sha256 for one in new.episodes}
    there = {} if new is None else {one.path: one.sha256 for one in new.files}
    reasons = Counter(gone.values()) if new is None else Counter(new.left_out)
    if new is not None:
        reasons -= Counter(old.left_out)
        reasons -= Counter(one.reason for one in old.set_aside)
    changed = [one for one in old.files if there.get(one.path) != one.sha256]
    return Notice(
        name=old.name,
        old_version=old.version,
        old_manifest_sha256=digest_of(old),
        new_manifest_sha256=None if new is None else digest_of(new),
        as_of=as_of,
        episodes=tuple(one.sha256 for one in old.episodes if one.sha256 not in held),
        reasons=dict(sorted(reasons.items())),
        files=tuple(
            ReplacedFile(path=one.path, old_sha256=one.sha256, new_sha256=there.get(one.path))
            for one in changed
        ),
        kept_files=len(old.files) - len(changed),
    )


def leave_notice(folder: Path, content: bytes, signature: bytes) -> None:
    """Put the notice into the old data set: once it is there, the rest may go."""
    replace_private(folder / f"{NOTICE}.sig", signature)
    replace_private(folder / NOTICE, content)


def erase(folder: Path) -> None:
    """Take away all but the notice, the manifest first: what is half erased is no data set.

    Raises:
        SignoffError: a file cannot be taken away.
    """
    try:
        (folder / MANIFEST).unlink(missing_ok=True)
        sync_folder(folder)
        with os.scandir(folder) as entries:
            names = sorted(one.name for one in entries)
        for name in names:
            if name in {NOTICE, f"{NOTICE}.sig"}:
                continue
            place = folder / name
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            else:
                place.unlink()
    except OSError as error:
        raise storage_error(error, folder) from error
    sync_folder(folder)


def clear_unfinished(out: Path, keep: Path | None) -> None:
    """Take away what builds and refreshes of this name left when they were killed.

    They may hold rows of an episode that was withdrawn since. One at work is left alone.

    Raises:
        SignoffError: a folder cannot be taken away.
    """
    prefix = f".{out.name}.building-"
    for folder in sorted(out.parent.iterdir()):
        if folder == keep or not folder.name.startswith(prefix):
            continue
        with suppress(FileNotFoundError):
            lock = try_lock(folder / ".lock")
            if lock is None:
                continue
            try:
                shutil.rmtree(folder)
            except OSError as error:
                raise storage_error(error, folder) from error
            finally:
                lock.release()
