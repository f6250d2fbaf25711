"""`signoff doctor`: what is missing on this machine, one line per thing a person can hit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.health.checks import NAMES, line_of
from signoff_collector.health.interface import Level, Surroundings

if TYPE_CHECKING:
    import argparse

    from signoff_collector.health.interface import Line
    from signoff_collector.screen.console import Console

SUMMARY = "What is missing on this machine, what is recorded in which editor, and what to do."
EXAMPLE = "signoff doctor"

_PARTLY: Final = 3
_NAME_WIDTH: Final = max(map(len, NAMES))
_STYLES: Final = {Level.OK: "green", Level.NOTE: "bold yellow", Level.BAD: "bold red"}
_WORDS: Final = {Level.OK: "ok", Level.NOTE: "note", Level.BAD: "bad"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments: there are none."""
    del parser


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Look at everything; exit 3 when something fails (✗)."""
    del arguments
    around = Surroundings()
    lines = [(name, line_of(name, around)) for name in NAMES]
    for name, line in lines:
        _say(name, line, console)
    levels = [line.level for _, line in lines]
    notes, failures = levels.count(Level.NOTE), levels.count(Level.BAD)
    console.say(f"{len(lines)} checks, {notes} notes (!), {failures} to fix (✗)")
    return _PARTLY if failures else 0


def _say(name: str, line: Line, console: Console) -> None:
    if console.is_json:
        console.row(
            {
                "name": name,
                "level": _WORDS[line.level],
                "fact": line.fact,
                "hint": line.hint,
            }
        )
        return
    console.say_parts(
        (f"{line.level.value:<3}", _STYLES[line.level]),
        (f" {name:<{_NAME_WIDTH}}  {line.fact}", ""),
    )
    if line.hint and line.level is not Level.OK:
        console.say(f"{'':<{_NAME_WIDTH + 6}}{line.hint}")
