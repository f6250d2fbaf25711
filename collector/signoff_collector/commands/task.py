"""`signoff task`: say what you set out to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.commands.words import add_words, keep_words

if TYPE_CHECKING:
    import argparse

    from signoff_collector.screen.console import Console

SUMMARY = "Say what you set out to do, before the first edit or during the work."
EXAMPLE = 'signoff task "the parser drops the last line"'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_words(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Add one step to the session here."""
    return keep_words("task", arguments, console)
