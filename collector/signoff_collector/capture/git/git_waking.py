"""Wake the git watcher by inotify when HEAD or its reflog was written.

The watcher polls twice a second anyway; waking it earlier only lets it read the disk while the
files are still as git left them. Where inotify is not available, polling alone suffices.
"""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.git.git_refs import stamp
from signoff_collector.capture.git.git_repository import RefFormat
from signoff_collector.capture.git.git_watch import is_rebasing
from signoff_collector.system.files import inotify as kernel
from signoff_collector.system.files.inotify import Inotify, WatchLimitError

if TYPE_CHECKING:
    from pathlib import Path
    from threading import Event

    from signoff_collector.capture.git.git_repository import Repository

_SIGNS: Final = frozenset({"HEAD", "tables.list", "rebase-merge", "rebase-apply"})
"""Files that git writes or removes last when HEAD moves (`tables.list`: reftable format).

The index is not among them: editors refresh it all the time.
"""
_DONE: Final = kernel.CLOSE_WRITE | kernel.MOVED_TO | kernel.DELETE
_LOCKS: Final = ("index.lock", "HEAD.lock")
_MAX_WATCHES: Final = 4
_LOCK_LOOK_S: Final = 0.005


class GitWaker:
    """Inotify watches on the folders of HEAD and its reflog; not thread-safe."""

    def __init__(self) -> None:
        self._inotify: Inotify | None = None
        self._folders: dict[Path, int] = {}
        self._wanted: tuple[Path, ...] = ()
        self._repository: Repository | None = None
        try:
            self._inotify = Inotify(max_watches=_MAX_WATCHES)
        except OSError:
            return  # polling alone will do

    def follow(self, repository: Repository | None) -> None:
        """Watch this repository and no other, including folders created since the last call."""
        if self._inotify is None:
            return
        if repository != self._repository:
            for number in self._folders.values():
                self._inotify.drop(number)
                self._inotify.forget()
            self._folders.clear()
            self._repository = repository
            self._wanted = () if repository is None else _folders(repository)
        for folder in self._wanted:
            if folder not in self._folders:
                self._watch(self._inotify, folder)

    def wait(self, period_s: float, ending: Event) -> bool:
        """Wait until git moved HEAD or the period is over; return whether it moved.

        A rebase in progress does not wake: it is one operation. Once HEAD moved, the rest of the
        period is spent waiting for git to release its locks, since it writes the index last.
        """
        end = time.monotonic() + period_s
        while not ending.is_set() and (left_s := end - time.monotonic()) > 0:
            if self._inotify is None:
                ending.wait(left_s)
            elif self._is_told(self._inotify, left_s) and self._may_be_over():
                self._wait_for_locks(end, ending)
                return True
        return False

    def close(self) -> None:
        """Close the inotify descriptor."""
        if self._inotify is not None:
            self._inotify.close()
            self._inotify = None

    def _watch(self, inotify: Inotify, folder: Path) -> None:
        try:
            self._folders[folder] = inotify.watch(str(folder))
        except (WatchLimitError, OSError):
            return  # the folder does not exist yet, or no watches are left: polling covers it

    def _is_told(self, inotify: Inotify, timeout_s: float) -> bool:
        """Wait for events; return whether one means that git finished an operation."""
        waiting = select.poll()
        waiting.register(inotify.fileno(), select.POLLIN)
        if not waiting.poll(timeout_s * 1000):
            return False
        is_told = False
        for event in inotify.read():
            if event.mask & kernel.IGNORED:
                self._let_go(inotify, event.wd)
            is_told |= bool(event.mask & _DONE) and event.name in _SIGNS
        return is_told

    def _let_go(self, inotify: Inotify, number: int) -> None:
        """Remove the watch of a deleted folder; `follow` adds it again when the folder is back."""
        for folder in [found for found, wd in self._folders.items() if wd == number]:
            del self._folders[folder]
            inotify.forget()

    def _may_be_over(self) -> bool:
        return self._repository is not None and not is_rebasing(self._repository)

    def _wait_for_locks(self, end: float, ending: Event) -> None:
        while self._is_locked() and time.monotonic() < end:
            ending.wait(_LOCK_LOOK_S)

    def _is_locked(self) -> bool:
        repository = self._repository
        return repository is not None and any(
            stamp(repository.git_dir / name) is not None for name in _LOCKS
        )


def _folders(repository: Repository) -> tuple[Path, ...]:
    """Return the folders that contain HEAD and its reflog."""
    is_reftable = repository.ref_format is RefFormat.REFTABLE
    return repository.git_dir, repository.git_dir / ("reftable" if is_reftable else "logs")
