"""Detect whether git is changing a work tree right now, by the lock file of its index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.capture.git.git_refs import stamp
from signoff_collector.capture.git.git_repository import find_repository

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.system.clock import Clock

_OLDEST_NS: Final = 600 * 10**9
"""An older lock was left behind by a killed git and is ignored."""
LOCK_NAME: Final = "index.lock"


class GitAtWork:
    """Checks when called; costs a few `stat` calls."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root = root
        self._clock = clock

    def __call__(self) -> bool:
        """Whether a lock exists and is recent."""
        repository = find_repository(self._root)
        if repository is None:
            return False
        lock = stamp(repository.git_dir / LOCK_NAME)
        return lock is not None and abs(self._clock.wall_ns() - lock[2]) < _OLDEST_NS
