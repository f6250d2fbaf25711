"""`signoff today`: what was done, for the person who did it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock

if TYPE_CHECKING:
    import argparse

    from signoff_collector.screen.console import Console

SUMMARY: Final = "Show what was done today: tasks, tests, commits, files, open ends. For you alone."
EXAMPLE: Final = "signoff today --since 7d --markdown"
_EVER_NS: Final = 1 << 62
"""Up to now, also where the wall clock was set back meanwhile."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    from signoff_collector.commands.words import TIMES

    parser.add_argument("--since", metavar="T", help=f"since: {TIMES}; else since midnight")
    parser.add_argument(
        "--here", action="store_true", help="only the workspace of the current folder"
    )
    parser.add_argument("--markdown", action="store_true", help="as Markdown, with every line")
    parser.add_argument("--raw", action="store_true", help="show secrets too")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Gather and print it."""
    from signoff_collector.commands.words import since_ns
    from signoff_collector.history.day.day import collect_day
    from signoff_collector.history.day.day_json import day_rows
    from signoff_collector.history.day.day_text import day_lines, style_of
    from signoff_collector.history.on_screen import screen_mask

    home, clock = resolve_home(), SystemClock()
    here = Path.cwd().resolve() if arguments.here else None
    since = _midnight_ns() if arguments.since is None else since_ns(arguments.since, clock)
    mask = screen_mask(home, here, is_raw=arguments.raw)
    with console.counting("Reading sessions") as progress:
        day = collect_day(
            home, clock, since_ns=since, until_ns=_EVER_NS, below=here, progress=progress
        )
    if console.is_json:
        for row in day_rows(day, mask):
            console.row(row)
        return 0
    lines = day_lines(day, mask, is_markdown=arguments.markdown, is_cut=console.is_on_screen)
    for line in lines:
        style = "" if arguments.markdown else style_of(line)
        console.say_row((line, style), hang=len(line) - len(line.lstrip()) + 2)
    return 0


def _midnight_ns() -> int:
    now = datetime.now().astimezone()
    return int(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()) * 10**9
