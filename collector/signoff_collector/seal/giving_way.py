"""Cancels sealing when a `forget` needs the session: nothing is written, the lock is released.

A session of 100,000 files takes a minute to seal, often in a background sweep, and a `forget` must
not wait for that. It writes its request to the session's `control` file before it asks for the
lock. A thread of the sealer polls that file, and interrupts the main thread by a signal, as Ctrl-C
would.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NoReturn

from signoff_collector.forgetting.forget_requests import pending_requests
from signoff_collector.system.processes import INTERRUPTING
from signoff_schemas.errors import GaveWayError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Generator

    from signoff_collector.capture.sessions.session_folder import Session
    from signoff_collector.own_files.home import Home

LET_PASS_S: Final = 20.0
"""How long a sweep that was cancelled waits for the `forget`."""
_LOOK_S: Final = 0.1


@contextmanager
def gives_way(session: Session) -> Generator[None]:
    """Interrupt the body when a `forget` asks for the session; no-op outside the main thread.

    Raises:
        GaveWayError: a `forget` asked for it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    done = threading.Event()
    known = _requests(session)

    def watch() -> None:
        while not done.wait(_LOOK_S):
            if _requests(session) - known:
                signal.raise_signal(INTERRUPTING)
                return

    def stop(*_: object) -> None:
        if not done.is_set():
            done.set()
            _give_way(session)

    before = signal.signal(INTERRUPTING, stop)
    watcher = threading.Thread(target=watch, name="gives way", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        signal.signal(INTERRUPTING, before)


def let_pass(home: Home) -> None:
    """Wait until no `forget` request is pending, at most `LET_PASS_S`."""
    pause = threading.Event()
    for _ in range(int(LET_PASS_S / _LOOK_S)):
        if not pending_requests(home):
            return
        pause.wait(_LOOK_S)


def _give_way(session: Session) -> NoReturn:
    raise GaveWayError(f"sealing session {session.id} stopped for a `signoff forget`")


def _requests(session: Session) -> set[str]:
    """Return the ids of `forget` requests in the session's control file."""
    with contextlib.suppress(SignoffError, OSError):
        lines = session.control_lines()
        return {line.fields.get("request", "") for line in lines} - {""}
    return set()
