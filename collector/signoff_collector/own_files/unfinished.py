"""Remove temporary files of `private_files` that a killed process left behind."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signoff_collector.own_files.home import Home

_TEMPORARY: Final = re.compile(r"\..+\.(\d{1,10})-[0-9a-f]{8}\.new", re.DOTALL)
"""The name contains the id of the process that writes the file."""


def remove_unfinished(home: Home) -> int:
    """Remove temporary files whose writer is gone, and return how many."""
    removed = 0
    for folder in _folders(home):
        for entry in _entries(folder):
            found = _TEMPORARY.fullmatch(entry.name)
            if found is not None and not is_running(int(found[1])):
                removed += _remove(entry)
    return removed


def is_running(pid: int) -> bool:
    """Whether a process with this id exists, of whatever user."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _folders(home: Home) -> Iterator[Path]:
    yield from (home.config, home.keys, home.state, home.data, home.episodes)
    for entry in _entries(home.state):
        if entry.is_dir(follow_symlinks=False):
            yield home.state / entry.name
    for entry in _entries(home.sessions):
        if entry.is_dir(follow_symlinks=False):
            yield home.sessions / entry.name
            yield home.sessions / entry.name / "blobs"


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _remove(entry: os.DirEntry[str]) -> bool:
    try:
        os.unlink(entry.path)  # noqa: PTH108  (no Path for each of many names)
    except OSError:
        return False
    return True
