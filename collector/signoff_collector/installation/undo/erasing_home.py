"""Removing a home, or one that setup alone has used; never anything that is not ours."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import time
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.sessions.sessions import end_session, list_sessions, try_sweep_lock
from signoff_collector.known_values.kept_values import drop_values
from signoff_collector.own_files.home import CACHE_TAG
from signoff_collector.own_files.private_files import read_regular, storage_error
from signoff_collector.workspaces.enabled_list import EnabledList
from signoff_schemas.errors import PartlyDoneError, RefusedError, SignoffError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.own_files.home import Home
    from signoff_collector.own_files.private_files import FileLock
    from signoff_collector.system.clock import Clock

_OWN_NAMES: Final = frozenset({"config", "keys", "state", "data"})
_KEPT_EMPTY: Final = frozenset(
    {
        "CACHEDIR.TAG",
        "made_parents",
        "commands.lock",
        "setup.lock",
        "workspaces.lock",
        ".values.lock",
        ".lock",
        ".sweep",
        ".sweep-again",
    }
)
"""Files of a home in which nothing was ever enabled or recorded."""
_LET_GO_S: Final = 30.0
_LOOK_S: Final = 0.05


def holds_nothing(home: Home) -> bool:
    """Say whether a home has only its empty folders: no opt-in, history, episode or key."""
    return all(name in _KEPT_EMPTY for name in _file_names(home)) and _is_ours(home)


def refuse_foreign(home: Home) -> None:
    """Refuse a home that holds anything we did not make.

    Raises:
        RefusedError: it does, or has no mark of Signoff.
    """
    others = sorted({entry.name for entry in home.root.iterdir()} - _OWN_NAMES)
    if others or not _is_ours(home):
        what = f"holds {', '.join(others[:3])}" if others else "has no mark of Signoff"
        raise RefusedError(
            f"{home.root} {what}, so it is not deleted as a whole",
            hint="Look at it, and delete the files of Signoff by hand.",
        )


def let_go(home: Home, clock: Clock) -> FileLock | None:
    """Take every opt-in back, end every session, and wait until nobody writes.

    Returns the lock that keeps sealers out, to be held while the home is deleted; None where there
    are no sessions.

    Raises:
        PartlyDoneError: an editor or a sealer still holds something.
    """
    if (home.config / "workspaces.json").exists():
        with contextlib.suppress(SignoffError):
            EnabledList(home).change(lambda _: ())
    for session in list_sessions(home):
        if session.is_active:
            with contextlib.suppress(SignoffError):
                session.ask("disable", clock=clock)
                end_session(home, session)
    end = time.monotonic() + _LET_GO_S
    while _has_writers(home) or (lock := _sealers_lock(home)) is None:
        if not home.sessions.is_dir():
            return None
        if time.monotonic() >= end:
            raise PartlyDoneError(
                f"a program still writes in {home.root}",
                hint="Close your editors, then run `signoff uninstall --data` again.",
            )
        time.sleep(_LOOK_S)
    return lock


def erase(home: Home) -> None:
    """Delete a home and the folders above it that were made for it and are empty.

    Raises:
        SignoffError: something in it cannot be deleted.
    """
    refuse_foreign(home)
    above = _made_parents(home)
    drop_values(home)
    tag = home.state / "CACHEDIR.TAG"
    try:
        for name in ("keys", "data", "config", "state"):
            _erase_folder(home.root / name, last=tag)
        home.root.rmdir()
    except OSError as error:
        raise storage_error(error, home.root) from error
    for folder in above:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _erase_folder(folder: Path, *, last: Path) -> None:
    """Delete a folder, the mark that it is ours last: killed half-way it can be run again."""
    if not folder.exists():
        return
    for entry in sorted(folder.iterdir()):
        if entry == last or entry.name == "made_parents":
            continue
        if entry.is_dir() and not entry.is_symlink():
            _remove_tree(entry)
        else:
            entry.unlink()
    (folder / "made_parents").unlink(missing_ok=True)
    if last.parent == folder:
        last.unlink(missing_ok=True)
    folder.rmdir()


def _file_names(home: Home) -> list[str]:
    """Return the names of all files, but for those a kill left that were to replace others."""
    return [
        name
        for _, _, names in os.walk(home.root)
        for name in names
        if not (name.startswith(".") and name.endswith(".new"))
    ]


def _remove_tree(folder: Path) -> None:
    """Delete a folder from which others may still be taking their own files away."""
    end = time.monotonic() + _LET_GO_S
    while folder.exists():
        try:
            shutil.rmtree(folder)
        except OSError as error:
            may_pass = error.errno in {errno.ENOENT, errno.ENOTEMPTY}
            if not may_pass or time.monotonic() >= end:
                raise
            time.sleep(_LOOK_S)


def _is_ours(home: Home) -> bool:
    if not _file_names(home):
        return True  # killed while it was made, or while it was deleted
    try:
        return read_regular(home.state / "CACHEDIR.TAG", max_bytes=1 << 12) == CACHE_TAG
    except SignoffError:
        return False


def _has_writers(home: Home) -> bool:
    for session in list_sessions(home):
        with contextlib.suppress(SignoffError):
            if session.has_writers():
                return True
    return False


def _sealers_lock(home: Home) -> FileLock | None:
    return try_sweep_lock(home) if home.sessions.is_dir() else None


def _made_parents(home: Home) -> list[Path]:
    try:
        lines = os.fsdecode(read_regular(home.made_parents, max_bytes=1 << 16)).split("\n")
    except SignoffError:
        return []
    return [folder for folder in home.root.parents if str(folder) in lines]
