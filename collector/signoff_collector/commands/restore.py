"""`signoff restore`: get an old state of a file back."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.clock import SystemClock
from signoff_collector.commands.points import (
    history_of,
    list_points,
    nothing_recorded,
    present_of,
    size_words,
)
from signoff_collector.home import resolve_home
from signoff_schemas.errors import NotFoundError, RefusedError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from signoff_collector.clock import Clock
    from signoff_collector.console import Console
    from signoff_collector.history.local_sessions import LocalSession
    from signoff_collector.history.restoring import Present
    from signoff_collector.home import Home

SUMMARY: Final = "Get an old state of a file back: from any session of this machine, saved or not."
EXAMPLE: Final = "signoff restore src/app.py --at time:2026-11-22T10:41:00+01:00"
MOST_POINTS: Final = 30
_DIFF_LINES: Final = 400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("path", metavar="PATH", help="the file, which need not be there any more")
    parser.add_argument(
        "--at", metavar="A", help="N, step:S, time:+1h02m3s, time:RFC3339, start, end; else a list"
    )
    parser.add_argument(
        "--session", metavar="ID", help="the session that --at counts in, by its beginning"
    )
    parser.add_argument("--to", metavar="FILE", help="write a new file instead")
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="also over unsaved text and over changes that were never recorded",
    )
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    parser.add_argument("--all", action="store_true", help="list every point, not the newest 30")
    parser.add_argument("--raw", action="store_true", help="show secret values of this machine")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """List the points, or show the difference, ask, and write."""
    from signoff_collector.history.on_screen import screen_mask
    from signoff_collector.history.own_record import record_restore

    home, clock = resolve_home(), SystemClock()
    asked = _absolute(arguments.path)
    sessions = list(_sessions_of(asked, home, clock, arguments.session))
    mask = screen_mask(home, sessions[0][0].root if sessions else None, is_raw=arguments.raw)
    if arguments.at is None:
        most = None if arguments.all else MOST_POINTS
        return list_points(arguments.path, sessions, mask, console, most=most)
    chosen = _choose(arguments.path, sessions, arguments.at)
    if arguments.to is not None:
        return _write_elsewhere(chosen, Path(arguments.to), console)
    losses = _losses(chosen, present_of(chosen.session, chosen.path), home, clock)
    if not _agree(chosen, losses, arguments, mask, console):
        return 0
    record_restore(home, clock, chosen.session.root, chosen.path, ["restore", *_words(arguments)])
    _say_done(chosen, chosen.session.root / chosen.path, console)
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """One state of one file."""

    session: LocalSession
    path: str
    seq: int
    content: bytes
    mode: str | None


def _absolute(name: str) -> Path:
    """Return the path that was asked for, its folder resolved, the file itself not."""
    path = Path(name)
    if path.name in {"", ".", ".."}:
        raise UsageError(f"{name!r} names no file")
    return Path(os.path.realpath(path.parent)) / path.name


def _sessions_of(
    asked: Path, home: Home, clock: Clock, name: str | None
) -> Iterator[tuple[LocalSession, str]]:
    """Yield the sessions whose workspace holds the file, newest first, and its path in each."""
    from signoff_collector.history.local_sessions import local_sessions

    for one in local_sessions(home, clock, below=asked.parent):
        if name is not None and not one.id.startswith(name) and one.view != name:
            continue
        if one.root == asked:
            yield one, asked.name
        elif one.root in asked.parents:
            yield one, asked.relative_to(one.root).as_posix()


def _choose(name: str, sessions: list[tuple[LocalSession, str]], at: str) -> _Chosen:
    """Return the state at a moment of the newest session that has it.

    Raises:
        NotFoundError: no session knows the file.
        UsageError: the moment lies outside every one, or the file was not there then.
    """
    from signoff_collector.episode.resolving import resolve_at
    from signoff_schemas.at import parse_at

    moment = parse_at(at)
    outside: UsageError | None = None
    for session, path in sessions:
        history = history_of(session, path)
        if history is None:
            continue
        try:
            seq = resolve_at(session.episode, moment)
        except UsageError as error:
            outside = outside or error
            continue
        content = history.at(seq)
        if content is None:
            raise NotFoundError(
                f"{path} was not there after step {seq} of session {session.id}",
                hint=f"`signoff restore {path}` lists when it was.",
            )
        return _Chosen(session=session, path=path, seq=seq, content=content, mode=history.mode(seq))
    if outside is not None:
        raise outside
    raise nothing_recorded(name)


def _write_elsewhere(chosen: _Chosen, target: Path, console: Console) -> int:
    from signoff_collector.history.restoring import put_elsewhere

    put_elsewhere(target, chosen.content, mode=chosen.mode)
    _say_done(chosen, target, console)
    return 0


def _agree(
    chosen: _Chosen,
    losses: list[str],
    arguments: argparse.Namespace,
    mask: Callable[[str], str],
    console: Console,
) -> bool:
    """Show the difference, ask, and write; say whether anything was written.

    Raises:
        RefusedError: something would be lost and nobody said that it may.
        UsageError: nobody can be asked.
    """
    from signoff_collector.history.differences import unified
    from signoff_collector.history.restoring import permissions_of, put_back

    before = present_of(chosen.session, chosen.path)
    permissions = permissions_of(before, chosen.mode)
    if before.content == chosen.content and before.mode == permissions:
        console.say(mask(f"{chosen.path} is already as it was after step {chosen.seq}."))
        return False
    shown = unified(chosen.path, before.content, chosen.content, mask=mask, most=_DIFF_LINES)
    for line in shown:
        console.say(line)
    if before.content is not None and before.mode != permissions:
        console.say(f"mode {before.mode:o} (now), {permissions:o} (then)")
    is_asking = console.is_terminal and not arguments.yes
    if losses and not arguments.overwrite and not is_asking:
        raise RefusedError(
            f"{chosen.path} {' and '.join(losses)}; nothing was written",
            hint="--overwrite replaces it, --to FILE writes elsewhere.",
        )
    if not is_asking and not arguments.yes:
        raise UsageError(
            "nobody can be asked: this is no terminal", hint="Add --yes to write the file."
        )
    question = f"{chosen.path} {' and '.join(losses)}. Replace it?" if losses else "Write this?"
    if is_asking and not console.confirm(question):
        console.say("Left as it is.")
        return False
    put_back(chosen.session.root, chosen.path, chosen.content, before=before, mode=chosen.mode)
    return True


def _words(arguments: argparse.Namespace) -> list[str]:
    return [arguments.path, "--at", arguments.at]


def _losses(chosen: _Chosen, before: Present, home: Home, clock: Clock) -> list[str]:
    """Return what would be lost to everybody if the file were replaced now."""
    from signoff_collector.history.local_sessions import local_sessions

    losses: list[str] = []
    is_recorded = before.content is None
    root = chosen.session.root
    for one in local_sessions(home, clock, below=root):
        history = history_of(one, chosen.path) if one.root == root else None
        if history is None:
            continue
        on_disk, newest = history.on_disk(history.last), history.at(history.last)
        is_unsaved = newest not in (on_disk, chosen.content) and on_disk is not None
        if is_unsaved and one.view == "live":
            losses.append("has unsaved text in an editor")
        is_recorded = is_recorded or before.content in (on_disk, newest)
        break
    if not is_recorded:
        losses.append("holds changes that were never recorded")
    return losses


def _say_done(chosen: _Chosen, target: Path, console: Console) -> None:
    console.say(f"Wrote {target}: {size_words(chosen.content)}, as after step {chosen.seq}.")
    if console.is_json:
        console.row(
            {
                "path": str(target),
                "session": chosen.session.id,
                "seq": chosen.seq,
                "size_bytes": len(chosen.content),
            }
        )
