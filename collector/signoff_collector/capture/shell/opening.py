"""`signoff watch --open`: begins the session that a shell's command line asked for.

The hook starts it in the background and hands the line over through a pipe, since the session's
folder is not there yet: so the line that began a session is in it.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.pytest_results import take_in
from signoff_collector.capture.sessions import open_session, sweep
from signoff_collector.capture.spool import MAX_FIELD_BYTES
from signoff_collector.capture.watch_process import ensure_watcher
from signoff_collector.capture.workspaces import find_workspace
from signoff_schemas.errors import NotFoundError, SessionOverError, UsageError

if TYPE_CHECKING:
    from typing import BinaryIO

    from signoff_collector.capture.sessions import Session
    from signoff_collector.clock import Clock
    from signoff_collector.home import Home

_SPOOL: Final = re.compile(r"shell-\d{1,10}-[0-9a-f]{8}\.spool")
_MAX_BYTES: Final = 2 * MAX_FIELD_BYTES
_TRIES: Final = 8


def open_for_shell(
    home: Home, folder: Path, spool: str | None, handed_over: BinaryIO, clock: Clock
) -> Session:
    """Open the session of a folder, see that it is watched, and put what was handed over into it.

    Raises:
        UsageError: the spool's name is none that a hook gives.
        NotFoundError: nothing is recorded in that folder now.
        SignoffError: the session cannot be opened.
    """
    if spool is not None and not _SPOOL.fullmatch(spool):
        raise UsageError(f"not the name of a shell's spool: {spool!r}")
    workspace = find_workspace(home, folder, clock=clock)
    if workspace is None:
        raise NotFoundError(f"nothing is recorded in {folder}", hint="`signoff status` says why.")
    data = handed_over.read(_MAX_BYTES) if spool is not None else b""
    for _ in range(_TRIES):
        session = open_session(home, workspace, clock)
        with suppress(SessionOverError):
            hold = session.hold()
            try:
                if spool is not None and data:
                    _append(session.folder / spool, data)
                take_in(home, session, is_private=b"\0private\0" in data[:64])
                ensure_watcher(session, home)
            finally:
                hold.release()
            sweep(home, clock)
            return session
    raise SessionOverError(f"the sessions of {workspace.root} end as soon as they begin")


def _append(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
