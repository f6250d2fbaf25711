"""`signoff discard`: delete one session or one episode."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.controls import wait_for_writers
from signoff_collector.capture.sessions.sessions import (
    damaged_sessions,
    find_session,
    list_sessions,
    sealed_as,
)
from signoff_collector.commands.erasing import (
    add_erasing,
    between,
    counted,
    may_erase,
    named,
    say_going,
)
from signoff_collector.forgetting.forget_preview import files_in, session_preview
from signoff_collector.forgetting.session_removal import (
    end_for_removal,
    episode_of,
    remove_leftovers,
    remove_session,
)
from signoff_collector.kept.episode_files import (
    is_signed,
    names_of,
    removable_files,
    remove_episode,
)
from signoff_collector.kept.replaced_files import replaced_concerned
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_schemas.errors import PartlyDoneError, RefusedError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from pathlib import Path

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console
    from signoff_collector.system.clock import Clock

SUMMARY = "Delete one session's raw history, or one episode."
EXAMPLE = "signoff discard 3f9a"

_NO_WAY_BACK: Final = "There is no undo."
_SESSION: Final = re.compile(r"\d{8}T")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("what", metavar="SESSION|EPISODE", help="as `signoff list` names them")
    add_erasing(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Find out which of the two is meant, say it, ask, delete it, say what stays."""
    home, clock = resolve_home(), SystemClock()
    name: str = arguments.what
    damaged = [folder for folder in damaged_sessions(home) if folder.name == name]
    if damaged:
        console.say(f"{name}, which cannot be read as a session")
        if may_erase(arguments, console, f"Delete {name} for good? {_NO_WAY_BACK}"):
            _discard_damaged(damaged[0], console)
    elif _SESSION.match(name):
        session = find_session(home, name)
        say_going(session_preview(clock, session), console)
        if _replaced_in(home, session):
            console.say(f"What the last `signoff restore` replaced in {session.root}")
        question = f"Delete the raw history of session {session.id} for good? {_NO_WAY_BACK}"
        if may_erase(arguments, console, question):
            _discard_session(home, clock, session, console)
    else:
        path = _own_episode(home, name)
        _say_episode(home, path, console)
        if may_erase(arguments, console, f"Delete {path.stem} for good? {_NO_WAY_BACK}"):
            _discard_episode(home, path, console)
    return 0


def _discard_session(home: Home, clock: Clock, session: Session, console: Console) -> None:
    remove_leftovers(home)
    end_for_removal(home, session, clock)
    if wait_for_writers(session) or (lock := session.try_own()) is None:
        raise PartlyDoneError(
            f"session {session.id} was ended, but a process still writes to it or seals it",
            hint=f"Run `signoff discard {session.id}` again in a moment.",
        )
    with lock:
        episode = episode_of(session)
        remove_session(home, session)
        for place in _replaced_in(home, session):
            place.unlink(missing_ok=True)
    if console.is_json:
        console.row({"discarded": session.id, "kind": "session"})
    console.say(f"Deleted: session {session.id}")
    if episode is not None:
        console.say(f"Kept: its episode {episode.stem} (`signoff discard {episode.stem}`).")


def _replaced_in(home: Home, session: Session) -> Iterable[Path]:
    return replaced_concerned(home, lambda kept: kept.root == str(session.root))


def _own_episode(home: Home, name: str) -> Path:
    """Return the file of an episode that is kept here.

    Raises:
        NotFoundError: there is none of that name.
        RefusedError: it lies elsewhere.
    """
    from signoff_collector.episode.locating import locate

    path = locate(home, name)
    if path.resolve().parent != home.episodes.resolve():
        raise RefusedError(
            f"{path} is not among Signoff's own episodes", hint="Delete that file yourself."
        )
    return path


def _say_episode(home: Home, path: Path, console: Console) -> None:
    """Name an episode: the session it is of and when that was, its files, what goes with it."""
    removed = list(
        dict.fromkeys(file.name for name in names_of(path) for file in removable_files(home, name))
    )
    console.say(f"episode {path.stem}, with the files derived from it: {named(removed)}")
    sealed = [(session, sealed_as(session)) for session in list_sessions(home)]
    for session in (one for one, seal in sealed if seal is not None and seal.path == path):
        ended_ns = session.last_activity_ns(SystemClock()) - session.started_boot_ns
        began_ns = session.started_wall_ns
        console.say(
            f"  of session {session.id} in {session.root}, {between(began_ns, began_ns + ended_ns)}"
        )
    if files := files_in(path):
        console.say(f"  {counted(len(files), 'file')}: {named(files)}")
    if is_signed(path):
        console.say("  It is signed: a copy that was uploaded stays (`signoff withdraw`).")
    if console.is_json:
        console.row({"going": {"episodes": removed, "paths": sorted(files)}})


def _discard_episode(home: Home, path: Path, console: Console) -> None:
    remove_leftovers(home)
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
