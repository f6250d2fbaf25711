"""`signoff discard`: delete one session or one episode."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.sessions import damaged_sessions, find_session, sealed_as
from signoff_collector.clock import SystemClock
from signoff_collector.controls import wait_for_writers
from signoff_collector.episode_files import names_of, remove_episode
from signoff_collector.home import resolve_home
from signoff_collector.session_removal import (
    end_for_removal,
    episode_of,
    remove_leftovers,
    remove_session,
)
from signoff_schemas.errors import PartlyDoneError, RefusedError

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from signoff_collector.capture.sessions import Session
    from signoff_collector.clock import Clock
    from signoff_collector.console import Console
    from signoff_collector.home import Home

SUMMARY = "Delete one session's raw history, or one episode."
EXAMPLE = "signoff discard 3f9a"

_SESSION: Final = re.compile(r"\d{8}T")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("what", metavar="SESSION|EPISODE", help="as `signoff list` names them")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Find out which of the two is meant, delete it, say what stays."""
    home, clock = resolve_home(), SystemClock()
    remove_leftovers(home)
    name: str = arguments.what
    damaged = [folder for folder in damaged_sessions(home) if folder.name == name]
    if damaged:
        _discard_damaged(damaged[0], console)
    elif _SESSION.match(name):
        _discard_session(home, clock, find_session(home, name), console)
    else:
        _discard_episode(home, name, console)
    return 0


def _discard_session(home: Home, clock: Clock, session: Session, console: Console) -> None:
    end_for_removal(home, session, clock)
    if wait_for_writers(session) or (lock := session.try_own()) is None:
        raise PartlyDoneError(
            f"session {session.id} was ended, but somebody still writes or seals it",
            hint=f"Run `signoff discard {session.id}` again in a moment.",
        )
    with lock:
        episode = episode_of(session)
        remove_session(home, session)
    if console.is_json:
        console.row({"discarded": session.id, "kind": "session"})
    console.say(f"Deleted: session {session.id}")
    if episode is not None:
        console.say(f"Kept: its episode {episode.stem} (`signoff discard {episode.stem}`).")


def _discard_episode(home: Home, name: str, console: Console) -> None:
    from signoff_collector.capture.sessions import list_sessions
    from signoff_collector.episode.locating import locate

    path = locate(home, name)
    if path.resolve().parent != home.episodes.resolve():
        raise RefusedError(
            f"{path} is not among Signoff's own episodes", hint="Delete that file yourself."
        )
    digest, own_name = names_of(path)
    removed = remove_episode(home, digest) + remove_episode(home, own_name)
    if console.is_json:
        console.row({"discarded": digest, "kind": "episode", "files": removed})
    console.say(f"Deleted: {', '.join(removed)}")
    for session in list_sessions(home):
        sealed = sealed_as(session)
        if sealed is not None and sealed.sha256 == digest:
            console.say(
                f"Kept: the raw history of session {session.id} until it is purged "
                f"(`signoff discard {session.id}`)."
            )


def _discard_damaged(folder: Path, console: Console) -> None:
    shutil.rmtree(folder)
    if console.is_json:
        console.row({"discarded": folder.name, "kind": "damaged"})
    console.say(f"Deleted: {folder.name}, which could not be read as a session")
