"""`signoff resume`: record again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.capture.controls import resume
from signoff_collector.commands.choosing import add_path, chosen_workspaces
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock

if TYPE_CHECKING:
    import argparse

    from signoff_collector.screen.console import Console

SUMMARY = "Record again: here, or everywhere when run outside a workspace."
EXAMPLE = "signoff resume"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_path(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """End the pause in every writer."""
    home, clock = resolve_home(), SystemClock()
    chosen = chosen_workspaces(home, clock, arguments)
    resume(home, clock, chosen)
    for workspace in chosen:
        if console.is_json:
            console.row({"workspace": str(workspace.root), "paused": False})
        console.say(f"Recorded again: {workspace.root}")
    return 0
