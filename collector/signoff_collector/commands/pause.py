"""`signoff pause`: record nothing for a while."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.controls import pause
from signoff_collector.capture.journal.control import PAUSED, PRIVATE
from signoff_collector.commands.choosing import add_path, chosen_workspaces
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.screen.console import Console

SUMMARY = "Record nothing for a while: here, or everywhere when run outside a workspace."
EXAMPLE = "signoff pause --for 10m"

DURATION: Final = re.compile(r"([0-9]{1,6})([smhd])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_path(parser)
    parser.add_argument(
        "--for",
        dest="duration",
        metavar="10m",
        help="end the pause after this time: 90s, 10m, 2h, 1d",
    )
    parser.add_argument("--private", action="store_true", help="record the pause as private")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Tell every writer, and keep it for sessions to come."""
    home, clock = resolve_home(), SystemClock()
    for_ns = None if arguments.duration is None else parse_duration_ns(arguments.duration)
    chosen = chosen_workspaces(home, clock, arguments)
    reason = PRIVATE if arguments.private else PAUSED
    pause(home, clock, chosen, for_ns=for_ns, reason=reason)
    until = "until `signoff resume`" if for_ns is None else f"for {arguments.duration}"
    for workspace in chosen:
        if console.is_json:
            row = {
                "workspace": str(workspace.root),
                "paused": True,
                "for": arguments.duration,
                "reason": reason,
            }
            console.row(row)
        console.say(f"Paused {until}: {workspace.root}")
    console.say_lines(
        "What you type now is recorded after the pause, as text of unknown origin that was\n"
        "written while paused; in what you share it is masked unless you allow it."
    )
    return 0


def parse_duration_ns(text: str) -> int:
    """Read `90s`, `10m`, `2h` or `7d`.

    Raises:
        UsageError: it is none of these.
    """
    found = DURATION.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise UsageError(f"not a duration: {text!r}", hint="Write 90s, 10m, 2h or 7d.")
    return int(found[1]) * _SECONDS[found[2]] * 1_000_000_000
