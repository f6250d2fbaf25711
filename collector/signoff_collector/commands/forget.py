"""`signoff forget`: erase what was recorded, from journals and from sealed episodes."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.commands.choosing import root_around
from signoff_collector.commands.erasing import add_erasing, counted, may_erase
from signoff_collector.commands.words import TIMES, since_ns
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_collector.system.files.spelling import true_path
from signoff_schemas.errors import NotFoundError, SignoffError, UsageError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.forgetting.forget_requests import ForgetRequest
    from signoff_collector.forgetting.forgetting import Forgotten
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console
    from signoff_collector.system.clock import Clock

SUMMARY = "Erase what was recorded: a time, a file, an episode, or everything."
EXAMPLE = "signoff forget --last 5m"

_SPECIAL: Final = re.compile(r"([\\*?\[\]!# ])")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("episode", nargs="?", metavar="EPISODE", help="episode, session or `live`")
    parser.add_argument("--last", metavar="5m", help=f"the last 5m, or since: {TIMES}")
    parser.add_argument(
        "--path", metavar="G", help="a file, a folder, or a pattern as in .gitignore"
    )
    parser.add_argument("--before", metavar="D", help=f"all that is older than: {TIMES}")
    parser.add_argument("--all", action="store_true", help="everything, in every workspace")
    parser.add_argument("--finish", action="store_true", help="complete an interrupted `forget`")
    parser.add_argument(
        "--everywhere",
        action="store_true",
        help="all workspaces, not only that of the current folder",
    )
    add_erasing(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Work out what is meant, say it, ask, erase it, say what is left."""
    from signoff_collector.forgetting.forget_requests import pending_requests
    from signoff_collector.forgetting.forgetting import finish_forgetting, forget
    from signoff_collector.known_values.kept_values import drop_values

    home, clock = resolve_home(), SystemClock()
    if arguments.finish and not arguments.dry_run:  # what it completes was agreed to
        with console.counting("Erasing"):
            finished = finish_forgetting(home, clock)
        return _report(finished, home, console)
    requests = pending_requests(home) if arguments.finish else (_request(arguments, home, clock),)
    found = sum(_say_what_goes(home, clock, request, console) for request in requests)
    found += sum(_say_replaced(home, request, console) for request in requests)
    if arguments.all:
        console.say("Secret values learnt from sessions are erased too.")
    elif not found:
        console.say("Nothing recorded matches.")
        return 0
    if not may_erase(arguments, console, "Erase this for good? There is no undo."):
        return 0
    with console.counting("Erasing") as tell:
        finish_forgetting(home, clock)
        done = forget(home, clock, requests[0], progress=tell)
    if arguments.all:
        drop_values(home)
    return _report(done, home, console)


def _say_what_goes(home: Home, clock: Clock, request: ForgetRequest, console: Console) -> bool:
    """Name everything that a request erases; return whether there is anything."""
    from signoff_collector.commands.erasing import say_going
    from signoff_collector.forgetting.forget_preview import forget_preview, lone_episodes

    with console.counting("Looking for what to erase") as tell:
        going = forget_preview(home, clock, request, progress=tell)
    for one in going:
        say_going(one, console)
    alone = lone_episodes(home, request, going)
    if alone:
        console.say(f"Episodes: {', '.join(alone)}")
        if console.is_json:
            console.row({"going": {"episodes": alone}})
    return bool(going or alone)


def _say_replaced(home: Home, request: ForgetRequest, console: Console) -> bool:
    """Name the workspaces of which no restore can be taken back afterwards."""
    from signoff_collector.forgetting.forgetting import replaced_by_restores

    replaced = replaced_by_restores(home, request)
    for root in sorted(replaced.values()):
        console.say(f"What the last `signoff restore` replaced in {root or 'a workspace'}")
        if console.is_json:
            console.row({"going": {"replaced": root}})
    return bool(replaced)


def _request(arguments: argparse.Namespace, home: Home, clock: Clock) -> ForgetRequest:
    from signoff_collector.forgetting.forgetting import make_request
    from signoff_collector.kept.episode_files import episode_paths, names_of

    spans = [arguments.last, arguments.before, arguments.path]
    ways = sum((arguments.episode is not None, arguments.all, any(spans)))
    if ways != 1 or (arguments.last and arguments.before):
        raise UsageError(
            "name exactly one thing to forget",
            hint="--last 5m, --path FILE, --before 2026-11-20, EPISODE, or --all.",
        )
    if arguments.all:
        names = [name for path in episode_paths(home) for name in names_of(path)]
        return make_request(clock, episodes=tuple(names))
    if arguments.episode is not None:
        return _named(arguments.episode, home, clock)
    root = None if arguments.everywhere else root_around(home, clock, Path.cwd())
    start_ns = since_ns(arguments.last, clock) if arguments.last else 0
    return make_request(
        clock,
        from_wall_ns=max(0, start_ns),
        to_wall_ns=_before_ns(arguments.before, clock) if arguments.before else None,
        pattern=None if arguments.path is None else pattern_for(arguments.path, Path.cwd(), root),
        roots=None if root is None else (os.fspath(root),),
    )


def _named(name: str, home: Home, clock: Clock) -> ForgetRequest:
    """Mean a session by its id, what goes on here by `live`, else an episode that is kept here.

    Raises:
        NotFoundError: there is none of that name, or a file is none of ours.
    """
    from signoff_collector.capture.sessions.sessions import active_session, list_sessions, sealed_as
    from signoff_collector.episode.locating import LIVE, locate
    from signoff_collector.forgetting.forgetting import make_request
    from signoff_collector.kept.episode_files import episode_paths, names_of

    if name == LIVE:
        workspace = Workspaces(home, clock).look_up(Path.cwd()).workspace
        session = None if workspace is None else active_session(home, workspace.root, clock)
        if session is None:
            raise NotFoundError("nothing is being recorded here", hint="`signoff list` shows all.")
        return make_request(clock, sessions=(session.id,))
    sessions = [session for session in list_sessions(home) if session.id.startswith(name)]
    if len(sessions) == 1:
        return make_request(clock, sessions=(sessions[0].id,))
    names = names_of(locate(home, name))
    behind = tuple(
        session.id
        for session in list_sessions(home)
        if (sealed := sealed_as(session)) is not None and sealed.sha256 in names
    )
    kept = {one for path in episode_paths(home) for one in names_of(path)}
    if not behind and kept.isdisjoint(names):
        raise NotFoundError(f"{name} is not an episode on this machine", hint="`signoff list`")
    return make_request(clock, sessions=behind, episodes=names)


def pattern_for(named: str, here: Path, root: Path | None) -> str:
    """Turn `--path` into a pattern relative to the workspace.

    A file or folder that is there, or an absolute path, means exactly itself; all else is a
    pattern already.

    Raises:
        UsageError: it is empty, a `!` pattern, or lies outside the workspace.
    """
    if not named.strip() or named.startswith("!") or "\n" in named:
        raise UsageError(
            f"not a path or pattern: {named!r}", hint="signoff forget --path 'docs/**'"
        )
    path = here / named
    if root is None or not (Path(named).is_absolute() or os.path.lexists(path)):
        return named
    real = true_path(path)
    if real == root:
        return "/**"
    if not real.is_relative_to(root):
        raise UsageError(f"{named} lies outside {root}", hint="Add --everywhere, or go there.")
    return "/" + _SPECIAL.sub(r"\\\1", real.relative_to(root).as_posix())


def _before_ns(text: str, clock: Clock) -> int:
    """Return the last nanosecond before a time, or before an age.

    Raises:
        UsageError: it is neither.
    """
    return since_ns(text, clock) - 1


def _report(done: Forgotten, home: Home, console: Console) -> int:
    """Say what was done; return the exit code."""
    if console.is_json:
        console.row(
            {
                "records": done.records,
                "sessions": done.sessions,
                "episodes_removed": done.episodes,
                "waiting": done.waiting,
            }
        )
    records, sessions = counted(done.records, "record"), counted(done.sessions, "session")
    console.say(f"Forgotten: {records} in {sessions}.")
    if done.episodes:
        console.say(f"Removed: {', '.join(done.episodes)}")
    if done.remaining:
        left = counted(done.remaining, "session")
        console.say(f"What is left of {left} is sealed again.")
    for session_id in done.waiting:
        console.say(
            f"! Session {session_id} is still open in {_holders(home, session_id)}: the rest is"
            " erased when that ends; until then no verb shows it."
        )
        console.say("  `signoff forget --finish` tries again.")
    console.say_lines(
        "Text that is still in a file stays in the file, and is recorded again as already there.\n"
        "Backups and uploaded episodes are not erased (`signoff withdraw EPISODE`)."
    )
    return 3 if done.waiting else 0


def _holders(home: Home, session_id: str) -> str:
    from signoff_collector.capture.sessions.sessions import list_sessions
    from signoff_collector.seal.gathering.owning import holders_of

    for session in list_sessions(home):
        if session.id == session_id:
            with contextlib.suppress(SignoffError):  # it is gone meanwhile
                return holders_of(session)
    return "a program that records into it"
