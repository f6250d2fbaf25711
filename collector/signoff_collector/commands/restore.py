"""`signoff restore`: get an old state of a file or a folder back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.commands.points import (
    at_words,
    choose_number,
    history_of,
    list_points,
    nothing_recorded,
    present_of,
    size_words,
)
from signoff_collector.commands.writing_over import may_write
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_collector.system.files.spelling import true_place
from signoff_schemas.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from signoff_collector.history.files.replacing import Replacement
    from signoff_collector.history.local_sessions import LocalSession
    from signoff_collector.history.on_screen import ScreenMask
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console
    from signoff_collector.system.clock import Clock

SUMMARY: Final = (
    "Get an old state of a file, a folder or the whole workspace back: from any session of this\n"
    "machine, saved or not."
)
EXAMPLE: Final = "signoff restore src/app.py --at time:10:41"
MOST_POINTS: Final = 30
_DIFF_LINES: Final = 400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        help="a file or folder, also one that was deleted",
    )
    parser.add_argument(
        "--at",
        metavar="A",
        help="N, step:S, time:+1h02m3s, time:10:40, time:yesterday, start, end; else a list",
    )
    parser.add_argument("--n", type=int, metavar="N", help="number N of the list")
    parser.add_argument(
        "--session", metavar="ID", help="the session that --at refers to: the beginning of its id"
    )
    parser.add_argument("--undo", action="store_true", help="undo the last restore")
    parser.add_argument("--dry-run", action="store_true", help="only show what would change")
    parser.add_argument("--disk", action="store_true", help="the saved file, without unsaved text")
    parser.add_argument("--to", metavar="FILE", help="write a new file instead")
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="also replace unsaved text and changes that were never recorded",
    )
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    parser.add_argument("--no-ask", action="store_true", help="only list, ask for no number")
    parser.add_argument("--all", action="store_true", help="list every point, not the newest 30")
    parser.add_argument("--raw", action="store_true", help="show secrets too")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """List the points, or show the difference, ask, and write."""
    _check(arguments)
    home, clock = resolve_home(), SystemClock()
    if arguments.undo:
        from signoff_collector.commands.restore_undo import undo

        return undo(home, clock, arguments, console)
    if _is_folder(arguments.path):
        from signoff_collector.commands.restore_folder import restore_folder

        try:
            return restore_folder(home, clock, arguments, console)
        except NotFoundError:
            if _names_folder(arguments.path):
                raise  # else a folder may lie where a recorded file was
    try:
        return _restore_file(home, clock, arguments, console)
    except NotFoundError:
        from signoff_collector.commands.restore_folder import is_deleted_folder, restore_folder

        if not is_deleted_folder(home, clock, arguments.path):
            raise
        return restore_folder(home, clock, arguments, console)


def _check(arguments: argparse.Namespace) -> None:
    if arguments.path is None and not arguments.undo:
        raise UsageError("name a file or folder", hint=f"{EXAMPLE}; --undo takes one back.")
    given = (arguments.at is not None, arguments.n is not None, arguments.undo)
    if sum(given) > 1:
        raise UsageError("--at, --n and --undo exclude each other")


def _names_folder(name: str) -> bool:
    return name.endswith("/") or Path(name).name in {"", ".", ".."}


def _is_folder(name: str) -> bool:
    path = Path(name)
    return _names_folder(name) or (path.is_dir() and not path.is_symlink())


def _restore_file(home: Home, clock: Clock, arguments: argparse.Namespace, console: Console) -> int:
    from signoff_collector.history.files.replacing import replace_files
    from signoff_collector.history.on_screen import screen_mask

    asked = _absolute(arguments.path)
    sessions = list(_sessions_of(asked, home, clock, arguments.session))
    mask = screen_mask(home, sessions[0][0].root if sessions else None, is_raw=arguments.raw)
    is_disk: bool = arguments.disk
    if arguments.at is None:
        most = None if arguments.all else max(MOST_POINTS, arguments.n or 0)
        is_quiet = arguments.n is not None
        listed = list_points(arguments.path, sessions, mask, console, most=most, is_quiet=is_quiet)
        example = f"signoff restore {arguments.path} --n 1"
        row = choose_number(
            listed,
            arguments.n,
            console,
            example=mask(example),
            may_ask=not arguments.no_ask,
        )
        if row is None:
            return 0
        sessions, at = [(row.session, row.path)], at_words(row.seq)
        is_disk = is_disk or row.is_disk
    else:
        from signoff_collector.commands.words import plain_at

        at = plain_at(arguments.at, clock)
    with console.counting("Reading sessions"):
        chosen = _choose(arguments.path, sessions, at, is_disk=is_disk)
    if arguments.to is not None:
        target = Path(arguments.to)
        return _write_elsewhere(chosen, target, console, is_dry=arguments.dry_run)
    wanted = chosen.replacement()
    with console.counting("Reading sessions"):
        losses = _losses(chosen, wanted, home, clock)
    target = chosen.session.root / chosen.path
    if not _agree(chosen, wanted, losses, arguments=arguments, mask=mask, console=console):
        _tell(chosen, target, console, is_written=False)
        return 0
    words = ("restore", arguments.path, "--at", at, *(("--disk",) if is_disk else ()))
    outcome = replace_files(home, clock, chosen.session.root, [wanted], words=words)
    for error in outcome.failed:
        raise error[1]
    _say_done(chosen, target, console)
    console.say("`signoff restore --undo` takes it back.")
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """One state of one file."""

    session: LocalSession
    path: str
    seq: int
    content: bytes
    mode: str | None
    is_disk: bool = False

    @property
    def moment(self) -> str:
        """Return what the state is of, in words."""
        return f"{'on disk ' if self.is_disk else ''}after step {self.seq}"

    def replacement(self) -> Replacement:
        """Return what has to be done to have it."""
        from signoff_collector.history.files.replacing import Replacement

        before = present_of(self.session, self.path)
        return Replacement(path=self.path, before=before, content=self.content, mode=self.mode)


def _absolute(name: str) -> Path:
    """Return the path that was asked for, its folder resolved, the file itself not."""
    path = Path(name)
    return true_place(path)


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


def _choose(
    name: str, sessions: list[tuple[LocalSession, str]], at: str, *, is_disk: bool
) -> _Chosen:
    """Return the state at a moment of the newest session that has it.

    With `is_disk` it is what was saved, though an editor held another text.

    Raises:
        NotFoundError: no session knows the file.
        UsageError: the moment lies outside every one, or the file was not there then.
    """
    from signoff_collector.history.moment_of_session import seq_at
    from signoff_schemas.at import parse_at

    moment = parse_at(at)
    outside: UsageError | None = None
    for session, path in sessions:
        history = history_of(session, path)
        if history is None:
            continue
        try:
            seq = seq_at(session, moment)
        except UsageError as error:
            outside = outside or error
            continue
        content = history.on_disk(seq) if is_disk else history.at(seq)
        if content is None:
            where = "on disk" if is_disk and history.at(seq) is not None else "there"
            raise NotFoundError(
                f"{path} was not {where} after step {seq} of session {session.id}",
                hint=f"`signoff restore {path}` lists when it was.",
            )
        mode, is_hidden = history.mode(seq), is_disk and content != history.at(seq)
        return _Chosen(
            session=session, path=path, seq=seq, content=content, mode=mode, is_disk=is_hidden
        )
    if outside is not None:
        raise outside
    raise nothing_recorded(name, sessions)


def _write_elsewhere(chosen: _Chosen, target: Path, console: Console, *, is_dry: bool) -> int:
    from signoff_collector.history.files.restoring import check_elsewhere, put_elsewhere

    if is_dry:
        check_elsewhere(target)
        console.say(f"Would write {target}: {size_words(chosen.content)}, as {chosen.moment}.")
        console.say("Nothing was written (--dry-run).")
        _tell(chosen, target, console, is_written=False)
        return 0
    put_elsewhere(target, chosen.content, mode=chosen.mode)
    _say_done(chosen, target, console)
    return 0


def _agree(
    chosen: _Chosen,
    wanted: Replacement,
    losses: list[str],
    *,
    arguments: argparse.Namespace,
    mask: ScreenMask,
    console: Console,
) -> bool:
    """Show the difference and ask; say whether the file shall be written.

    Raises:
        RefusedError: something would be lost and nobody said that it may.
        UsageError: nobody can be asked.
    """
    from signoff_collector.history.files.differences import unified
    from signoff_collector.screen.styles import DIFFERENCE

    before = wanted.before
    if not wanted.is_needed:
        console.say(mask(f"{chosen.path} is already as it was {chosen.moment}."))
        return False
    shown = unified(chosen.path, before.content, chosen.content, mask=mask, most=_DIFF_LINES)
    for line in shown:
        console.say(line, style=DIFFERENCE.get(line[:1], ""))
    if before.content is not None and before.mode != wanted.permissions:
        console.say(f"mode {before.mode:o} (now), {wanted.permissions:o} (then)")
    question = "Write this?"
    if losses:
        question = f"{chosen.path} {' and '.join(losses)}. Replace it?"
    return may_write(
        arguments, console, f"{chosen.path} {' and '.join(losses)}" if losses else "", question
    )


def _losses(chosen: _Chosen, wanted: Replacement, home: Home, clock: Clock) -> list[str]:
    """Return what would be lost to everybody if the file were replaced now."""
    from signoff_collector.history.local_sessions import local_sessions

    losses: list[str] = []
    before = wanted.before
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
    console.say(f"Wrote {target}: {size_words(chosen.content)}, as {chosen.moment}.")
    _tell(chosen, target, console, is_written=True)


def _tell(chosen: _Chosen, target: Path, console: Console, *, is_written: bool) -> None:
    if console.is_json:
        console.row(
            {
                "path": str(target),
                "session": chosen.session.id,
                "seq": chosen.seq,
                "size_bytes": len(chosen.content),
                "written": is_written,
            }
        )
