"""What several verbs share: the person's own words at this moment, and times in words."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from signoff_collector.clock import SystemClock
from signoff_collector.controls import say
from signoff_collector.home import resolve_home

if TYPE_CHECKING:
    import argparse

    from signoff_collector.clock import Clock
    from signoff_collector.console import Console


def add_words(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of such a verb."""
    parser.add_argument("text", nargs="+", metavar="TEXT", help="your own words")


def keep_words(
    kind: Literal["task", "note"], arguments: argparse.Namespace, console: Console
) -> int:
    """Add one step to the session here, and say to which."""
    text = " ".join(arguments.text)
    session = say(resolve_home(), SystemClock(), Path.cwd(), kind, text)
    if console.is_json:
        console.row({"kind": kind, "session": session.id})
    console.say(f"Kept in session {session.id}.")
    return 0


def since_ns(text: str, clock: Clock) -> int:
    """Return the wall-clock time that `2h`, `7d` (ago) or `2026-11-20` (its midnight) means.

    Raises:
        UsageError: it is none of these.
    """
    from signoff_collector.commands.pause import parse_duration_ns

    try:
        day = datetime.strptime(text, "%Y-%m-%d").astimezone()
    except ValueError:
        return clock.wall_ns() - parse_duration_ns(text)
    return int(day.timestamp() * 10**9)
