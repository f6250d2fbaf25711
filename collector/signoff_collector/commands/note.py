"""`signoff note`: leave a remark at this moment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from signoff_collector.clock import SystemClock
from signoff_collector.controls import say
from signoff_collector.home import resolve_home

if TYPE_CHECKING:
    import argparse

    from signoff_collector.console import Console

SUMMARY = "Leave a remark at this moment of the session."
EXAMPLE = 'signoff note "the cache is not the cause"'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("text", nargs="+", metavar="TEXT", help="your own words")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Add one step to the session here."""
    text = " ".join(arguments.text)
    session = say(resolve_home(), SystemClock(), Path.cwd(), "note", text)
    if console.is_json:
        console.row({"kind": "note", "session": session.id})
    console.say(f"Kept in session {session.id}.")
    return 0
