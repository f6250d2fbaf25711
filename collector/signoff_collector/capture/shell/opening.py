"""`signoff watch --open`: open the session that a shell's command line asked for.

The hook starts it in the background and passes the line through a pipe, since the session's folder
does not exist yet: so the session contains the line that opened it. Lines typed until the hook
finds the session wait in `state/shell-<pid>-<8hex>.<workspace>.lines`; they are moved in here too.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.spool import MAX_FIELD_BYTES, MAX_SPOOL_BYTES
from signoff_collector.capture.opt_in.workspaces import find_workspace
from signoff_collector.capture.sessions.sessions import hold_workspace, sweep
from signoff_collector.capture.sessions.starting_watcher import ensure_watcher
from signoff_collector.capture.test_results.pytest_results import take_in
from signoff_collector.system.files.opening import open_to_read, open_to_write
from signoff_schemas.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from typing import BinaryIO

    from signoff_collector.capture.opt_in.workspaces import Workspace
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

_SPOOL: Final = re.compile(r"shell-\d{1,10}-[0-9a-f]{8}\.spool")
_MAX_BYTES: Final = 2 * MAX_FIELD_BYTES
_LOOKS: Final = 20
_LOOK_EVERY_S: Final = 0.1
"""Poll interval: a hook that looked just before may still be writing its line."""
_WAITS_S: Final = 120
"""Waiting lines whose opener was killed are removed by the next one after this time."""


def open_for_shell(
    home: Home, folder: Path, spool: str | None, handed_over: BinaryIO, clock: Clock
) -> Session:
    """Open the session of a folder, make sure it is watched, and write the passed lines into it.

    Raises:
        UsageError: the spool's name is not one that a hook gives.
        NotFoundError: nothing is recorded in that folder now.
        SignoffError: the session cannot be opened.
    """
    if spool is not None and not _SPOOL.fullmatch(spool):
        raise UsageError(f"not the name of a shell's spool: {spool!r}")
    workspace = find_workspace(home, folder, clock=clock)
    if workspace is None:
        if spool is not None:
            drop_waiting(home, spool)
        raise NotFoundError(f"nothing is recorded in {folder}", hint="`signoff status` says why.")
    if spool is None:
        return _put(home, workspace, clock, None, b"")
    waiting = home.state / f"{spool.removesuffix('.spool')}.{workspace.identifier}.lines"
    try:
        session = _put(home, workspace, clock, spool, handed_over.read(_MAX_BYTES))
    except BaseException:
        drop_waiting(home, spool)  # no session, so nothing is kept
        raise
    with ExitStack() as stack:
        files: list[BinaryIO] = []
        for look in range(_LOOKS):
            if look:
                time.sleep(_LOOK_EVERY_S)
            with suppress(FileNotFoundError):
                files.append(stack.enter_context(_claimed(waiting)))
            data = b"".join(file.read(MAX_SPOOL_BYTES) for file in files)
            if data and find_workspace(home, folder, clock=clock) is not None:
                session = _put(home, workspace, clock, spool, data)
    _remove_old(home)
    return session


def drop_waiting(home: Home, spool: str = "*.spool") -> None:
    """Remove the lines that wait for a session: those of one shell, or all."""
    for path in home.state.glob(f"{spool.removesuffix('.spool')}.*.lines*"):
        path.unlink(missing_ok=True)


def _put(home: Home, workspace: Workspace, clock: Clock, spool: str | None, data: bytes) -> Session:
    """Write into the active session, or open one.

    Raises:
        SignoffError: the session cannot be opened.
    """
    session, hold = hold_workspace(home, workspace, clock)
    try:
        if spool is not None and data:
            _append(session.folder / spool, data)
        take_in(home, session, is_private=b"\0private\0" in data[:64])
        ensure_watcher(session, home)
    finally:
        hold.release()
    sweep(home, clock)
    return session


def _claimed(path: Path) -> BinaryIO:
    """Claim a file of waiting lines by renaming it; later writes to it are included.

    Raises:
        FileNotFoundError: no line waits.
    """
    mine = path.with_name(f"{path.name}.{os.getpid()}")
    path.rename(mine)
    descriptor = open_to_read(mine)
    mine.unlink()
    return os.fdopen(descriptor, "rb")


def _remove_old(home: Home) -> None:
    now_s = time.time()  # noqa: TID251  as the file system counts
    for path in home.state.glob("shell-*.lines*"):
        with suppress(FileNotFoundError):
            if now_s - path.stat().st_mtime > _WAITS_S:
                path.unlink()


def _append(path: Path, data: bytes) -> None:
    descriptor = open_to_write(path, os.O_APPEND | os.O_CREAT)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
