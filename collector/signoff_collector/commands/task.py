"""`signoff task`: say what you set out to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from signoff_collector.clock import SystemClock
from signoff_collector.controls import say
from signoff_collector.home import resolve_home

if TYPE_CHECKING:
    import argparse

    from signoff_collector.console import Console

SUMMARY = "Say what you set out to do, before the first edit or during the work."
EXAMPLE = 'signoff task "the parser drops the last line"'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("text", nargs="+", metavar="TEXT", help="your own words")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Add one step to the session here."""
    text = " ".join(arguments.text)
    session = say(resolve_home(), SystemClock(), Path.cwd(), "task", text)
    if console.is_json:
        console.row({"kind": "task", "session": session.id})
    console.say(f"Kept in session {session.id}.")
    return 0
