"""Scan and watch the folders of a work tree: each is watched before it is listed (no race)."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.files.file_table import Folder, is_same_stamp, join, known, mode_of
from signoff_collector.system.files import inotify
from signoff_collector.system.files.inotify import WatchLimitError
from signoff_collector.system.files.teller import InotifyTeller

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from pathlib import Path

    from signoff_collector.capture.files.file_pending import Pending
    from signoff_collector.capture.files.file_rules import FileRules
    from signoff_collector.capture.files.watch_troubles import Troubles
    from signoff_collector.system.files.teller import Teller

SCAN_NS: Final = 5_000_000
"""Time budget per poll for scanning unwatched folders: one percent of a core."""
_GIVEN_BACK: Final = 8
"""When the system has no watches left, one in this many is released: editors need some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Resource limits of one watcher."""

    watches: int | None = None
    """Most inotify watches; half of what the system allows when None."""
    folders: int = 100_000
    files: int = 200_000
    """Most files in the index; about 180 bytes each."""
    has_teller: bool = True
    """Whether the system is asked to tell of changes."""


def system_teller(root: str, limits: Limits) -> Teller:
    """Return what tells of changes on this system.

    Raises:
        OSError: nothing does.
    """
    if inotify.is_here():
        return InotifyTeller(max_watches=limits.watches)
    from signoff_collector.system.files.watchdog_teller import WatchdogTeller

    return WatchdogTeller(root)


class Folders:
    """All folders in which something may be recorded, and their watches."""

    def __init__(
        self,
        root: Path,
        rules: FileRules,
        limits: Limits,
        troubles: Troubles,
        make_teller: Callable[[str, Limits], Teller] = system_teller,
    ) -> None:
        self._make_teller = make_teller
        self._root = str(root)
        self._rules = rules
        self._limits = limits
        self._troubles = troubles
        self.top = Folder("", None)
        self.teller: Teller | None = None
        self._by_wd: dict[int, Folder] = {}
        self._count = 1
        self._file_count = 0
        self._turn: Iterator[Folder] = iter(())

    @property
    def count(self) -> int:
        """Number of folders."""
        return self._count

    @property
    def unwatched(self) -> int:
        """Number of folders in which the system tells of no changes."""
        return 0 if self.is_covered else max(0, self._count - len(self._by_wd))

    @property
    def is_covered(self) -> bool:
        """Whether one watch covers all, whose losses nobody promises to say."""
        return self.teller is not None and self.teller.covers_root

    def of(self, wd: int) -> Folder | None:
        """Return the folder of a watch descriptor."""
        return self._by_wd.get(wd)

    def at(self, path: str) -> tuple[Folder, str] | None:
        """Return the known folder of an absolute path, and the name in it."""
        inside = path.removeprefix(self._root)
        if inside == path or not inside.startswith(os.sep):
            return None
        *names, last = inside[1:].split(os.sep)  # noqa: PTH206  of each name that is told
        folder: Folder | None = self.top
        for name in names:
            folder = None if folder is None else folder.folders.get(name)
        return None if folder is None or not last else (folder, last)

    def open(self) -> None:
        """Have the system tell of changes, unless the file system is remote."""
        if not self._limits.has_teller or self._troubles.network is not None:
            return
        try:
            self.teller = self._make_teller(self._root, self._limits)
            self._troubles.no_teller = None
        except OSError as error:
            self._troubles.no_teller = error.strerror or type(error).__name__

    def open_anew(self) -> None:
        """Open once more for a root that is another folder now, where the watch is the root's."""
        if self.teller is None or self.teller.covers_root:
            self.close()
            self.open()

    def is_ignored(self, wd: int) -> None:
        """Note that the kernel removed a watch."""
        folder = self._by_wd.pop(wd, None)
        if folder is not None:
            folder.wd = -1
        if self.teller is not None:
            self.teller.forget()

    def enter(self, places: Iterable[tuple[Folder, str]], marks: Pending) -> None:
        """Add new folders; everything in them is new."""
        asked = {path: place for place in places if (path := self._path(*place)) is not None}
        allowed = self._rules.folders(asked)
        level: list[Folder] = []
        for path, (parent, name) in asked.items():
            child = parent.folders.get(name)
            if path not in allowed:
                if child is not None:
                    self.let_go(child)
            elif child is not None:
                level.append(child)
            elif (made := self._make(parent, name)) is not None:
                level.append(made)
        self.explore(level, marks)

    def explore(self, level: list[Folder], marks: Pending | None, *, is_deep: bool = True) -> None:
        """List folders and what is below them; watch those that are not watched yet.

        Args:
            level: where to begin.
            marks: collects differences from the index; None updates the index silently.
            is_deep: descend into known folders too, and query the policy about them again.
        """
        if self._file_count >= self._limits.files:
            self._file_count = sum(len(folder.files) for folder in self.top.all_below())
        while level:
            asked: dict[str, tuple[Folder, str]] = {}
            for folder in level:
                asked |= self._compare(folder, marks, is_deep=is_deep)
            allowed = self._rules.folders(asked)
            level = []
            for path, (parent, name) in asked.items():
                child = parent.folders.get(name)
                if path not in allowed:
                    if child is not None:
                        self.let_go(child)
                    continue
                following = child or self._make(parent, name)
                if following is not None:
                    level.append(following)

    def scan_some(self, marks: Pending) -> None:
        """Scan the next few folders that have no watch of their own, round-robin."""
        end = time.perf_counter_ns() + SCAN_NS
        for folder in self._turn:
            if folder.wd < 0 and not folder.is_unreadable:
                self.explore([folder], marks, is_deep=False)
            if time.perf_counter_ns() >= end:
                return
        self._turn = self.top.all_below()

    def let_go(self, folder: Folder) -> None:
        """Remove a folder and all below it from the index."""
        if folder.parent is not None and folder.parent.folders.get(folder.name) is folder:
            del folder.parent.folders[folder.name]
        folder.parent = None
        for below in folder.all_below():
            self._count -= 1
            self._file_count -= len(below.files)
            self.unwatch(below)

    def unwatch(self, folder: Folder) -> None:
        """Release the watch of a folder."""
        if folder.wd >= 0 and self.teller is not None:
            self._by_wd.pop(folder.wd, None)
            self.teller.drop(folder.wd)
            folder.wd = -1

    @contextmanager
    def watching_anew(self) -> Generator[None]:
        """Take no watch for granted: everything is explored within.

        That a folder was deleted, and its watch with it, may be what was lost: another of its name
        would never be watched. Asking for a watch that is there costs nothing.
        """
        before, self._by_wd = self._by_wd, {}
        for folder in before.values():
            folder.wd = -1
        if self.teller is not None:
            self.teller.is_exhausted = False
            for _ in before:
                self.teller.forget()
        yield
        for wd in before.keys() - self._by_wd.keys():
            if self.teller is not None:
                self.teller.drop(wd)

    def close(self) -> None:
        """Release all watches."""
        if self.teller is not None:
            self.teller.close()
            self.teller = None
        self._by_wd.clear()

    def _make(self, parent: Folder, name: str) -> Folder | None:
        if self._count >= self._limits.folders:
            self._troubles.is_too_large = True
            return None
        made = parent.folders[name] = Folder(name, parent)
        self._count += 1
        return made

    def _path(self, folder: Folder, name: str) -> str | None:
        place = folder.path_to(self.top)
        return None if place is None else join(place, name)

    def _watch(self, folder: Folder, path: str) -> None:
        if self.teller is None or folder.wd >= 0:
            return
        try:
            wd = self.teller.watch(f"{self._root}/{path}")
        except WatchLimitError as error:
            self._give_back(is_system=error.__cause__ is not None)
            return
        except OSError:
            return  # deleted or unreadable: listing it tells which
        if wd is None:
            return
        other = self._by_wd.get(wd)
        if other is not None:
            other.wd = -1
            self.teller.forget()
        self._by_wd[wd] = folder
        folder.wd = wd

    def _give_back(self, *, is_system: bool) -> None:
        """Stop requesting watches; release some where the whole system has run out."""
        self._troubles.is_limited = True
        if self.teller is None or self.teller.is_exhausted:
            return
        self.teller.is_exhausted = True
        if is_system:
            for folder in list(self._by_wd.values())[: len(self._by_wd) // _GIVEN_BACK]:
                self.unwatch(folder)

    def _compare(
        self, folder: Folder, marks: Pending | None, *, is_deep: bool
    ) -> dict[str, tuple[Folder, str]]:
        """Compare one folder with the index; return its subfolders to query the policy about."""
        place = folder.path_to(self.top)
        if place is None:
            return {}
        self._watch(folder, place)
        entries = self._list(folder, place)
        if entries is None:
            return {}
        names: set[str] = set()
        below: dict[str, tuple[Folder, str]] = {}
        for entry in entries:
            if not self._rules.counts(entry.name):
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    names.add(entry.name)
                    if is_deep or entry.name not in folder.folders:
                        below[join(place, entry.name)] = (folder, entry.name)
                elif self._compare_file(folder, entry, marks):
                    names.add(entry.name)
            except OSError:
                continue
        self._miss(folder, names, marks)
        return below

    def _list(self, folder: Folder, place: str) -> list[os.DirEntry[str]] | None:
        """List the entries of a folder; None when it cannot be read."""
        try:
            with os.scandir(f"{self._root}/{place}") as found:
                entries = list(found)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError:
            folder.is_unreadable = True
            self._troubles.unreadable.add(place)
            return None
        if folder.is_unreadable:
            folder.is_unreadable = False
            self._troubles.unreadable.discard(place)
        return entries

    def _compare_file(self, folder: Folder, entry: os.DirEntry[str], marks: Pending | None) -> bool:
        """Compare one entry with the index; return whether it is a file."""
        status = entry.stat(follow_symlinks=False)
        mode = mode_of(status)
        if mode is None:
            return False
        value, before = known(status, mode), folder.files.get(entry.name)
        if before is not None and is_same_stamp(before, value):
            return True
        if before is None and self._file_count >= self._limits.files:
            self._troubles.is_too_large = folder.is_partial = True
        if before is None and folder.is_partial:
            return True
        if marks is not None:
            marks.mark(folder, entry.name)
        else:
            folder.files[entry.name] = value
        self._file_count += before is None
        return True

    def _miss(self, folder: Folder, names: set[str], marks: Pending | None) -> None:
        """Process entries that no longer exist."""
        for name in [name for name in folder.files if name not in names]:
            if marks is None:
                del folder.files[name]
            else:
                marks.mark(folder, name)
        for name in [name for name in folder.folders if name not in names]:
            child = folder.folders[name]
            if marks is not None:
                marks.detach(child)
            self.let_go(child)
