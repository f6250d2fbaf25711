"""`signoff watch`: the git watcher of one session; started by Signoff itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

    from signoff_collector.console import Console

SUMMARY: Final = "Watch git for one session until it is over; editors and `run` start this."
EXAMPLE: Final = "signoff watch 20260102T030405Z-0a1b2c3d"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("session", metavar="SESSION", help="id of the session")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Watch; end quietly when another watcher is at it already."""
    from signoff_collector.capture.sessions import find_session
    from signoff_collector.capture.watch_process import watch
    from signoff_collector.clock import SystemClock
    from signoff_collector.home import resolve_home

    del console
    home = resolve_home()
    watch(home, find_session(home, arguments.session), SystemClock())
    return 0
