"""Takes exclusive ownership of a session before sealing: stop it, wait for writers, lock it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.sessions.session_life import end_session
from signoff_collector.capture.sessions.session_listing import find_session, list_sessions
from signoff_schemas.errors import NotFoundError, SessionOverError

if TYPE_CHECKING:
    from collections.abc import Generator

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

WAIT_S: Final = 30.0
"""Time that writers have to release the session after they were asked to stop."""
SEALER_WAIT_S: Final = 600.0
"""Time to wait for another sealer, which ends by itself."""
BEING_SEALED: Final = "being sealed or forgotten in by another Signoff, which ends by itself"
_CALLED: Final = {
    "files": "the watcher of files",
    "git": "the watcher of git",
    "run": "`signoff run`",
    "shell": "a shell",
}
_LOOK_S: Final = 0.05


def choose_session(home: Home, name: str | None, folder: Path) -> Session:
    """Return the session of that id, or the newest one whose workspace contains `folder`.

    Raises:
        NotFoundError: there is none.
    """
    if name is not None:
        return find_session(home, name)
    here = folder.resolve()
    mine = [one for one in list_sessions(home) if here == one.root or one.root in here.parents]
    if not mine:
        raise NotFoundError(
            f"no session was recorded in {here}", hint="`signoff list` shows every session."
        )
    return max(mine, key=lambda one: (one.started_wall_ns, one.id))


def holders_of(session: Session) -> str:
    """Describe who holds a session: a sealer, or its writers."""
    from signoff_collector.forgetting.session_traces import open_segments, writers_of

    if session.is_owned():
        return BEING_SEALED
    names = [
        path.name.partition("-")[0] for one in writers_of(session) for path in open_segments(one)
    ]
    called = [_CALLED.get(name, f"an editor or program ({name})") for name in dict.fromkeys(names)]
    return " and ".join(called) or "a program that records into it"


@contextmanager
def owned(session: Session, home: Home, clock: Clock, *, wait_s: float = WAIT_S) -> Generator[None]:
    """Own a session within the context; an active one is stopped first.

    Raises:
        SignoffError: a writer, or another sealer, does not release it in time.
    """
    if not session.is_over(clock):
        session.ask("stop", clock=clock)
    end_session(home, session)
    end_ns = clock.boot_ns() + int(wait_s * 10**9)
    pause = threading.Event()
    while (lock := session.try_own()) is None:
        is_late = clock.boot_ns() > end_ns
        if is_late and not session.is_owned():
            raise SessionOverError(
                f"session {session.id} is still in use by {holders_of(session)} after {wait_s:g} s",
                hint="Close that, then seal again.",
            )
        if clock.boot_ns() > end_ns + int(SEALER_WAIT_S * 10**9):
            raise SessionOverError(
                f"session {session.id} is still {BEING_SEALED}", hint="`signoff list` says more."
            )
        pause.wait(_LOOK_S)
    with lock:
        yield
