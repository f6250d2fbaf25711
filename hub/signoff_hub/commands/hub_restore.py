"""`signoff hub restore`: a hub made of a backup again, and proven."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_hub.commands.hub_verify import read_head, said_of, show
from signoff_hub.commands.which_hub import add_hub, places_named, root_of
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.screen.console import Console

SUMMARY: Final = (
    "Bring a hub back from a backup, into an empty place or beside its store. The backup is proven"
    " first. What ended after it ends again, and nodes start when all is done. Cut off, the same"
    " call begins anew. 10: the key or the objects are nowhere; 11: the backup or a log is"
    " damaged; 13: the place is not empty, or the log would fork; else as `hub verify` ends."
)
EXAMPLE: Final = "signoff hub restore backup --data hub --key hub.key"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the part."""
    parser.add_argument("backup", type=Path, metavar="BACKUP", help="that `hub backup` made")
    add_hub(parser)
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="the hub's private key, where the backup has none"
    )
    parser.add_argument(
        "--mirror",
        type=Path,
        metavar="DIR",
        help="a copy of the hub's log, or what is left of its store: the leaves and tombstones in"
        " it come back too",
    )
    parser.add_argument(
        "--head",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a head that somebody kept, with its signature in FILE.sig: it has to be of the log",
    )
    parser.add_argument(
        "--gone-from",
        type=Path,
        action="append",
        default=[],
        metavar="PAGE",
        help="a saved page of the hub's feed: what it says has ended ends",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Prove the backup, bring the hub back, and say what `hub verify` says."""
    from signoff_hub.backups.checking import check
    from signoff_hub.backups.feeds import read_pages
    from signoff_hub.backups.restoring import Restoring, Where
    from signoff_hub.place.looking import require_folder
    from signoff_hub.verifying.findings import Counts

    root, folder = root_of(arguments), arguments.backup.absolute()
    if root == folder or folder in root.parents or root in folder.parents:
        raise UsageError(
            "the backup and the hub's folder lie in each other", hint="Name folders side by side."
        )
    if arguments.mirror is not None:
        require_folder(arguments.mirror, hint="--mirror names a copy of the hub's log or store.")
    with console.counting("Checking the backup") as tell:
        backup = check(folder, tell=tell)
    where = Where(
        root=root,
        database_url=arguments.database,
        store_url=arguments.store,
        key=None if arguments.key is None else arguments.key.absolute(),
        mirror=arguments.mirror,
        heads=[read_head(path) for path in arguments.head],
        told=read_pages(arguments.gone_from, backup.manifest),
    )
    counts = Counts()
    with places_named(root, arguments), console.counting("Restoring") as tell:
        done = Restoring(backup, where).restore(lambda found: show(found, console), counts, tell)
    caught_up = done.caught_up
    is_proven = counts.exit_code == 0
    if console.is_json:
        console.row(
            {
                "proven": is_proven,
                "rows": done.filled.rows,
                "leaves": counts.leaves,
                "extended": done.filled.extended,
                "ended": caught_up.ended,
                "expired": caught_up.expired,
                "brought_back": done.brought_back,
                "adopted": caught_up.adopted,
                "unknown": caught_up.unknown,
                "findings": counts.findings,
            }
        )
    console.say(
        f"of the backup of {backup.manifest.made_on}: {done.filled.rows:,} rows,"
        f" {done.brought_back:,} objects that were not there"
    )
    console.say(
        f"since then: {done.filled.extended:,} leaves, {caught_up.ended:,} taken back or refused,"
        f" {caught_up.expired:,} expired, {caught_up.adopted:,} adopted,"
        f" {caught_up.unknown:,} that no row knows erased"
    )
    if not done.has_survived and arguments.mirror is None:
        console.note(
            f"nothing here tells whether the log had more than {backup.manifest.log_size:,} leaves:"
            " ask whoever keeps heads or a mirror before a node serves"
        )
    if is_proven:
        console.say(f"proven: {said_of(counts)}", style="green")
    else:
        console.note(f"error: {counts.findings} findings")
        console.note("hint: docs/hub/verifying.md says what each means.")
    console.note("next: new tokens (`signoff hub token`), then `signoff hub serve`")
    return counts.exit_code
