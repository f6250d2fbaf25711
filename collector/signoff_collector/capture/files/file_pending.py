"""Collect the events since the last record: touched names, and their index entries before."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.files.file_table import Folder, Known, inode, join
from signoff_collector.capture.journal.disk_contents import MAX_FILES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signoff_collector.system.clock import Moment

SETTLE_NS: Final = 300_000_000
"""Debounce: a burst is over when nothing happened for this long."""
LONGEST_NS: Final = 2_000_000_000
"""A burst that goes on is split into records of this length."""
BULK_SETTLE_NS: Final = 1_000_000_000
"""Debounce of a bulk change: none of its contents are kept, so waiting loses nothing."""
BULK_LONGEST_NS: Final = 60_000_000_000
GIT_LONGEST_NS: Final = 600_000_000_000
"""A bulk change by git is recorded as a whole, up to this length."""
MAX_NAMES: Final = 200_000
"""A burst with this many names is recorded at once, to bound memory."""


class Pending:
    """One burst in progress."""

    def __init__(self, top: Folder) -> None:
        self._top = top
        self.first_ns = 0
        """Boot time of the first event; 0 while there is none."""
        self.last_ns = 0
        self.before: dict[str, Known | None] = {}
        """Path to its index entry before the burst; None when there was no file."""
        self.touched: dict[tuple[Folder, str], None] = {}
        """Entries to examine, by folder, since folders may move meanwhile."""
        self.moved_inodes: set[int] = set()
        """Files for which the kernel reported a rename."""
        self.gone: dict[tuple[Folder, str], int] = {}
        """Boot time of the event by which an entry went, the latest."""
        self.loose: dict[int, Folder] = {}
        """Folders moved away, by the cookie that identifies the destination event."""
        self.is_rescan = False
        self._moved_files: dict[int, int] = {}

    @property
    def is_bulk(self) -> bool:
        """Whether the burst has more files than contents are kept of."""
        return len(self.before) > MAX_FILES

    def due_in_ns(self, now_ns: int, *, is_git_at_work: bool = False) -> int | None:
        """Return the nanoseconds until the burst is over, or None while nothing has happened.

        Args:
            now_ns: time since boot.
            is_git_at_work: a bulk change is then not over, however quiet it is.
        """
        if not self.first_ns:
            return None
        if len(self.before) >= MAX_NAMES:
            return 0
        if not self.is_bulk:
            return max(0, min(self.last_ns + SETTLE_NS, self.first_ns + LONGEST_NS) - now_ns)
        if is_git_at_work:
            return max(0, self.first_ns + GIT_LONGEST_NS - now_ns)
        return max(0, min(self.last_ns + BULK_SETTLE_NS, self.first_ns + BULK_LONGEST_NS) - now_ns)

    def note(self, t_boot_ns: int) -> None:
        """Note the time of an event."""
        self.first_ns = self.first_ns or t_boot_ns
        self.last_ns = t_boot_ns

    def mark(self, folder: Folder, name: str) -> None:
        """Mark a file to be examined when the burst is over."""
        if (folder, name) in self.touched:
            return
        self.touched[folder, name] = None
        place = folder.path_to(self._top)
        if place is not None:
            self.before.setdefault(join(place, name), folder.files.get(name))

    def take_later(self, root: Path, moment: Moment) -> Pending:
        """Split off the files that changed after a moment, as the following burst.

        Deleted files have no time and stay, as do renamed ones.
        """
        later = Pending(self._top)
        for folder, name in list(self.touched):
            place = folder.path_to(self._top)
            path = "" if place is None else join(place, name)
            if path in self.before and self._is_later(f"{root}/{path}", moment.t_wall_ns):
                del self.touched[folder, name]
                later.touched[folder, name] = None
                later.before[path] = self.before.pop(path)
        if later.touched:
            later.first_ns = later.last_ns = max(self.last_ns, moment.t_boot_ns)
            later.is_rescan = self.is_rescan
        self.first_ns = min(self.first_ns, moment.t_boot_ns)
        self.last_ns = min(self.last_ns, moment.t_boot_ns)
        return later

    def _is_later(self, path: str, wall_ns: int) -> bool:
        """Compare the inode's ctime, which no program can set."""
        try:
            status = os.lstat(path)
        except OSError:
            return False
        return status.st_ctime_ns > wall_ns and status.st_ino not in self.moved_inodes

    def move_file_from(self, folder: Folder, name: str, cookie: int) -> None:
        """Remember which file a rename moved away."""
        value = folder.files.get(name)
        if value is not None:
            self._moved_files[cookie] = inode(value)

    def move_file_to(self, cookie: int) -> None:
        """Note that the rename ended inside the workspace."""
        moved = self._moved_files.pop(cookie, None)
        if moved is not None:
            self.moved_inodes.add(moved)

    def detach(self, folder: Folder, cookie: int | None = None) -> None:
        """Detach a folder from its parent; with a cookie it may be attached elsewhere."""
        place = folder.path_to(self._top)
        if place is not None:
            for path, holder, name in folder.files_below():
                self.before.setdefault(join(place, path), holder.files[name])
        if folder.parent is not None and folder.parent.folders.get(folder.name) is folder:
            del folder.parent.folders[folder.name]
        folder.parent = None
        if cookie is not None:
            self.loose[cookie] = folder

    def attach(self, folder: Folder, parent: Folder, name: str) -> None:
        """Attach a moved folder to its new parent; all its files are examined again."""
        folder.name, folder.parent = name, parent
        parent.folders[name] = folder
        place = folder.path_to(self._top)
        for path, holder, file_name in folder.files_below():
            self.touched[holder, file_name] = None
            self.moved_inodes.add(inode(holder.files[file_name]))
            if place is not None:
                self.before.setdefault(join(place, path), None)

    def places(self) -> Iterator[tuple[str, tuple[Folder, str] | None]]:
        """Yield each path of the burst, with the folder that contains it now, if any."""
        found: dict[str, tuple[Folder, str] | None] = dict.fromkeys(self.before)
        for folder, name in self.touched:
            place = folder.path_to(self._top)
            if place is not None:
                found[join(place, name)] = (folder, name)
        yield from sorted(found.items())
