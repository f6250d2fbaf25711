"""`signoff dataset diff`: what differs between two data sets."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from signoff_collector.screen.console import Console

SUMMARY: Final = (
    "Say which episodes and files are in one data set and not in the other, as their manifests"
    " name them; 3 when something differs."
)
EXAMPLE: Final = "signoff dataset diff dataset dataset-2"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the part."""
    parser.add_argument("old", type=Path, metavar="DIR", help="a data set")
    parser.add_argument("new", type=Path, metavar="DIR", help="another one")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print what went and what came."""
    from signoff_datasets.verifying.differences import differences
    from signoff_datasets.verifying.verifying import read_manifest

    old, new = read_manifest(arguments.old)[0], read_manifest(arguments.new)[0]
    found = list(differences(old, new))
    for one in found:
        console.say(f"{one.how:<8} {one.what} {one.name}{one.told and ': '}{one.told}")
        if console.is_json:
            console.row({"how": one.how, "what": one.what, "name": one.name})
    if not found:
        console.say("the manifests say the same")
    return 3 if found else 0
