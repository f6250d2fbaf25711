"""`signoff hub`: run a hub, and look after it."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol, cast

from signoff_collector.system.extras import need

if TYPE_CHECKING:
    from signoff_collector.screen.console import Console

SUMMARY: Final = (
    "Run a hub: it receives signed episodes, proves what it did, and forgets when told."
)
EXAMPLE: Final = "signoff hub serve --data hub"
PARTS: Final[Mapping[str, str]] = {
    "serve": "take episodes, and answer questions about them",
    "token": "make tokens and enrolment codes",
    "adopt": "take over a store that uploads filled, or whose hub lost its database",
    "backup": "save it as one folder, while nodes serve",
    "restore": "bring it back from a backup, and prove it",
    "sweep": "end what is over and erase what is due, once and now",
    "verify": "prove every object, row and leaf of a hub, of its store alone, or of a mirror",
}
"""Parts of the verb, with what each does; the module of one is `hub_NAME`."""


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
        MissingProgramError: what a hub needs is not installed.
    """
    need("hub", what=f"`signoff hub {arguments.part}`")
    return _part(arguments.part).run(arguments, console)


def _part(name: str) -> _Part:
    return cast(_Part, importlib.import_module(f"signoff_hub.commands.hub_{name}"))
