"""Starts the watcher process of a session (`files.watch_process`) unless it runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.sessions.git_seen import note_start
from signoff_collector.own_files.private_files import FileLock, try_lock
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.capture.sessions.session_folder import Session
    from signoff_collector.own_files.home import Home

_LOCK_NAME: Final = "watcher.lock"
_VALUES_KEPT: Final[set[str]] = set()
"""Sessions for which this process has stored its known values."""


def ensure_watcher(session: Session, home: Home) -> bool:
    """Start the watcher process of a session unless it has one; return whether one was started.

    Detached, with low priority; never raises and never waits for the child. Costs one flock when a
    watcher exists already. The caller has joined the session: the secret values in its environment
    are stored for sealing, once per process.
    """
    from signoff_collector.known_values.exact_values import handover
    from signoff_collector.programs.launching import launch_detached

    if session.id not in _VALUES_KEPT:
        from signoff_collector.known_values.kept_values import keep_values

        _VALUES_KEPT.add(session.id)
        keep_values(home, session.id, os.environ, session.root)
    try:
        if (lock := try_watcher_lock(session)) is None:
            return False
        lock.release()
        note_start(session)
        # The watcher starts sealing when the session is over, and must then know our secret values.
        extra_env = {"SIGNOFF_HOME": str(home.root), **handover(os.environ)}
        launch_detached(["watch", session.id], cwd=home.root, extra_env=extra_env)
    except (SignoffError, OSError):
        return False
    return True


def try_watcher_lock(session: Session) -> FileLock | None:
    """Take the lock that the watcher of a session holds; None while one runs."""
    return try_lock(session.folder / _LOCK_NAME)
