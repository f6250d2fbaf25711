"""A stand-in for watchdog's native module of macOS (`_watchdog_fsevents`), which looks by itself.

It calls back as FSEvents does: from a thread, late, with what happened to one path joined into one
set of flags. It cannot show at which moments the real one does so, nor when it loses something.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Final

_FLAGS: Final = {
    "must_scan_subdirs": 0x1, "user_dropped": 0x2, "kernel_dropped": 0x4, "root_changed": 0x20,
    "created": 0x100, "removed": 0x200, "inode_meta_mod": 0x400, "renamed": 0x800,
    "modified": 0x1000, "owner_change": 0x4000, "xattr_mod": 0x8000, "directory": 0x20000,
}  # fmt: skip
CREATED, REMOVED, MODIFIED, DIRECTORY = 0x100, 0x200, 0x1000, 0x20000
_PAUSE_S: Final = 0.05
Callback = Callable[[list[str], list[int], list[int], list[int]], None]


class NativeEvent:
    """One event, with the names that watchdog asks for."""

    def __init__(self, path: str, inode: int, flags: int, event_id: int) -> None:
        self.path, self.inode, self.flags, self.event_id = path, inode, flags, event_id

    def __getattr__(self, name: str) -> bool:
        if not name.startswith("is_"):
            raise AttributeError(name)
        return bool(self.flags & _FLAGS.get(name[3:], 0))


class Stream:
    """Compares a tree with itself until it is stopped."""

    def __init__(self, paths: list[str], latency: float = 0) -> None:
        del latency
        self._root = paths[0]
        self._ended = threading.Event()

    def run(self, callback: Callback, started: Callable[[], None]) -> None:
        before = self._look()
        started()
        while not self._ended.wait(_PAUSE_S):
            now = self._look()
            events = [
                (path, stamp[0], flags | (DIRECTORY if stamp[1] else 0))
                for path in sorted({*before, *now})
                for stamp, flags in [_told(before.get(path), now.get(path))]
                if flags
            ]
            before = now
            if events:
                paths, inodes, flags = (list(column) for column in zip(*events, strict=True))
                callback(paths, inodes, flags, list(range(len(events))))

    def stop(self) -> None:
        self._ended.set()

    def _look(self) -> dict[str, tuple[int, bool, int]]:
        found = {}
        for folder, folders, files in os.walk(self._root):
            for name in (*folders, *files):
                try:
                    status = os.lstat(f"{folder}/{name}")
                except OSError:
                    continue
                is_folder = name in folders
                changed_ns = 0 if is_folder else status.st_ctime_ns
                found[f"{folder}/{name}"] = (status.st_ino, is_folder, changed_ns)
        return found


def _told(
    before: tuple[int, bool, int] | None, now: tuple[int, bool, int] | None
) -> tuple[tuple[int, bool, int], int]:
    if before is None or now is None:
        stamp = now or before
        assert stamp is not None
        return stamp, CREATED if before is None else REMOVED
    return now, 0 if before == now else MODIFIED
