"""`signoff note`: leave a remark at this moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.commands.words import add_words, keep_words

if TYPE_CHECKING:
    import argparse

    from signoff_collector.screen.console import Console

SUMMARY = "Add a note at this moment of the session."
EXAMPLE = 'signoff note "the cache is not the cause"'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_words(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Add one step to the session here."""
    return keep_words("note", arguments, console)
