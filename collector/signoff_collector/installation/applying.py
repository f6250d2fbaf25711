"""Apply one configuration change in a crash-safe, revertible way.

Order: the undo record is synced, then folders are created, then the file is replaced. After a crash
between any two of these, the record describes at least everything that was done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.installation.config_files.config_files import (
    digest,
    look,
    missing_folders,
    new_file_mode,
    new_folder_mode,
    replace_file,
)
from signoff_collector.installation.undo.own_parts import holds_ours, text_without_ours
from signoff_collector.installation.undo.undo_record import Entry
from signoff_collector.own_files.private_files import storage_error
from signoff_schemas.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from signoff_collector.installation.config_files.config_files import Looked
    from signoff_collector.installation.interface import Change
    from signoff_collector.installation.undo.undo_record import UndoRecord


def apply_changes(record: UndoRecord, target: str, changes: Sequence[Change]) -> None:
    """Make changes that were shown to the person. The caller holds the record's lock.

    Raises:
        RefusedError: a file is not what was shown any more, or cannot be changed safely.
        SignoffError: there is no room, or writing failed.
    """
    for change in changes:
        if change.is_needed:
            _apply(record, target, change)


def _apply(record: UndoRecord, target: str, change: Change) -> None:
    now = look(change.path)
    if now.content == change.after:
        return
    if now.content != change.before:
        raise RefusedError(
            f"{change.path} changed after it was shown", hint="Run `signoff setup` again."
        )
    made = missing_folders(now.path)
    record.put(_entry(record.of(now.path), target, now, change.after, made))
    _make_folders(made)
    mode = now.mode if now.content is not None else new_file_mode()
    replace_file(now.path, change.after, mode=mode)


def _entry(
    known: Entry | None, target: str, now: Looked, after: bytes, made: tuple[Path, ...]
) -> Entry:
    """Describe the way back: to before the first of our changes, if nobody edited since."""
    after_sha256 = digest(after)
    if known is not None:
        made = tuple(dict.fromkeys((*known.made_folders, *made)))
        if now.content is not None and digest(now.content) == known.after_sha256:
            return Entry(
                target=target,
                path=now.path,
                before=known.before,
                mode=known.mode,
                mtime_ns=known.mtime_ns,
                after_sha256=after_sha256,
                made_folders=made,
            )
    return Entry(
        target=target,
        path=now.path,
        before=without_ours(now.content),
        mode=now.mode,
        mtime_ns=now.mtime_ns,
        after_sha256=after_sha256,
        made_folders=made,
    )


def without_ours(content: bytes | None) -> bytes | None:
    """Give what a file would be had we never touched it; lines of an older setup are ours."""
    if content is None:
        return None
    text = content.decode("utf-8", "surrogateescape")
    if not holds_ours(text):
        return content
    rest = text_without_ours(text)
    return rest.encode("utf-8", "surrogateescape") if rest.strip() else None


def _make_folders(folders: Sequence[Path]) -> None:
    for folder in folders:
        try:
            folder.mkdir(mode=new_folder_mode())
            folder.chmod(new_folder_mode())
        except OSError as error:
            raise storage_error(error, folder) from error
