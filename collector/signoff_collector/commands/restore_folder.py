"""`signoff restore DIR`: a folder, or the whole workspace, as it was at one moment."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.commands.points import (
    Listed,
    at_words,
    change_parts,
    choose_number,
    local_time,
    say_session,
    shortened,
)
from signoff_collector.commands.writing_over import may_write
from signoff_collector.system.files.spelling import true_path
from signoff_schemas.errors import NotFoundError, PartlyDoneError, SignoffError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from signoff_collector.history.files.folder_state import FolderState
    from signoff_collector.history.files.replacing import Replacement
    from signoff_collector.history.local_sessions import LocalSession
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console
    from signoff_collector.system.clock import Clock

MOST_POINTS: Final = 30
MOST_FILES: Final = 40
_STYLES: Final = {"add": "green", "change": "yellow", "remove": "red"}
_DONE: Final = {"add": "added", "change": "changed", "remove": "removed"}


def restore_folder(
    home: Home, clock: Clock, arguments: argparse.Namespace, console: Console
) -> int:
    """List the moments of a folder, or show what would change, ask, and do it."""
    from signoff_collector.commands.words import plain_at
    from signoff_collector.history.files.folder_state import folder_state
    from signoff_collector.history.on_screen import screen_mask

    if arguments.to is not None:
        raise UsageError(
            "--to is for one file", hint="`signoff checkout EPISODE DIR --at A` writes a folder."
        )
    place = true_path(arguments.path)
    sessions = _sessions_of(place, home, clock, arguments.path)
    root = sessions[0].root
    folder = "" if place == root else place.relative_to(root).as_posix()
    mask = screen_mask(home, root, is_raw=arguments.raw)
    if arguments.at is None:
        chosen = _ask_moment(sessions, folder, arguments, mask, console)
        if chosen is None:
            return 0
        number, seq = sessions.index(chosen.session), chosen.seq
    else:
        with console.counting("Reading sessions"):
            number, seq = _find_moment(sessions, plain_at(arguments.at, clock), arguments.session)
    session = sessions[number]
    with console.counting("Comparing files") as progress:
        state = folder_state(
            sessions[: number + 1], seq, folder, is_disk=arguments.disk, progress=progress
        )
    if not state.is_known:
        raise NotFoundError(
            f"nothing was recorded of {arguments.path} since then",
            hint="`signoff status` says what is recorded here.",
        )
    t_ns = int(session.episode.times()[seq]) if seq >= 0 else 0
    when = local_time(session.wall_ns(t_ns))
    name = "The workspace" if not folder else f"{folder}/"
    console.say(mask(f"{name} as it was at {when} (session {session.id}, {at_words(seq)}):"))
    say_state(state, arguments, mask, console)
    words = ("restore", arguments.path, "--session", session.id, "--at", at_words(seq))
    return carry_out(
        home, clock, root, state, words=words, arguments=arguments, mask=mask, console=console
    )


def is_deleted_folder(home: Home, clock: Clock, name: str) -> bool:
    """Say whether nothing lies at a path and files below it were recorded."""
    from signoff_collector.history.files.folder_points import has_files_below

    place = true_path(name)
    if os.path.lexists(place):
        return False
    with suppress(NotFoundError):
        for session in _sessions_of(place, home, clock, name):
            with suppress(SignoffError):
                if has_files_below(session.episode, place.relative_to(session.root).as_posix()):
                    return True
    return False


def _sessions_of(place: Path, home: Home, clock: Clock, name: str) -> list[LocalSession]:
    """Return the sessions of the innermost workspace that holds a folder, newest first.

    Raises:
        NotFoundError: there is none.
    """
    from signoff_collector.history.local_sessions import local_sessions

    found = local_sessions(home, clock, below=place)
    around = [one for one in found if one.root == place or one.root in place.parents]
    if not around:
        inside = {str(one.root) for one in found}
        hint = f"Recorded inside it: {', '.join(sorted(inside))}" if inside else ""
        raise NotFoundError(
            f"no recorded workspace contains {name}",
            hint=hint or "`signoff list` says what was recorded.",
        )
    root = max((one.root for one in around), key=lambda root: len(root.parts))
    return [one for one in around if one.root == root]


def _find_moment(sessions: Sequence[LocalSession], at: str, name: str | None) -> tuple[int, int]:
    """Return the number of the newest session that has a moment, and the last step done then.

    Raises:
        UsageError: none has it.
    """
    from signoff_collector.history.moment_of_session import seq_at
    from signoff_schemas.at import parse_at

    moment = parse_at(at)
    problem: SignoffError | None = None
    for number, session in enumerate(sessions):
        if name is not None and not session.id.startswith(name) and session.view != name:
            continue
        try:
            return number, seq_at(session, moment)
        except SignoffError as error:
            problem = error  # of the oldest session: it says when recording began
    raise problem or NotFoundError(f"no session id here begins with {name}", hint="`signoff list`")


def _ask_moment(
    sessions: Sequence[LocalSession],
    folder: str,
    arguments: argparse.Namespace,
    mask: Callable[[str], str],
    console: Console,
) -> Listed | None:
    """List the moments worth having of a folder, and let the person choose one."""
    from signoff_collector.history.files.folder_points import folder_points

    most = None if arguments.all else max(MOST_POINTS, arguments.n or 0)
    is_quiet = arguments.n is not None
    listed: list[Listed] = []
    for session in console.each("Reading sessions", sessions):
        try:
            points = folder_points(session.episode, folder)
        except SignoffError:
            continue
        if not points or len(listed) == most:
            continue
        if not is_quiet:
            say_session(session, console)
        for point in points:
            if len(listed) == most:
                console.say("… more with --all")
                break
            listed.append(Listed(session=session, path=folder, seq=point.seq))
            if is_quiet:
                continue
            when = local_time(session.wall_ns(point.t_ns))
            why = shortened(mask(point.why))
            moment = f"  {when}  {at_words(point.seq):<11}  "
            console.say_row((f"{len(listed):>3}", "bold"), (moment, "dim"), (why, ""))
            if console.is_json:
                row = {"session": session.id, "at": at_words(point.seq), "why": mask(point.why)}
                console.row({"n": len(listed), **row})
    if not listed:
        raise NotFoundError(f"nothing was recorded of {arguments.path}")
    example = f"signoff restore {arguments.path} --n 1 --dry-run"
    shown = "the files that would change"
    return choose_number(
        listed,
        arguments.n,
        console,
        example=mask(example),
        may_ask=not arguments.no_ask,
        shown=shown,
    )


def say_state(
    state: FolderState,
    arguments: argparse.Namespace,
    mask: Callable[[str], str],
    console: Console,
) -> None:
    """Print what would change, what cannot be had, and what stays as it is."""
    from signoff_collector.history.files.differences import Change

    most = None if arguments.all else MOST_FILES
    for one in state.replacements if most is None else state.replacements[:most]:
        change = Change.between(one.before.content, one.content)
        parts = [("mode or line ends", "dim")]
        if change.added or change.removed:
            parts = change_parts(change)
        named = (f"  {one.verb:<7} ", _STYLES[one.verb]), (f"{mask(one.path)}  ", "")
        console.say_row(*named, *parts, hang=10)
    if most is not None and len(state.replacements) > most:
        console.say(f"  … {len(state.replacements) - most} more with --all")
    counts = Counter(one.verb for one in state.replacements)
    told = [f"{counts[verb]} {done}" for verb, done in _DONE.items() if counts[verb]]
    console.say(f"{_files(len(state.replacements))}: {', '.join(told)}." if told else "No change.")
    _say_some("Not restored, the content was not recorded", state.missing, most, mask, console)
    for why, paths in _by_reason(state.left).items():
        _say_some(f"Left alone, {why}", paths, most, mask, console)
    for why, paths in _by_reason(state.losses).items():
        _say_some(f"! Would be lost, {why}", paths, most, mask, console)
    if console.is_json:
        _say_rows(state, mask, console)


def _say_rows(state: FolderState, mask: Callable[[str], str], console: Console) -> None:
    losses = dict(state.losses)
    for one in state.replacements:
        size = None if one.content is None else len(one.content)
        row: dict[str, object] = {"path": mask(one.path), "change": one.verb, "size_bytes": size}
        console.row(row | ({"loss": losses[one.path]} if one.path in losses else {}))
    for path in state.missing:
        console.row({"path": mask(path), "change": "missing"})
    for path, why in state.left:
        console.row({"path": mask(path), "change": "left", "why": why})


def _by_reason(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path, why in pairs:
        found.setdefault(why, []).append(path)
    return found


def _say_some(
    what: str,
    paths: Sequence[str],
    most: int | None,
    mask: Callable[[str], str],
    console: Console,
) -> None:
    """Print a count and names, of many the first ones."""
    if not paths:
        return
    console.say(f"{what}: {_files(len(paths))}")
    for path in paths if most is None else paths[:most]:
        console.say(f"    {mask(path)}")
    if most is not None and len(paths) > most:
        console.say(f"    … {len(paths) - most} more with --all")


def carry_out(
    home: Home,
    clock: Clock,
    root: Path,
    state: FolderState,
    *,
    words: Sequence[str],
    arguments: argparse.Namespace,
    mask: Callable[[str], str],
    console: Console,
) -> int:
    """Ask, replace the files, say what came of it.

    Raises:
        RefusedError: something would be lost and nobody said that it may.
        PartlyDoneError: some files could not be replaced.
    """
    from signoff_collector.history.files.replacing import replace_files

    wanted: list[Replacement] = state.replacements
    if not wanted:
        return 0
    losses = ""
    if state.losses:
        path, why = state.losses[0]
        more = len(state.losses) - 1
        losses = mask(path) + (f" and {more} more" if more else "") + f": {why}"
    question = (
        f"{losses}. Replace them all the same?" if losses else f"Do this to {_files(len(wanted))}?"
    )
    if not may_write(arguments, console, losses, question):
        return 0
    with console.counting("Replacing files") as progress:
        outcome = replace_files(
            home,
            clock,
            root,
            wanted,
            words=words,
            progress=lambda done: progress(done, len(wanted)),
        )
    console.say(f"Done: {_files(len(outcome.done))}. `signoff restore --undo` takes it back.")
    if console.is_json:
        console.row(
            {"root": mask(str(root)), "written": len(outcome.done), "failed": len(outcome.failed)}
        )
    if outcome.failed:
        listed = [mask(str(error)) for _, error in outcome.failed]
        said = f"{_files(len(listed))} could not be changed"
        raise PartlyDoneError(said, details=listed)
    return 0


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"
