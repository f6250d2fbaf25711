"""`signoff dataset label`: label an episode of a data set, if it may still be used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.commands.label import act, add_deeds, open_named
from signoff_datasets.commands.who_may_sign import (
    add_authority,
    add_builder,
    authority_of,
    builder_of,
    now,
)
from signoff_schemas.errors import OutdatedError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.screen.console import Console

SUMMARY: Final = (
    "Label an episode of a data set, as `signoff label` does. Its sign-off is checked each time:"
    " what was withdrawn, has expired or was signed for something else is not shown."
)
EXAMPLE: Final = "signoff dataset label dataset 5f3a --from DIR"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the part."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="a data set")
    parser.add_argument(
        "episode", metavar="EPISODE", help="the beginning of the SHA-256 of one of its episodes"
    )
    parser.add_argument(
        "--from",
        dest="source",
        required=True,
        metavar="DIR",
        help="the folder that its episodes lie in; labels are put beside them",
    )
    add_deeds(parser)
    add_authority(parser)
    add_builder(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Look whether the episode may be used, then do what `signoff label` does."""
    from signoff_datasets.commands.dataset_export import signed_manifest
    from signoff_datasets.exporting.one_episode import readable_path

    manifest = signed_manifest(arguments.folder, builder_of(arguments.builder))
    day = now()
    with authority_of(arguments, day) as authority:
        path, sha256 = readable_path(
            arguments.folder,
            manifest,
            source=arguments.source,
            prefix=arguments.episode,
            authority=authority,
            day=day,
        )
    opened = open_named(str(path), arguments.schema, console)
    if opened.sha256 != sha256:
        raise OutdatedError(f"{path} was changed meanwhile")
    return act(opened, arguments, console)
