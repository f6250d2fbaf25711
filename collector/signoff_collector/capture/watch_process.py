"""The watcher child: one per session, started by whichever writer opens it, gone by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signoff_collector.capture.sessions import Session
    from signoff_collector.home import Home


def ensure_watcher(session: Session, home: Home) -> bool:
    """Start the git watcher of a session unless it has one; return whether one was started.

    Detached, of low priority; never raises and never waits for the child. Costs one flock when a
    watcher is there already.
    """
    del session, home
    return False
