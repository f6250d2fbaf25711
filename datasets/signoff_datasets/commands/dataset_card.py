"""`signoff dataset card`: describe a data set for people and for machines."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from signoff_collector.screen.console import Console

SUMMARY: Final = (
    "Write README.md, a data set card, and croissant.json into a data set: its purpose, prohibited"
    " uses, licences and tables. No figure is of fewer than ten people. `dataset verify` compares"
    " both with the data set."
)
EXAMPLE: Final = "signoff dataset card dataset"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the part."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="a data set")
    parser.add_argument("--force", action="store_true", help="write over a card that was edited")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Write the cards, and say where they lie."""
    from signoff_datasets.cards.cards import write_cards

    for path in write_cards(arguments.folder, is_forced=arguments.force):
        console.say(str(path))
        if console.is_json:
            console.row({"card": str(path)})
    return 0
