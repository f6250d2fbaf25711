"""`signoff hub backup`: a hub as one folder, made while nodes serve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_hub.commands.which_hub import add_hub, opened

if TYPE_CHECKING:
    import argparse

    from signoff_collector.screen.console import Console

SUMMARY: Final = (
    "Save a hub as one folder: the rows of one moment, and the objects that they name. Nodes may"
    " go on. It says until when the backup has to be erased: what is taken back meanwhile is in"
    " it. 3: it is made, and something that the rows need is not in the store."
)
EXAMPLE: Final = "signoff hub backup --data hub -o backup"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the part."""
    add_hub(parser)
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        required=True,
        metavar="BACKUP",
        help="a folder that is not there",
    )
    parser.add_argument(
        "--with-key",
        action="store_true",
        help="put the hub's private key in: whoever has the backup can speak for the hub",
    )
    parser.add_argument(
        "--database-only",
        action="store_true",
        help="the rows alone, where the store has copies of its own",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Make the backup, and say how long it may live."""
    from signoff_hub.backups.saving import save

    out: Path = arguments.out.absolute()
    with opened(arguments) as node, console.counting("Copying") as tell:
        saved = save(
            node,
            out,
            with_key=arguments.with_key,
            with_objects=not arguments.database_only,
            tell=tell,
        )
    if console.is_json:
        console.row(
            {
                "backup": str(out),
                "rows": saved.rows,
                "objects": saved.objects,
                "size_bytes": saved.size_bytes,
                "leaves": saved.leaves,
                "missing": saved.missing_count,
                "erase_by": saved.erase_by,
            }
        )
    console.say(
        f"{out}: {saved.rows:,} rows, {saved.objects:,} objects, {saved.leaves:,} leaves of the log"
    )
    console.say(f"erase it by {saved.erase_by}: what is taken back until then is still in it")
    if arguments.with_key:
        console.note("the hub's private key is in it: keep it where secrets are kept")
    else:
        console.note("the hub's private key is not in it: keep a copy of keys/hub elsewhere")
    if not saved.missing_count:
        return 0
    for key in saved.missing:
        console.say(f"missing: {key}", style="bold red")
    console.note(f"error: {saved.missing_count} objects that rows need are missing or changed")
    console.note("hint: Run `signoff hub verify`; what is missing is missing in what is restored.")
    return 3
