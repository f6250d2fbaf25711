"""Be told of changes by FSEvents (macOS) or ReadDirectoryChangesW (Windows), through watchdog.

Both watch everything below one root at no cost per folder. Both may lose events: watchdog keeps
silent about that, so its emitters are told here to say it. Whoever uses this compares files
nevertheless: nothing promises that a loss is always said.
"""

from __future__ import annotations

import errno
import os
import queue
import sys
import threading
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from signoff_collector.system.files.teller import MOST_HINTS, Hint, Told

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers.api import EventEmitter

_CALLED: Final = {"darwin": "fsevents", "win32": "windows"}
_DRAINED_BYTES: Final = 4_096
_BUFFERS: Final = "_buf_queue"
FSEVENTS_LOST: Final = 0x1 | 0x2 | 0x4
"""MustScanSubDirs, UserDropped, KernelDropped (FSEvents.h)."""


def why_not() -> str | None:
    """Return why watchdog cannot be used on this system, or None where it can."""
    try:
        _emitter(lambda: None)
    except ImportError as error:
        return str(error)
    return None


class WatchdogTeller:
    """One recursive watch by watchdog's threads; a pipe wakes whoever waits."""

    covers_root = True

    def __init__(self, root: str) -> None:
        """Watch; returns once the system does.

        Raises:
            OSError: the folder cannot be watched, or watchdog is not installed.
        """
        try:
            from watchdog.observers.api import BaseObserver

            emitter = _emitter(self._lose)
        except ImportError as error:
            raise OSError(errno.ENOSYS, f"watchdog cannot be loaded: {error}") from error
        if not os.path.isdir(root):  # noqa: PTH112  Windows reports it in a thread
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        self.called = _CALLED.get(sys.platform, "inotify")
        self.is_exhausted = False
        self._lock = threading.Lock()
        self._hints: list[Hint] = []
        self._is_lost = False
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)
        self._observer = BaseObserver(emitter)
        watched = unicodedata.normalize("NFC", root) if sys.platform == "darwin" else root
        try:
            self._observer.schedule(
                _handler(self._add), watched, recursive=True, event_filter=_wanted()
            )
            self._observer.start()
            self._emitters = tuple(self._observer.emitters)
        except Exception as error:
            self._close_pipe()
            raise OSError(errno.EIO, f"watchdog cannot watch: {type(error).__name__}") from error

    def watch(self, folder: str) -> int | None:
        """Return None: the root covers it."""
        del folder
        return None

    def drop(self, number: int) -> None:
        """Do nothing: there are no watches of single folders."""

    def forget(self) -> None:
        """Do nothing: there are no watches of single folders."""

    def fileno(self) -> int:
        """Return the reading end of a pipe."""
        return self._reading

    def take(self) -> Told:
        """Return the hints since the last time.

        Raises:
            OSError: a thread of watchdog has ended, so nothing more will be told.
        """
        while True:
            try:
                if len(os.read(self._reading, _DRAINED_BYTES)) < _DRAINED_BYTES:
                    break
            except BlockingIOError:
                break
        with self._lock:
            hints, self._hints = self._hints, []
            is_lost, self._is_lost = self._is_lost, False
        if not all(thread.is_alive() for thread in (self._observer, *self._emitters)):
            raise OSError(errno.EIO, "the thread that watches has ended")
        return Told(hints=hints, is_lost=is_lost)

    def close(self) -> None:
        """End watchdog's threads, then close the pipe."""
        self._observer.stop()
        self._observer.join()
        self._close_pipe()

    def _close_pipe(self) -> None:
        with self._lock:
            for descriptor in (self._reading, self._writing):
                if descriptor >= 0:
                    os.close(descriptor)
            self._reading = self._writing = -1

    def _add(self, event: FileSystemEvent) -> None:
        """Keep what watchdog names; called by its thread."""
        moved_to = os.fsdecode(event.dest_path) or None
        hint = Hint(os.fsdecode(event.src_path), moved_to)
        with self._lock:
            if len(self._hints) >= MOST_HINTS:
                self._hints.clear()
                self._is_lost = True
            if not self._hints or self._hints[-1] != hint:
                self._hints.append(hint)
            self._wake()

    def _lose(self) -> None:
        """Note that the system has dropped events; called by watchdog's thread."""
        with self._lock:
            self._is_lost = True
            self._wake()

    def _wake(self) -> None:
        if self._writing < 0:
            return
        try:
            os.write(self._writing, b".")
        except BlockingIOError:
            return  # it is full, so whoever waits is awake


class Buffers(queue.Queue[tuple[bytes, bool]]):
    """The queue in which watchdog's reader of Windows puts each buffer that the system filled.

    An empty one is how Windows says that it had more to tell than there was room for
    (ReadDirectoryChangesW); watchdog passes over it.
    """

    def __init__(self, lose: Callable[[], None]) -> None:
        super().__init__()
        self._lose = lose

    def put(
        self, item: tuple[bytes, bool], block: bool = True, timeout: float | None = None
    ) -> None:
        """Put a buffer, and say so if it is empty."""
        if not item[0]:
            self._lose()
        super().put(item, block, timeout)


def _wanted() -> list[type[FileSystemEvent]]:
    """Return what is asked for: not that a file was opened, nor that a folder's list changed.

    Every entry that comes or goes is named itself, and without a filter watchdog 7.1 is busy for
    ever with 20,000 folders on Linux.
    """
    from watchdog import events

    return [
        *(events.FileCreatedEvent, events.FileModifiedEvent, events.FileDeletedEvent),
        *(events.FileMovedEvent, events.FileAttribEvent, events.FileClosedEvent),
        *(events.DirCreatedEvent, events.DirDeletedEvent, events.DirMovedEvent),
        events.DirAttribEvent,
    ]


def _emitter(lose: Callable[[], None]) -> type[EventEmitter]:
    """Return the system's emitter, which calls `lose` when the system says that it dropped events.

    Raises:
        ImportError: watchdog has nothing for this system.
    """
    if sys.platform == "darwin":
        return _fsevents(lose)
    if sys.platform == "win32":
        return _windows(lose)
    from watchdog.observers.inotify import InotifyEmitter

    return InotifyEmitter  # for tests: Linux has a teller of its own


def _fsevents(lose: Callable[[], None]) -> type[EventEmitter]:
    from watchdog.observers.fsevents import FSEventsEmitter

    class Emitter(FSEventsEmitter):
        """Reads the flags that watchdog leaves out."""

        def events_callback(
            self, paths: list[bytes], inodes: list[int], flags: list[int], ids: list[int]
        ) -> None:
            if any(flag & FSEVENTS_LOST for flag in flags):
                lose()
            super().events_callback(paths, inodes, flags, ids)

    return Emitter


def _windows(lose: Callable[[], None]) -> type[EventEmitter]:
    from watchdog.observers.read_directory_changes import WindowsApiEmitter

    class Emitter(WindowsApiEmitter):
        """Reads the buffers that watchdog leaves out."""

        def on_thread_start(self) -> None:
            super().on_thread_start()
            reader = self._reader
            if reader is not None:
                # watchdog has no other way to see them
                earlier: queue.Queue[tuple[bytes, bool]] = getattr(reader, _BUFFERS)
                buffers = Buffers(lose)
                setattr(reader, _BUFFERS, buffers)
                while not earlier.empty():
                    buffers.put(earlier.get())

    return Emitter


def _handler(add: Callable[[FileSystemEvent], None]) -> FileSystemEventHandler:
    from watchdog.events import FileSystemEventHandler

    class Handler(FileSystemEventHandler):
        """Hands every event on as it is."""

        def dispatch(self, event: FileSystemEvent) -> None:
            add(event)

    return Handler()
