"""`signoff dataset`: plan, build and verify data sets of signed episodes."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol, cast

from signoff_collector.system.extras import need

if TYPE_CHECKING:
    from signoff_collector.screen.console import Console

SUMMARY: Final = "Make a data set of signed episodes, and prove each of its rows."
EXAMPLE: Final = "signoff dataset plan --from DIR --purpose model-training --k 1 -o plan.json"
PARTS: Final[Mapping[str, str]] = {
    "plan": "choose episodes for one purpose",
    "build": "build the data set of a plan",
    "fetch": "fetch a version that a hub built",
    "verify": "prove every row, offline",
    "refresh": "take out what was withdrawn or expired",
    "export": "write it in a form that trainers read",
    "label": "label one of its episodes, if it may still be used",
    "card": "describe it for people and machines",
    "diff": "what differs between two data sets",
}
"""Parts of the verb, with what each does; the module of one is `dataset_NAME`."""


class _Part(Protocol):
    SUMMARY: str
    EXAMPLE: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace, console: Console) -> int: ...


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the parts, each with arguments of its own."""
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)
    for name, what in PARTS.items():
        part = _part(name)
        own = parts.add_parser(
            name,
            help=what,
            description=part.SUMMARY,
            epilog=f"example:\n  {part.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        own.add_argument(
            "--json",
            action="store_true",
            default=argparse.SUPPRESS,
            help="one JSON object per line on stdout",
        )
        part.add_arguments(own)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Do one part.

    Raises:
        MissingProgramError: what data sets need is not installed.
    """
    need("datasets", what=f"`signoff dataset {arguments.part}`")
    return _part(arguments.part).run(arguments, console)


def _part(name: str) -> _Part:
    return cast(_Part, importlib.import_module(f"signoff_datasets.commands.dataset_{name}"))
