"""`signoff dataset fetch`: fetch a version that a hub built, with a grant to read it."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_datasets.commands.from_hub import add_token, fetch_to, hub_named
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    from signoff_collector.screen.console import Console

SUMMARY: Final = (
    "Fetch a version of a data set that a hub built, and prove every file, sign-off and receipt"
    " of it. The token needs the scope read, and a grant."
)
EXAMPLE: Final = "signoff dataset fetch spring/2 --from https://hub.example.org -o spring-2"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the part."""
    parser.add_argument("version", metavar="NAME/N", help="the data set and its version")
    parser.add_argument(
        "--from", dest="source", required=True, metavar="URL", help="the hub: https://host"
    )
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="DIR", help="a folder that is not there"
    )
    parser.add_argument(
        "--ca",
        type=Path,
        metavar="FILE",
        help="trust this private authority (PEM) for this hub, from now on",
    )
    add_token(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Fetch it and say what is in it."""
    from signoff_collector.own_files.home import resolve_home
    from signoff_datasets.hubs.answers import read_manifest
    from signoff_datasets.hubs.asking import open_datasets
    from signoff_datasets.hubs.fetching import refuse_existing
    from signoff_datasets.hubs.pinning import ask_terms
    from signoff_datasets.hubs.tokens import read_token

    name, version = _named(arguments.version)
    hub = hub_named(arguments.source)
    if hub is None:
        raise UsageError(f"{arguments.source} is no hub", hint="Name it: --from https://HOST")
    refuse_existing(arguments.out)
    home = resolve_home().ensure()
    asking = open_datasets(home, hub, read_token(arguments.token_file))
    terms = ask_terms(home, hub, arguments.ca)
    given = partial(read_manifest, asking, terms, name, version)
    return fetch_to(arguments.out, console, asking, terms, given)


def _named(said: str) -> tuple[str, int]:
    """Return name and version of what is written `NAME/N`.

    Raises:
        UsageError: it is written otherwise.
    """
    import re

    from signoff_schemas.dataset import NAME_PATTERN

    name, _, number = said.rpartition("/")
    if not re.fullmatch(NAME_PATTERN, name) or not re.fullmatch(r"[1-9][0-9]{0,8}", number):
        raise UsageError(
            "a version is written NAME/N",
            hint="Such as spring/2; the hub's pages and its feed name versions so.",
        )
    return name, int(number)
