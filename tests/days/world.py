"""Time, files' times, process ids and everything else around the code that a day drives.

The clock stands still but when a day moves it, and the times that files have are told by it: so
a day is the same each time. Everything below is the real code: journals, watchers, git, readers.
"""

from __future__ import annotations

import os
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import TracebackType
from typing import Any
from unittest.mock import patch

from tests.support.deadline import wait_until

from signoff_collector.system.clock import SystemClock

_COARSE = 5  # CLOCK_REALTIME_COARSE: what the kernel stamps files with
MS = 1_000_000
START_WALL_NS = 1_790_000_000 * 10**9
START_BOOT_NS = 100_000 * 10**9

_stat, _lstat, _fstat, _scandir = os.stat, os.lstat, os.fstat, os.scandir

JOURNAL = "signoff_collector.capture.journal.journal_writer"


class World:
    """The clock of a day, and which processes are at work in it."""

    def __init__(self) -> None:
        self.ms = 0
        self._real = [0]
        self._then = [0]
        self._has_written = True
        self.pid = 5_000_000
        """Of the process whose code runs now; no real one has such a number."""
        self._pids = 5_000_000
        self.alive: set[int] = set()

    def wrote(self) -> None:
        """Files were written since the clock stands here."""
        self._has_written = True

    def advance(self, ms: int) -> None:
        """Let time go by."""
        if ms <= 0:
            return
        if self._has_written:  # so that files written later have a later time
            # A file that was looked at and is written again is stamped with the exact time, which
            # the coarse clock may be behind even right after it has ticked.
            now = time.time_ns()
            ticked = "the clock that stamps files to tick"
            wait_until(lambda: time.clock_gettime_ns(_COARSE) > now, ticked, pause_s=0.0005)
            self._real.append(time.clock_gettime_ns(_COARSE))
            self._then.append(self.ms + ms)
            self._has_written = False
        else:
            self._then[-1] = self.ms + ms
        self.ms += ms

    def new_pid(self) -> int:
        """Return the id of a process that is alive from now on."""
        self._pids += 1
        self.alive.add(self._pids)
        return self._pids

    def wall_ns(self) -> int:
        return START_WALL_NS + self.ms * MS

    def boot_ns(self) -> int:
        return START_BOOT_NS + self.ms * MS

    def told_ns(self, real_ns: int) -> int:
        """Return when in this day a file was written, from what the kernel says."""
        place = bisect_right(self._real, real_ns) - 1
        return START_WALL_NS + self._then[place] * MS

    def told(self, found: os.stat_result) -> os.stat_result:
        """Return what the kernel says of a file, with the times of this day."""
        return os.stat_result(
            tuple(found),
            {
                "st_mtime_ns": self.told_ns(found.st_mtime_ns),
                "st_ctime_ns": self.told_ns(found.st_ctime_ns),
                "st_atime_ns": found.st_atime_ns,
                "st_blocks": found.st_blocks,
                "st_blksize": found.st_blksize,
            },
        )


class _Entry:
    def __init__(self, world: World, entry: os.DirEntry[str]) -> None:
        self._world, self._entry = world, entry
        self.name, self.path = entry.name, entry.path

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        return self._world.told(self._entry.stat(follow_symlinks=follow_symlinks))

    def __getattr__(self, name: str) -> object:
        return getattr(self._entry, name)

    def __fspath__(self) -> str:
        return self.path


class _Scan(AbstractContextManager["_Scan"]):
    def __init__(self, world: World, path: str) -> None:
        self._world, self._found = world, _scandir(path)

    def __iter__(self) -> Iterator[_Entry]:
        return (_Entry(self._world, entry) for entry in self._found)

    def __next__(self) -> _Entry:
        return _Entry(self._world, next(self._found))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._found.close()

    def close(self) -> None:
        self._found.close()


@contextmanager
def owned(world: World) -> Iterator[None]:
    """Let a day own the time and the processes."""
    from tests.days.hands import Later
    from tests.days.watching import SteppedFiles

    import signoff_bridge.service

    def stat(path: str, **words: bool) -> os.stat_result:
        return world.told(_stat(path, **words))

    def lstat(path: str, **words: bool) -> os.stat_result:
        return world.told(_lstat(path, **words))

    def nothing(*_: object, **__: object) -> None:
        return None

    clock: dict[str, Callable[[Any], object]] = {
        "boot_ns": lambda _: world.boot_ns(),
        "wall_ns": lambda _: world.wall_ns(),
        "asleep_ns": lambda _: 0,
        "boot_id": lambda _: "00000000-0000-4000-8000-000000000001",
    }
    patches = [
        patch.multiple(SystemClock, **clock),
        patch.multiple(
            os, stat=stat, lstat=lstat, fstat=lambda fd: world.told(_fstat(fd)),
            scandir=lambda path=".": _Scan(world, path), getpid=lambda: world.pid,
            fsync=nothing,
        ),
        patch("signoff_collector.own_files.unfinished.is_running", lambda pid: pid in world.alive),
        patch("signoff_collector.programs.launching.launch_detached", nothing),
        patch("signoff_collector.capture.sessions.session_life.launch_detached", nothing),
        patch("signoff_bridge.recording.recordings.ensure_watcher", nothing),
        patch("signoff_bridge.answers.pulse.Pulse.wake", nothing),
        patch("signoff_bridge.service.Prompts.meet", nothing),
        patch("signoff_bridge.service.Prompts.announce", nothing),
        patch("signoff_bridge.service.Health.look", nothing),
        patch.object(signoff_bridge.service, "WorkQueue", Later),
        patch(f"{JOURNAL}.JournalWriter._start_syncer", nothing),
        patch(f"{JOURNAL}.sync", nothing),
        patch(f"{JOURNAL}.sync_content", nothing),
        patch("signoff_collector.capture.files.file_recording.FileRecording", SteppedFiles),
    ]  # fmt: skip
    with ExitStack() as put:  # a patch that finds nothing takes those before it back
        for one in patches:
            put.enter_context(one)
        yield
