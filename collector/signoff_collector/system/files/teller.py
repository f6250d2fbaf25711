"""What tells of changes on disk: the seam between the file watcher and the systems.

Inotify says what happened in each watched folder, in order. FSEvents and ReadDirectoryChangesW,
reached through watchdog (`watchdog_teller`), name paths below one root, late, joined and sometimes
not at all: a name is then a hint, and the disk is asked what is true of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from signoff_collector.system.files.inotify import Event, Inotify


class Hint(NamedTuple):
    """A path of which something is said to have changed."""

    path: str
    """Absolute, as the system spells it."""
    moved_to: str | None = None
    """Where it is now, if it was renamed below the root."""


class Told(NamedTuple):
    """What was told since the last time."""

    events: Sequence[Event] = ()
    """What inotify said, in order."""
    hints: Sequence[Hint] = ()
    """What the others named, in order."""
    is_lost: bool = False
    """Something was lost, and it is not known what: everything has to be compared."""


class Teller(Protocol):
    """One way to be told of changes below a root; not thread-safe."""

    called: str
    """The name of the way, as `watch.json` has it."""
    covers_root: bool
    """Whether folders need no watches of their own."""
    is_exhausted: bool
    """Set by the owner once a limit was reached: no more watches are requested."""

    def watch(self, folder: str) -> int | None:
        """Watch one folder and return the number of its watch; None where the root covers it.

        Raises:
            WatchLimitError: there are no watches left.
            OSError: it is not a folder, is a link, or may not be read.
        """
        ...

    def drop(self, number: int) -> None:
        """Remove a watch."""
        ...

    def forget(self) -> None:
        """Count one watch less: it was removed with its folder, or counted twice."""
        ...

    def fileno(self) -> int:
        """Return a descriptor that can be read once there is something to take."""
        ...

    def take(self) -> Told:
        """Return what was told since the last time; never blocks.

        Raises:
            OSError: nothing more will be told.
        """
        ...

    def close(self) -> None:
        """End all watches."""
        ...


class InotifyTeller(Inotify):
    """Linux's own: exact, and one watch for each folder."""

    called: str = "inotify"
    covers_root: bool = False

    def take(self) -> Told:
        """Return the pending events; an overflow is one of them."""
        return Told(events=self.read())


MOST_HINTS: Final = 100_000
"""A longer backlog is dropped: comparing everything costs less than so many names."""
