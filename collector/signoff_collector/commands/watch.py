"""`signoff watch`: the git watcher of one session; started by Signoff itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

    from signoff_collector.screen.console import Console

SUMMARY: Final = "Watch one session until it is over; editors, shells and `run` start this."
EXAMPLE: Final = "signoff watch 20260102T030405Z-0a1b2c3d"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("session", metavar="SESSION", nargs="?", help="id of the session")
    which.add_argument(
        "--open", metavar="DIR", type=Path, help="open the session of a folder, for its shell"
    )
    parser.add_argument(
        "--spool", metavar="NAME", help="with --open: where standard input goes in the session"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Watch; end quietly when another watcher is at it already, or when told to."""
    if arguments.open is not None:
        return _open(arguments.open, arguments.spool)
    import signal
    from threading import Event

    from signoff_collector.capture.files.watch_process import watch
    from signoff_collector.capture.sessions.sessions import find_session
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.system.clock import SystemClock
    from signoff_collector.system.processes import ENDING

    del console
    home = resolve_home()
    ending = Event()
    for number in ENDING:  # a machine that shuts down is no crash
        signal.signal(number, lambda _number, _frame: ending.set())
    watch(home, find_session(home, arguments.session), SystemClock(), ending)
    return 0


def _open(folder: Path, spool: str | None) -> int:
    import sys

    from signoff_collector.capture.shell.opening import open_for_shell
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.system.clock import SystemClock

    open_for_shell(resolve_home(), folder, spool, sys.stdin.buffer, SystemClock())
    return 0
