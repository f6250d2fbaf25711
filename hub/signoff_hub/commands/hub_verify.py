"""`signoff hub verify`: prove a hub, its store alone, or a mirror of its log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_hub.commands.which_hub import opened, root_of
from signoff_schemas.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from signoff_collector.screen.console import Console
    from signoff_hub.verifying.findings import Counts, Finding

SUMMARY: Final = (
    "Prove every object, row, leaf, head and tile of a hub; or with --hub-key its store without the"
    " hub, or a mirror of its log. Nothing is written. 0: all proven; 3: something is left over;"
    " 11: something is changed or missing; 12: a signature does not hold."
)
EXAMPLE: Final = "signoff hub verify --data hub"
_MAX_KEY_BYTES: Final = 16 << 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the part."""
    parser.add_argument(
        "mirror", type=Path, nargs="?", metavar="MIRROR", help="a folder with a copy of log/"
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="the hub's folder")
    parser.add_argument(
        "--database", metavar="URL", help="postgresql://user@host/name; else a file in the folder"
    )
    parser.add_argument(
        "--store",
        metavar="URL",
        help="file:///…, s3://host/bucket; else a folder in the folder; without --data it alone",
    )
    parser.add_argument(
        "--hub-key", type=Path, metavar="FILE", help="the hub's public key, where --data is not"
    )
    parser.add_argument(
        "--head",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a head that you kept, with its signature in FILE.sig: it has to be of this log",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Look at everything, name what is wrong and what to do about it."""
    from signoff_hub.verifying.findings import Counts

    ways = (arguments.mirror, arguments.data)
    if sum(one is not None for one in ways) > 1 or (
        all(one is None for one in ways) and arguments.store is None
    ):
        raise UsageError(
            "name one thing to verify",
            hint="`--data DIR` for a hub, `--store URL --hub-key FILE` for its store, or MIRROR.",
        )
    counts, heads = Counts(), [read_head(path) for path in arguments.head]
    if arguments.data is not None:
        _hub(arguments, console, counts, heads)
        what = said_of(counts)
    else:
        _elsewhere(arguments, console, counts, heads)
        what = f"{counts.objects:,} objects, {counts.leaves:,} leaves"
    code = counts.exit_code
    if console.is_json:
        console.row(
            {
                "proven": code == 0,
                "rows": counts.rows,
                "objects": counts.objects,
                "leaves": counts.leaves,
                "heads": counts.heads,
                "findings": counts.findings,
            }
        )
    if code == 0:
        console.say(f"proven: {what}", style="green")
    else:
        console.note(f"error: {counts.findings} findings among {what}")
        console.note("hint: Change nothing before you have a copy. docs/hub/verifying.md")
    return code


def _hub(
    arguments: argparse.Namespace,
    console: Console,
    counts: Counts,
    heads: list[tuple[bytes, bytes]],
) -> None:
    from signoff_hub.place.looking import is_file
    from signoff_hub.verifying.hubs import verify_hub

    root = root_of(arguments)
    needed = [("keys/hub", "the key")]
    if arguments.database is None:
        needed.append(("hub.sqlite", "the database"))
    for name, what in needed:  # opening a hub would make a new one, and all would be void
        if is_file(root / "address") and not is_file(root / name):
            raise NotFoundError(
                f"{what} of the hub is not there: {root / name}",
                hint="Restore it from a backup; docs/hub/verifying.md says what without one.",
            )
    with opened(arguments) as node, console.counting("Verifying") as tell:
        show(verify_hub(node, counts, known_heads=heads, tell=tell), console)


def _elsewhere(
    arguments: argparse.Namespace,
    console: Console,
    counts: Counts,
    heads: list[tuple[bytes, bytes]],
) -> None:
    from signoff_collector.consent.signatures.ssh_keygen import read_public_key
    from signoff_collector.consent.terms.audience import canonical_audience, folder_of
    from signoff_hub.objects.opening import open_objects
    from signoff_hub.place.looking import is_folder, require_folder
    from signoff_hub.verifying.stores import verify_store, verify_tiles

    if arguments.hub_key is None:
        raise UsageError(
            "without the hub's folder its public key is needed: --hub-key FILE",
            hint="It is `receipt_key` in the hub's terms; write it into a file as it stands there.",
        )
    key = read_public_key(arguments.hub_key)
    mirror: Path | None = arguments.mirror
    if mirror is not None:
        hint = "MIRROR is the folder that holds a copy of the hub's `log/`."
        require_folder(mirror.absolute(), hint=hint)
        if not is_folder(mirror / "log" / "heads"):
            raise NotFoundError(f"there is no log/heads in {mirror.absolute()}", hint=hint)
        objects = open_objects(mirror.absolute())
    else:
        store = canonical_audience(arguments.store)
        if store.startswith("file://"):  # nothing there is no damaged log
            require_folder(folder_of(store), hint="--store names the folder of the hub's objects.")
        objects = open_objects(store)
    try:
        if mirror is not None:
            found = verify_tiles(objects, counts, public_key=key, known_heads=heads)
            show(found, console)
            return
        with console.counting("Verifying") as tell:
            found = verify_store(objects, counts, public_key=key, known_heads=heads, tell=tell)
            show(found, console)
    finally:
        objects.close()


def said_of(counts: Counts) -> str:
    """Return what of a whole hub was looked at, in words."""
    return f"{counts.rows:,} rows, {counts.objects:,} objects, {counts.leaves:,} leaves"


def show(findings: Iterable[Finding], console: Console) -> None:
    """Print each finding, with what to do about it."""
    for one in findings:
        console.say(f"{one.weight:<11} {one.where}: {one.what}", style="bold red")
        console.say(f"{'':<11} {one.do}")
        if console.is_json:
            console.row(one.row())


def read_head(path: Path) -> tuple[bytes, bytes]:
    """Return a head of the log that somebody kept, with its signature from beside it."""
    from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES
    from signoff_collector.own_files.private_files import read_regular
    from signoff_schemas.hub_log import MAX_HEAD_BYTES

    content = read_regular(path, max_bytes=MAX_HEAD_BYTES)
    return content, read_regular(path.with_name(f"{path.name}.sig"), max_bytes=MAX_SIGNATURE_BYTES)
