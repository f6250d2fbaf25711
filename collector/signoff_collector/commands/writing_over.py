"""Ask before a file is written over: `restore` of one file and of a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_schemas.errors import RefusedError, UsageError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.screen.console import Console


def may_write(arguments: argparse.Namespace, console: Console, losses: str, question: str) -> bool:
    """Ask whether to write; say whether it may be done.

    Raises:
        RefusedError: something would be lost and nobody said that it may.
        UsageError: nobody can be asked.
    """
    if arguments.dry_run:
        console.say("Nothing was written (--dry-run).")
        return False
    is_asking = console.is_terminal and not console.is_json and not arguments.yes
    if losses and not arguments.overwrite and not is_asking:
        raise RefusedError(
            f"{losses}; nothing was written",
            hint="--overwrite replaces it, --to FILE writes elsewhere.",
        )
    if not is_asking and not arguments.yes:
        raise UsageError(
            "cannot ask: standard input is not a terminal", hint="Add --yes to write, or --dry-run."
        )
    if is_asking and not console.confirm(question):
        console.say("Left as it is.")
        return False
    return True
