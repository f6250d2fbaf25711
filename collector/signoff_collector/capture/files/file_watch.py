"""Watch a work tree by what the system tells, and report coalesced bursts of changes.

Where it tells nothing (limits, network file systems) folders are scanned in turn, a few
milliseconds at a time (docs/files.md); where it may lose something, tenfold slower.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.files.file_folders import Folders, Limits, system_teller
from signoff_collector.capture.files.file_mounts import remote_kind
from signoff_collector.capture.files.file_pending import Pending
from signoff_collector.capture.files.file_rules import GIT, IGNORE_FILES
from signoff_collector.capture.files.file_settling import Burst, absorb, settle
from signoff_collector.capture.files.file_table import Folder, is_same_stamp, listed, with_content
from signoff_collector.capture.files.watch_state import (
    COVERED_PAUSE_NS,
    SCAN_PAUSE_NS,
    WatchMode,
)
from signoff_collector.capture.files.watch_troubles import Troubles
from signoff_collector.capture.git.git_at_work import GitAtWork
from signoff_collector.system.files import inotify as kernel
from signoff_collector.system.files.inotify import Event
from signoff_collector.system.files.teller import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from signoff_collector.capture.files.file_items import FileItem
    from signoff_collector.capture.files.file_rules import FileRules
    from signoff_collector.capture.files.file_table import Known
    from signoff_collector.capture.files.watch_state import WatchState
    from signoff_collector.system.clock import Clock, Moment
    from signoff_collector.system.files.teller import Hint, Teller

_RESCAN_PAUSE_NS: Final = 5_000_000_000
"""Minimum pause between two full rescans, where the event queue overflows again and again."""
_APPEARS: Final = kernel.CREATE | kernel.MOVED_TO
_GOES: Final = kernel.DELETE | kernel.MOVED_FROM


class FileWatcher:
    """Watches one work tree; not thread-safe."""

    def __init__(
        self,
        root: Path,
        rules: FileRules,
        clock: Clock,
        limits: Limits | None = None,
        make_teller: Callable[[str, Limits], Teller] = system_teller,
    ) -> None:
        """Prepare; `start` scans the disk for the first time.

        Args:
            root: real path of a folder.
            rules: what of it may be watched and reported.
            clock: where times come from.
            limits: bounds on folders and files.
            make_teller: returns what tells of changes below a root.
        """
        self._root = root
        self._rules = rules
        self._clock = clock
        self._is_git_at_work = GitAtWork(root, clock)
        self.troubles = Troubles(network=remote_kind(root))
        self._folders = Folders(root, rules, limits or Limits(), self.troubles, make_teller)
        self._pending = Pending(self._folders.top)
        self._root_id: tuple[int, int] | None = None
        self._is_lost = False
        self._next_rescan_ns = 0
        self._next_scan_ns = 0
        self._moves = 0
        """Number of the last rename that was named: what a cookie is to inotify."""
        self._stale: dict[Folder, None] = {}
        self.touched: Callable[[], frozenset[str]] = frozenset
        """Returns the files that the session has read or opened."""
        self.untold: set[str] = set()
        """Paths that changed while recording was paused, and not again since."""

    @property
    def state(self) -> WatchState:
        """The present watch state, for `status`."""
        folders = self._folders
        return self.troubles.state(
            folders=folders.count,
            unwatched=folders.unwatched,
            mode=WatchMode.SCAN if folders.teller is None else WatchMode(folders.teller.called),
        )

    @property
    def descriptor(self) -> int | None:
        """The descriptor to poll for events, if the system tells of any."""
        return None if self._folders.teller is None else self._folders.teller.fileno()

    def due_in_ns(self, now_ns: int) -> int | None:
        """Return the nanoseconds until the current burst is due, or None while there is none."""
        is_git_at_work = self._pending.is_bulk and self._is_git_at_work()
        return self._pending.due_in_ns(now_ns, is_git_at_work=is_git_at_work)

    def paths(self) -> Iterator[str]:
        """Yield the path of every file in the index, whatever the policy says."""
        for path, _, _ in self._folders.top.files_below():
            yield path

    def folders(self) -> Iterator[str]:
        """Yield the path of every watched folder, relative to the workspace."""
        for folder in self._folders.top.all_below():
            path = folder.path_to(self._folders.top)
            if path is not None:
                yield path

    def is_known(self, path: str, value: Known) -> bool:
        """Whether a file is unchanged since the last burst was examined."""
        *names, name = path.split("/")
        folder: Folder | None = self._folders.top
        for part in names:
            folder = None if folder is None else folder.folders.get(part)
        known = None if folder is None else folder.files.get(name)
        return known is not None and is_same_stamp(known, value)

    def learn(self, contents: Mapping[str, bytes], items: Sequence[FileItem] = ()) -> None:
        """Take over what was read for another purpose.

        Args:
            contents: path to content id.
            items: files as they were found. Which of them appeared since `start` get an entry: else
                one that goes before its burst is over was never there, as far as the burst knows.
        """
        for item in items:
            place = self._folders.at(f"{self._root}/{item.path}")
            if place is None or item.mode is None or place[0].is_partial:
                continue
            place[0].files.setdefault(place[1], listed(item.mode))
        for path, folder, name in self._folders.top.files_below():
            content = contents.get(path)
            if content is not None:
                folder.files[name] = with_content(folder.files[name], content)

    def start(self) -> None:
        """Start watching, and take the present state as the baseline."""
        if self._folders.teller is None:
            self._folders.open()
        self._root_id = self._identify()
        self.troubles.is_root_gone = self._root_id is None
        if self._root_id is not None:
            self._folders.explore([self._folders.top], None)

    def look(self) -> None:
        """Process pending events; never blocks."""
        if self._identify() != self._root_id:
            self._begin_anew()
        self._take(self._told())
        if self._stale:
            stale, self._stale = list(self._stale), {}
            self._pending.note(self._clock.boot_ns())
            self._folders.explore(stale, self._pending)
        now_ns = self._clock.boot_ns()
        if self._is_lost and now_ns >= self._next_rescan_ns and not self._is_git_at_work():
            self._compare_all()
            self._next_rescan_ns = self._clock.boot_ns() + _RESCAN_PAUSE_NS
        self._scan()

    def burst(self, *, is_forced: bool = False, until: Moment | None = None) -> Burst | None:
        """Return what the last burst changed, once it is over or forced.

        Args:
            is_forced: do not wait for its end.
            until: files that changed later are left for the next burst.
        """
        if not (is_forced or self.due_in_ns(self._clock.boot_ns()) == 0):
            return None
        later = None if until is None else self._pending.take_later(self._root, until)
        finished = self._finish()
        self._pending = later or self._pending
        wall_ns = self._clock.wall_ns()
        found = settle(self._root, finished, self._rules, wall_ns, touched=self.touched)
        if found is not None:
            self.untold -= found.paths
        return found

    def skip(self) -> None:
        """Take the present state as the new baseline, without reporting changes."""
        self._take(self._told())
        self._compare_all()
        self.untold |= absorb(self._root, self._finish())

    def drop_burst(self) -> None:
        """Drop the current burst without reporting it; the index keeps its changes."""
        absorb(self._root, self._finish())

    def discard(self) -> None:
        """Discard pending events unread, as during a pause; call `skip` afterwards."""
        self._told()

    def close(self) -> None:
        """End all watches."""
        self._folders.close()

    def _told(self) -> Told:
        """Take what was told; a teller that has ended is taken for a loss, and opened anew."""
        teller = self._folders.teller
        try:
            return Told() if teller is None else teller.take()
        except OSError:
            self._folders.open_anew()
            return Told(is_lost=True)

    def _finish(self) -> Pending:
        pending, self._pending = self._pending, Pending(self._folders.top)
        for folder in pending.loose.values():
            self._folders.let_go(folder)
        return pending

    def _identify(self) -> tuple[int, int] | None:
        try:
            status = os.lstat(self._root)
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _begin_anew(self) -> None:
        """Start over after the root was deleted or replaced by another folder."""
        self._root_id = self._identify()
        self.troubles.is_root_gone = self._root_id is None
        self._folders.unwatch(self._folders.top)
        if self._root_id is not None:
            self._folders.open_anew()
        self._compare_all()

    def _compare_all(self) -> None:
        """Rescan everything, since events were lost."""
        self._is_lost = False
        self._pending.is_rescan = True
        self._pending.note(self._clock.boot_ns())
        with self._folders.watching_anew():
            self._folders.explore([self._folders.top], self._pending)

    def _scan(self) -> None:
        now_ns = self._clock.boot_ns()
        is_covered = self._folders.is_covered
        if not (is_covered or self._folders.unwatched) or now_ns < self._next_scan_ns:
            return
        self._next_scan_ns = now_ns + (COVERED_PAUSE_NS if is_covered else SCAN_PAUSE_NS)
        marked = len(self._pending.before)
        self._folders.scan_some(self._pending)
        if len(self._pending.before) > marked:
            self._pending.is_rescan = True
            self._pending.note(self._clock.boot_ns())

    def _take(self, told: Told) -> None:
        """Apply what was told, in order; contents are read later, once per burst."""
        self._is_lost |= told.is_lost
        new: dict[tuple[Folder, str], None] = {}
        for event in told.events:
            self._take_one(event, new)
        self._take_hints(told.hints, new)
        if new:
            self._folders.enter(new, self._pending)

    def _take_one(self, event: Event, new: dict[tuple[Folder, str], None]) -> None:
        if event.mask & kernel.OVERFLOW:
            self._is_lost = True
            return
        if event.mask & kernel.IGNORED:
            self._folders.is_ignored(event.wd)
            return
        folder = self._folders.of(event.wd)
        if folder is None or not event.name:
            return
        if event.name == GIT and folder.parent is not None:
            self._stale[folder.parent] = None  # now a nested repository, or no longer
        if not self._rules.counts(event.name):
            return
        self._pending.note(self._clock.boot_ns())
        if event.mask & kernel.IS_FOLDER:
            self._take_folder(folder, event, new)
        else:
            self._take_file(folder, event)

    def _take_file(self, folder: Folder, event: Event) -> None:
        if event.mask & kernel.MOVED_FROM:
            self._pending.move_file_from(folder, event.name, event.cookie)
        elif event.mask & kernel.MOVED_TO:
            self._pending.move_file_to(event.cookie)
        if event.name in IGNORE_FILES:
            self._stale[folder] = None
        if event.mask & _GOES:
            self._pending.gone[folder, event.name] = self._pending.last_ns
        self._pending.mark(folder, event.name)

    def _take_folder(
        self, folder: Folder, event: Event, new: dict[tuple[Folder, str], None]
    ) -> None:
        name, child = event.name, folder.folders.get(event.name)
        if event.mask & _GOES:
            new.pop((folder, name), None)
            if child is not None:
                is_moved = bool(event.mask & kernel.MOVED_FROM)
                self._pending.detach(child, event.cookie if is_moved else None)
                if not is_moved:
                    self._folders.let_go(child)
        elif event.mask & _APPEARS:
            moved = self._pending.loose.pop(event.cookie, None) if event.cookie else None
            if child is not None:
                self._pending.detach(child)
                self._folders.let_go(child)
            if moved is not None:
                self._pending.attach(moved, folder, name)
            new[folder, name] = None
        elif child is None or child.is_unreadable:
            new[folder, name] = None  # it may be readable now

    def _take_hints(self, hints: Sequence[Hint], new: dict[tuple[Folder, str], None]) -> None:
        """Apply names: renames first, so that what moved is known at its place; then the disk."""
        for hint in hints:
            if hint.moved_to is not None:
                self._take_move(hint.path, hint.moved_to, new)
        named = (path for hint in hints for path in (hint.path, hint.moved_to) if path is not None)
        for path in dict.fromkeys(named):
            self._take_name(path, new)

    def _take_move(self, path: str, moved_to: str, new: dict[tuple[Folder, str], None]) -> None:
        source, target = self._folders.at(path), self._folders.at(moved_to)
        if source is None or target is None:
            return
        self._moves += 1
        child = source[0].folders.get(source[1])
        if child is None:
            self._pending.move_file_from(*source, self._moves)
            self._pending.move_file_to(self._moves)
        elif self._rules.counts(target[1]) and target[0].path_to(child) is None:
            for mask, (folder, name) in ((kernel.MOVED_FROM, source), (kernel.MOVED_TO, target)):
                self._take_folder(folder, Event(-1, mask, self._moves, name), new)

    def _take_name(self, path: str, new: dict[tuple[Folder, str], None]) -> None:
        """Apply what the disk says of one name: a teller may be late, or wrong."""
        place = self._folders.at(path)
        if place is None:
            return
        folder, name = place
        if name == GIT and folder.parent is not None:
            self._stale[folder.parent] = None
        if not self._rules.counts(name):
            return
        self._pending.note(self._clock.boot_ns())
        try:
            is_folder = stat.S_ISDIR(os.lstat(path).st_mode)
        except OSError:
            is_folder = False
            self._pending.gone[place] = self._pending.last_ns
        if is_folder:
            new[place] = None
            if name not in folder.files:
                return
        elif name in folder.folders:
            self._take_folder(folder, Event(-1, kernel.DELETE, 0, name), new)
        if name in IGNORE_FILES:
            self._stale[folder] = None
        self._pending.mark(folder, name)
