"""`signoff stop`: end the session and seal it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from signoff_collector.capture.controls import stop
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_schemas.errors import NotFoundError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.screen.console import Console

SUMMARY = "End the active session here and seal it into an episode."
EXAMPLE = "signoff stop && signoff list"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("path", nargs="?", default=".", metavar="DIR", help="any path inside it")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Tell every writer, wait for them, start the sealer behind our back."""
    home, clock = resolve_home(), SystemClock()
    finding = Workspaces(home, clock).look_up(Path(arguments.path))
    if finding.workspace is None:
        raise NotFoundError(finding.fact, hint="`signoff list` shows every session.")
    stopped = stop(home, clock, finding.workspace.root)
    session = stopped.session
    if console.is_json:
        console.row({"session": session.id, "has_writers": stopped.has_writers})
    console.say(f"Stopped: session {session.id} of {session.root}")
    if stopped.has_writers:
        console.say("A process still writes to it; the session is sealed when that ends.")
    else:
        console.say("It is being sealed; `signoff list` shows the episode.")
    return 0
