"""Erase an old data set, so that the notice of its replacement is all that is left of it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import (
    read_regular,
    replace_private,
    storage_error,
    sync_folder,
    try_lock,
)
from signoff_datasets.building.proofs import files_of
from signoff_datasets.building.workplace import MANIFEST
from signoff_datasets.cards.cards import card_findings
from signoff_datasets.refreshing.places import listed
from signoff_datasets.refreshing.remains import NOT_WHOLE
from signoff_datasets.verifying.files import CARDS, NOTICE, not_named
from signoff_schemas.dataset import MAX_BYTES, digest_of
from signoff_schemas.dataset_notice import Notice, ReplacedFile
from signoff_schemas.errors import DamagedError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from signoff_schemas.dataset import Manifest

_HALF_WRITTEN: Final = re.compile(
    rf"\.(?:{'|'.join(map(re.escape, CARDS))}|{re.escape(NOTICE)}(?:\.sig)?)"
    r"\.[0-9]+-[0-9a-f]{8}\.new"
)
"""What a killed process leaves of a file that it put into a finished data set."""


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


def erase(folder: Path, old: Manifest | None) -> None:
    """Take away what the manifest names, then the manifest: until then a rerun knows the names.

    Args:
        folder: the old data set; what else lies in it stays.
        old: its manifest; None where that is gone already, and all that it names.

    Raises:
        SignoffError: a file cannot be taken away.
    """
    named = [] if old is None else [*CARDS, *(path for path, _ in files_of(old))]
    parents = {one for path in named for one in (folder / path).parents if folder in one.parents}
    try:
        for path in [*filter(_HALF_WRITTEN.fullmatch, os.listdir(folder)), *named]:  # noqa: PTH208
            (folder / path).unlink(missing_ok=True)
        for parent in sorted(parents, key=lambda one: len(one.parts), reverse=True):
            with suppress(FileNotFoundError):
                parent.rmdir()
        sync_folder(folder)
        (folder / MANIFEST).unlink(missing_ok=True)
        sync_folder(folder)
        (folder / f"{MANIFEST}.sig").unlink(missing_ok=True)
    except OSError as error:
        raise storage_error(error, folder) from error
    sync_folder(folder)


def refuse_foreign(folder: Path, old: Manifest | None) -> None:
    """Refuse a folder with files that are not of its data set, or with a card that was edited.

    Raises:
        DamagedError: there are some; it names them.
    """
    ours = {NOTICE, f"{NOTICE}.sig", MANIFEST, f"{MANIFEST}.sig"}
    if old is not None:
        ours |= {*CARDS, *(path for path, _ in files_of(old))}
    strange = [one.where for one in not_named(folder, ours)]
    foreign = [one for one in strange if not _HALF_WRITTEN.fullmatch(one)]
    if not foreign and old is not None:
        try:
            foreign = [one.where for one in card_findings(folder)]
        except NotFoundError as error:
            raise DamagedError(str(error), hint=NOT_WHOLE) from error
    if foreign:
        raise DamagedError(
            f"{folder} holds what its manifest does not name: {listed(foreign)}; nothing was"
            " made or erased",
            hint=f"Move it out of {folder}; a card that was edited too. Then refresh again.",
        )


def clear_unfinished(out: Path, keep: str | None, new_plan: Path | None) -> None:
    """Take away what builds and refreshes of this name left when they were killed.

    They may hold rows of an episode that was withdrawn since. One at work is left alone. The
    plan that a killed refresh wrote goes with its folder, which bears the plan's digest.

    Args:
        out: what they should have become.
        keep: name of one that goes on.
        new_plan: where a refresh may have written the plan of it.

    Raises:
        SignoffError: a folder cannot be taken away.
    """
    for folder in sorted(out.parent.iterdir()):
        if folder.name == keep or not folder.name.startswith(f".{out.name}.building-"):
            continue
        with suppress(FileNotFoundError):
            lock = try_lock(folder / ".lock")
            if lock is None:
                continue
            try:
                if new_plan is not None and _is_plan_of(folder, new_plan):
                    new_plan.unlink()
                shutil.rmtree(folder)
            except OSError as error:
                raise storage_error(error, folder) from error
            finally:
                lock.release()


def _is_plan_of(unfinished: Path, new_plan: Path) -> bool:
    try:
        content = read_regular(new_plan, max_bytes=MAX_BYTES)
    except (NotFoundError, DamagedError):
        return False
    return unfinished.name.endswith(f".building-{hashlib.sha256(content).hexdigest()[:16]}")
