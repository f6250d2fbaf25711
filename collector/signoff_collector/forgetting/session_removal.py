"""Removes the folder of a session; a kill half-way leaves nothing that looks like a session."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.sessions.sessions import end_session, sealed_as
from signoff_collector.own_files.private_files import locked, sync_folder
from signoff_collector.own_files.unfinished import remove_unfinished
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

_GOING: Final = ".gone-"
RAW_KEPT: Final = frozenset({"session.json", "sealed.json", "alive"})
"""Files that stay when the raw history of a sealed session is removed; none has content."""


def remove_session(home: Home, session: Session) -> None:
    """Remove a session's folder; the caller owns the session, or it has no writer."""
    with locked(home.sessions / ".lock"):
        gone = home.sessions / f"{_GOING}{session.folder.name}"
        session.folder.rename(gone)
        sync_folder(home.sessions)
    shutil.rmtree(gone, ignore_errors=True)


def remove_leftovers(home: Home) -> None:
    """Remove remains of killed removals and temporary files of killed writers."""
    remove_unfinished(home)
    if home.sessions.is_dir():
        for folder in home.sessions.glob(f"{_GOING}*"):
            shutil.rmtree(folder, ignore_errors=True)


def remove_raw(session: Session) -> None:
    """Remove the raw history of a sealed session: journals, blobs, spools, gathered facts."""
    for path in session.folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name not in RAW_KEPT:
            path.unlink(missing_ok=True)


def end_for_removal(home: Home, session: Session, clock: Clock) -> None:
    """End an active session, so that it can be removed."""
    if session.is_active:
        session.ask("stop", clock=clock)
        end_session(home, session)


def episode_of(session: Session) -> Path | None:
    """Give the episode a session became, when the file is still there."""
    try:
        sealed = sealed_as(session)
    except SignoffError:
        return None
    return sealed.path if sealed is not None and sealed.path.exists() else None
