"""`signoff disable`: take the opt-in of a folder back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from signoff_collector.capture.controls import disable
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock

if TYPE_CHECKING:
    import argparse

    from signoff_collector.screen.console import Console

SUMMARY = "Stop recording in this folder; what was recorded stays until you discard it."
EXAMPLE = "signoff disable ~/projects/parser"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("path", nargs="?", default=".", metavar="DIR", help="any path inside it")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """End recording in every writer, then drop the opt-in."""
    workspace = disable(resolve_home(), SystemClock(), Path(arguments.path))
    if console.is_json:
        console.row({"workspace": str(workspace.enabled_root), "enabled": False})
    console.say(f"Not recorded any more: {workspace.enabled_root}")
    console.say("Kept: what was recorded before. `signoff list` shows it, `signoff forget` erases.")
    return 0
