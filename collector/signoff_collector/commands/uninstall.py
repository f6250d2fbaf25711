"""`signoff uninstall`: take back what `setup` changed, and with `--data` everything kept."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.agents.opt_in import AgentWords, allow_agent_words
from signoff_collector.capture.sessions.bridges import presences
from signoff_collector.capture.sessions.sessions import list_sessions
from signoff_collector.capture.test_results.pytest_results import take_back
from signoff_collector.commands.erasing import add_erasing, counted, named
from signoff_collector.health.standing import rfc3339
from signoff_collector.installation.account import account_of
from signoff_collector.installation.config_files.differences import unified
from signoff_collector.installation.launcher import launcher_path
from signoff_collector.installation.setting_up import lines_without_record
from signoff_collector.installation.undo.erasing_home import (
    erase,
    holds_nothing,
    let_go,
    refuse_foreign,
)
from signoff_collector.installation.undo.reverting import planned, revert
from signoff_collector.installation.undo.undo_record import UndoRecord
from signoff_collector.installation.vscode.extending import drop_package, withdraw_extension
from signoff_collector.installation.vscode.extension_record import ExtensionRecord
from signoff_collector.kept.episode_files import episode_paths
from signoff_collector.known_values.credential_stores import disallow_stores
from signoff_collector.own_files.home import resolve_home
from signoff_collector.programs.fixed_programs import release_programs
from signoff_collector.system.clock import SystemClock
from signoff_schemas.errors import RefusedError, SignoffError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from signoff_collector.installation.undo.undo_record import Entry
    from signoff_collector.installation.vscode.extension_record import ExtensionEntry
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console
    from signoff_collector.system.clock import Clock

SUMMARY = "Undo every change that `setup` made; with --data, also delete what was recorded."
EXAMPLE = "signoff uninstall --data"

_WOULD: Final = "would_change"
"""State of what a dry run leaves as it is."""
_PARTLY: Final = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_erasing(parser)
    parser.add_argument(
        "--data", action="store_true", help="delete history, episodes, keys and settings too"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Show, ask, take back; then the data, if asked."""
    home, clock = resolve_home(), SystemClock()
    record = UndoRecord(home)
    known = record.entries()
    entries = [*known, *_leftovers(known)]
    extensions = ExtensionRecord(home).entries()
    has_work = bool(entries or extensions) or (arguments.data and home.exists)
    if has_work and not (arguments.yes or arguments.dry_run) and not console.is_terminal:
        raise UsageError(
            "cannot ask: standard input is not a terminal",
            hint="Add --yes to take everything back.",
        )
    kept = _take_back(home, record, entries, arguments, console)
    kept += _take_out(home, record, extensions, arguments, console)
    if arguments.dry_run:
        if arguments.data and home.exists:
            found = _say_data(home, console)
            if console.is_json:
                console.row({"going": {"home": str(home.root), **found}})
        console.say("Nothing was changed: this was a dry run.")
        return _PARTLY if kept else 0
    if home.exists and not kept:
        allow_agent_words(home, AgentWords())  # what a person allowed at setup goes with it
        disallow_stores(home)
        take_back(home)
    if kept:
        again = f"signoff uninstall{' --data' if arguments.data else ''}"
        console.say()
        console.say(f"{kept} left as it is; `{again}` asks again.")
        if home.exists:
            also = ", since they are needed to undo the rest" if arguments.data else ""
            console.say(f"All data are kept{also}: {home.root}")
        return _PARTLY
    release_programs(home)
    drop_package(home)
    if arguments.data and home.exists:
        _erase(home, clock, arguments, console)
    elif home.exists and not record.exists and holds_nothing(home):
        erase(home)
    elif home.exists:
        console.say(f"Kept: {home.root} (`signoff uninstall --data` deletes it).")
        _say_still_open(home, clock, console)
    if not entries and not extensions:
        console.say("Signoff is not set up in any editor.")
    console.say(f"Remove the program itself with the tool that installed it ({_program()}).")
    return 0


def _say_still_open(home: Home, clock: Clock, console: Console) -> None:
    """Name the editors that have read the old settings and go on recording with them."""
    for editor in sorted({presence.editor for presence in presences(home, clock)}):
        console.say(f"! {editor} is open and records until it is closed.")
        console.say("  `signoff pause --everywhere` ends that now.")
        if console.is_json:
            console.row({"still_recording": editor})


def _leftovers(known: Sequence[Entry]) -> list[Entry]:
    with contextlib.suppress(SignoffError):
        return lines_without_record(account_of(), launcher_path(), known)
    return []


def _program() -> str:
    with contextlib.suppress(SignoffError):
        return str(launcher_path())
    return "pipx uninstall signoff"


def _take_back(
    home: Home,
    record: UndoRecord,
    entries: Sequence[Entry],
    arguments: argparse.Namespace,
    console: Console,
) -> int:
    """Revert every file; return how many could not be."""
    failures = 0
    for entry in reversed(entries):
        console.say()
        console.say(f"{entry.path}")
        try:
            outcome, before, after = planned(entry)
            if before != after:
                for line in unified(entry.path, before, after).split("\n"):
                    console.say(f"  {line}")
                if not _is_agreed(arguments, console):
                    console.say("  left as it is")
                    failures += 1
                    continue
            if not arguments.dry_run:
                home.ensure()
                with record.lock():
                    outcome = revert(record, entry)
        except SignoffError as error:
            failures += 1
            console.say(f"  ✗ left as it is: {error}")
            if error.hint:
                console.say(f"    {error.hint}")
            outcome_word = "refused"
        else:
            outcome_word = _WOULD if arguments.dry_run else outcome.value
            if not arguments.dry_run:
                console.say(f"  {outcome_word}")
        if console.is_json:
            console.row({"path": str(entry.path), "editor": entry.target, "state": outcome_word})
    return failures


def _is_agreed(arguments: argparse.Namespace, console: Console) -> bool:
    return arguments.yes or arguments.dry_run or console.confirm("  Take this back?")


def _take_out(
    home: Home,
    record: UndoRecord,
    extensions: Sequence[ExtensionEntry],
    arguments: argparse.Namespace,
    console: Console,
) -> int:
    """Take the extension out of every editor that got it; return how many could not be done."""
    failures = 0
    for entry in reversed(extensions):
        console.say()
        console.say(f"{entry.program} --uninstall-extension {entry.extension}")
        if entry.before is not None:
            console.say(f"  version {entry.before} was there before `signoff setup`, so it stays")
        elif not _is_agreed(arguments, console):
            console.say("  left as it is")
            failures += 1
            continue
        outcome_word = _WOULD
        try:
            if not arguments.dry_run:
                with record.lock():
                    outcome_word = withdraw_extension(home, account_of(), entry).value
                console.say(f"  {outcome_word}")
        except SignoffError as error:
            failures += 1
            outcome_word = "refused"
            console.say(f"  ✗ left as it is: {error}")
            if error.hint:
                console.say(f"    {error.hint}")
        if console.is_json:
            place = str(entry.program)
            console.row({"path": place, "editor": "vscode", "state": outcome_word})
    return failures


def _was_signed(home: Home) -> bool:
    """Say whether anything here may lie in a store; one that cannot be read may tell of it."""
    from signoff_collector.upload.outbox.outbox import Outbox, outbox_path

    try:
        if not outbox_path(home).exists():
            return False
        with Outbox.open(home) as outbox:
            return bool(outbox.digests_like(""))
    except SignoffError:
        return True


def _say_data(home: Home, console: Console) -> dict[str, object]:
    """Name what `--data` deletes, and return it as a row.

    Raises:
        RefusedError: the home holds what is not ours.
    """
    refuse_foreign(home)
    folders = sum(1 for _ in home.sessions.glob("2*")) if home.sessions.is_dir() else 0
    episodes = [path.stem for path in episode_paths(home)]
    kept = f"{counted(folders, 'session')}, {counted(len(episodes), 'episode')}, settings, keys"
    console.say()
    console.say(f"{home.root}: {kept}")
    for session in list_sessions(home):
        began = rfc3339(session.started_wall_ns)
        console.say(f"  session {session.id}, begun {began} in {session.root}")
    if episodes:
        console.say(f"  episodes {named(episodes)}")
    if _was_signed(home):
        console.say_lines(
            "! Something may have been uploaded. Without this folder only the recovery code can\n"
            "  withdraw it: run `signoff withdraw` first."
        )
    return {"sessions": folders, "episodes": len(episodes)}


def _erase(home: Home, clock: Clock, arguments: argparse.Namespace, console: Console) -> None:
    found = _say_data(home, console)
    if not arguments.yes and not console.confirm("Delete all of it for good? There is no undo."):
        raise RefusedError("nothing was deleted: you answered no")
    lock = let_go(home, clock)
    try:
        erase(home)
    finally:
        if lock is not None:
            lock.release()
    console.say(f"Deleted: {home.root}")
    if console.is_json:
        console.row({"deleted": str(home.root), **found})
