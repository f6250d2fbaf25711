"""What every verb that erases shares: it names what goes, then asks, and can only show it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import RefusedError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection

    from signoff_collector.forgetting.forget_preview import ErasedPart
    from signoff_collector.screen.console import Console

_NAMED: Final = 20
"""So many files are named in a line; `--json` names all."""


def add_erasing(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of such a verb."""
    parser.add_argument(
        "--yes", action="store_true", help="ask nothing (needed without a terminal)"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="only show what would be erased; change nothing"
    )


def may_erase(arguments: argparse.Namespace, console: Console, question: str) -> bool:
    """Return whether to go on; False after a dry run. What goes was said before.

    Raises:
        UsageError: nobody can be asked, and `--yes` was not given.
        RefusedError: the answer was no.
    """
    if arguments.dry_run:
        console.say("Nothing was changed: this was a dry run.")
        return False
    if arguments.yes:
        return True
    if not console.is_terminal:
        raise UsageError(
            "nothing was erased: cannot ask, standard input is not a terminal",
            hint="Add --yes to do it, or --dry-run to see what it would do.",
        )
    if not console.confirm(question):
        raise RefusedError("nothing was erased: the answer was no")
    return True


def say_going(going: ErasedPart, console: Console) -> None:
    """Name what goes of one session: when, how much, which files, which episodes."""
    session = going.session
    console.say(f"session {session.id} in {session.root}")
    if going.is_raw:
        console.say(f"  {between(*going.wall_span_ns)}: {counted(going.records, 'record')}")
    else:
        console.say(f"  {between(*going.wall_span_ns)}: all that is left of it")
    if going.paths:
        console.say(f"  {counted(len(going.paths), 'file')}: {named(going.paths)}")
    if going.loose:
        console.say(f"  whole stored files: {named(going.loose)}")
    if going.episodes:
        console.say(f"  episodes made from it: {named(going.episodes)}")
    if console.is_json:
        first_ns, last_ns = going.wall_span_ns
        row = {
            "session": session.id,
            "root": str(session.root),
            "first_wall_ns": first_ns,
            "last_wall_ns": last_ns,
            "records": going.records,
            "paths": sorted(going.paths),
            "whole_files": sorted(going.loose),
            "episodes": going.episodes,
        }
        console.row({"going": row})


def between(first_ns: int, last_ns: int) -> str:
    """Write a span of wall-clock time, to the minute of this place."""
    first = datetime.fromtimestamp(first_ns / 10**9).astimezone()
    last = datetime.fromtimestamp(last_ns / 10**9).astimezone()
    began, ended = f"{first:%Y-%m-%d %H:%M}", f"{last:%Y-%m-%d %H:%M}"
    if began == ended:
        return began
    return f"{began} to {last:%H:%M}" if first.date() == last.date() else f"{began} to {ended}"


def named(names: Collection[str]) -> str:
    """Name some things, the first of many."""
    shown = sorted(names)[:_NAMED]
    left = len(names) - len(shown)
    return ", ".join(shown) + (f" and {left} more (`--json` names all)" if left else "")


def counted(count: int, noun: str) -> str:
    """Count things in words."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
