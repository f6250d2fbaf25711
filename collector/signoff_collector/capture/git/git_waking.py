"""Waits for git: the kernel tells at once when HEAD or its reflog was written.

The watcher looks twice a second anyway; being woken only makes it read the disk while it still is
as git left it. Where the kernel does not watch, nothing but that is lost.
"""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.files import inotify as kernel
from signoff_collector.capture.files.inotify import Inotify, WatchLimitError
from signoff_collector.capture.git.git_refs import stamp
from signoff_collector.capture.git.git_repository import RefFormat
from signoff_collector.capture.git.git_watch import is_rebasing

if TYPE_CHECKING:
    from pathlib import Path
    from threading import Event

    from signoff_collector.capture.git.git_repository import Repository

_SIGNS: Final = frozenset({"HEAD", "tables.list", "rebase-merge", "rebase-apply"})
"""Written or removed as the last that git does to HEAD, or to a rebase; `tables.list` of reftables.

Not its index: editors refresh that all the time."""
_DONE: Final = kernel.CLOSE_WRITE | kernel.MOVED_TO | kernel.DELETE
_LOCKS: Final = ("index.lock", "HEAD.lock")
_MAX_WATCHES: Final = 4
_LOCK_LOOK_S: Final = 0.005


class GitWaker:
    """Watches two folders of a repository; not safe for several threads."""

    def __init__(self) -> None:
        self._inotify: Inotify | None = None
        self._folders: dict[Path, int] = {}
        self._wanted: tuple[Path, ...] = ()
        self._repository: Repository | None = None
        try:
            self._inotify = Inotify(max_watches=_MAX_WATCHES)
        except OSError:
            return  # looking alone will do

    def follow(self, repository: Repository | None) -> None:
        """Watch this repository and no other; folders that have appeared since are watched too."""
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
        """Wait until git moved HEAD, at most for a time; return whether it did.

        A rebase that goes on wakes nobody: it is one operation. Once git has begun to move HEAD,
        what is left of the time is waited for it to let go of its locks: the index is written last.
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
        """Let go of the kernel's watches."""
        if self._inotify is not None:
            self._inotify.close()
            self._inotify = None

    def _watch(self, inotify: Inotify, folder: Path) -> None:
        try:
            self._folders[folder] = inotify.watch(str(folder))
        except (WatchLimitError, OSError):
            return  # it is not there yet, or nothing is left: it is looked at all the same

    def _is_told(self, inotify: Inotify, timeout_s: float) -> bool:
        """Wait for events; say whether one is a sign of git."""
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
        """Take note that a folder is gone; it is watched anew when it is there again."""
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
    """Return where HEAD and its reflog are written."""
    is_reftable = repository.ref_format is RefFormat.REFTABLE
    return repository.git_dir, repository.git_dir / ("reftable" if is_reftable else "logs")
