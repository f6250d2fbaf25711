"""Revert a change: byte for byte, or only our lines if the person edited the file since."""

from __future__ import annotations

import contextlib
import os
from enum import StrEnum
from typing import TYPE_CHECKING

from signoff_collector.installation.config_files.config_files import (
    digest,
    look,
    replace_file,
    temporary_of,
)
from signoff_collector.installation.config_files.marked_block import find_block
from signoff_collector.installation.undo.own_parts import holds_ours, is_bare, text_without_ours
from signoff_collector.own_files.private_files import storage_error

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from signoff_collector.installation.config_files.config_files import Looked
    from signoff_collector.installation.undo.undo_record import Entry, UndoRecord


class Outcome(StrEnum):
    """What became of one file."""

    RESTORED = "restored"
    REMOVED = "removed"
    ONLY_OURS = "the lines of Signoff removed"
    UNTOUCHED = "no lines of Signoff in it"


def revert(record: UndoRecord, entry: Entry) -> Outcome:
    """Take one change back and drop its entry. The caller holds the record's lock.

    Repeating it after a kill at any point does no harm.

    Raises:
        SignoffError: the file cannot be changed safely now; the entry stays.
    """
    with contextlib.suppress(OSError):
        temporary_of(entry.path).unlink(missing_ok=True)
    outcome = _revert_file(entry) if os.path.lexists(entry.path) else Outcome.UNTOUCHED
    _remove_folders(entry.made_folders)
    record.drop(entry.path)
    return outcome


def planned(entry: Entry) -> tuple[Outcome, bytes | None, bytes | None]:
    """Say what `revert` would do, the file's content now and afterwards; changes nothing.

    Raises:
        SignoffError: the file cannot be changed safely now.
    """
    if not os.path.lexists(entry.path):
        return Outcome.UNTOUCHED, None, None
    now = look(entry.path)
    outcome, after = _decide(entry, now)
    return outcome, now.content, after


def _revert_file(entry: Entry) -> Outcome:
    now = look(entry.path)
    outcome, after = _decide(entry, now)
    if outcome is Outcome.UNTOUCHED:
        return outcome
    if after is None:
        try:
            entry.path.unlink()
        except OSError as error:
            raise storage_error(error, entry.path) from error
    elif after == entry.before:
        replace_file(entry.path, after, mode=entry.mode, mtime_ns=entry.mtime_ns)
    else:
        replace_file(entry.path, after, mode=now.mode)
    return outcome


def _decide(entry: Entry, now: Looked) -> tuple[Outcome, bytes | None]:
    """Return what to do and the content to leave; None for no file."""
    content = now.content or b""
    if content == entry.before:
        return Outcome.UNTOUCHED, content
    if digest(content) == entry.after_sha256:
        return (Outcome.REMOVED if entry.before is None else Outcome.RESTORED), entry.before
    text = content.decode("utf-8", "surrogateescape")
    if not holds_ours(text):
        return Outcome.UNTOUCHED, content
    rest = text_without_ours(text)
    place = find_block(text)
    if place is not None and place[1] == len(text) and _lacked_last_newline(entry.before):
        rest = rest.removesuffix("\n").removesuffix("\r")
    if entry.before is None and is_bare(rest):
        return Outcome.REMOVED, None
    return Outcome.ONLY_OURS, rest.encode("utf-8", "surrogateescape")


def _lacked_last_newline(before: bytes | None) -> bool:
    return bool(before) and not (before or b"").endswith(b"\n")


def _remove_folders(folders: Sequence[Path]) -> None:
    """Remove the folders we made that hold nothing else now."""
    for folder in reversed(folders):
        with contextlib.suppress(OSError):
            folder.rmdir()
