"""`signoff dataset export`: a data set in a form that trainers read."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_datasets.commands.who_may_sign import (
    add_authority,
    add_builder,
    authority_of,
    builder_of,
    now,
)
from signoff_datasets.exports.formats import FOLDERS, FORMATS
from signoff_schemas.errors import NotFoundError, NotSignedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.screen.console import Console
    from signoff_schemas.dataset import Manifest
    from signoff_schemas.dataset_export import DatasetExport

SUMMARY: Final = (
    "Write each episode of a data set as one file that trainers read, and export.json with what"
    " they are of. What was withdrawn or expired since is left out, and --refresh takes it out of"
    " an export too; 3 when anything is left out."
)
EXAMPLE: Final = "signoff dataset export dataset --from DIR --format chat -o chat"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the part."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="a data set")
    parser.add_argument(
        "--from",
        dest="source",
        required=True,
        metavar="DIR",
        help="where its episodes are: a folder, or a store",
    )
    parser.add_argument(
        "--format", required=True, choices=sorted(FORMATS.keys() - FOLDERS), help="the form"
    )
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="OUT", help="a folder that is not there"
    )
    parser.add_argument(
        "--refresh",
        action="store_true",
        help="OUT is an export of this data set, or of an earlier version: bring it up to date",
    )
    add_authority(parser)
    add_builder(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Export it, and say what is in it and what is not."""
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.system.extras import need
    from signoff_datasets.commands.writing import refuse_existing
    from signoff_datasets.exporting.exporting import Exporting
    from signoff_datasets.exports.formats import load_format
    from signoff_datasets.sources.opening import address_of, open_source

    form = load_format(arguments.format)
    if form.extra is not None:
        need(form.extra, what=f"`signoff dataset export --format {form.name}`")
    folder, out = arguments.folder, arguments.out.absolute()
    around = out.parent.resolve()
    if folder.resolve() in {around, *around.parents}:
        raise UsageError(f"{out} lies in the data set, which it would spoil", hint="Name another.")
    if not os.path.lexists(out):
        refuse_existing(out, is_folder=True, is_forced=False, home=resolve_home().root, kept=())
    manifest = signed_manifest(folder, builder_of(arguments.builder), out=out)
    day = now()
    source = open_source(address_of(arguments.source))
    try:
        with authority_of(arguments, day) as authority, console.counting("Exporting") as tell:
            exporting = Exporting(
                folder=folder,
                manifest=manifest,
                source=source,
                authority=authority,
                form=form,
                day=day,
                tell=tell,
            )
            made = exporting.refresh(out) if arguments.refresh else exporting.into(out)
    finally:
        source.close()
    _say(console, out, made)
    return 3 if made.left_out else 0


def signed_manifest(
    folder: Path, is_builder: Callable[[bytes, str], bool], *, out: Path | None = None
) -> Manifest:
    """Return the manifest of a data set whose builder is known.

    Args:
        folder: the data set.
        is_builder: whether a key, by wire form and fingerprint, may have signed it.
        out: an export of it, which is to be erased where the data set is gone.

    Raises:
        NotFoundError: there is no data set, or none any more.
        NotSignedError: its signature does not hold, or nobody vouches for its key.
    """
    from signoff_datasets.verifying.files import NOTICE
    from signoff_datasets.verifying.verifying import read_manifest, signature_findings

    try:
        manifest, content = read_manifest(folder)
    except NotFoundError as error:
        if not (folder / NOTICE).is_file():
            raise
        raise NotFoundError(
            f"{folder} was replaced, and only its notice is left",
            hint="Name the new version"
            + ("." if out is None else f"; if there is none, erase {out} if it is there."),
        ) from error
    _, findings = signature_findings(folder, content, is_builder)
    if findings:
        raise NotSignedError(
            findings[0].what, hint="Name who built it: --builder. `signoff dataset verify` has all."
        )
    return manifest


def _say(console: Console, out: Path, made: DatasetExport) -> None:
    from signoff_collector.commands.erasing import counted

    records = sum(file.records for file in made.files)
    size = sum(file.size_bytes for file in made.files)
    for reason, episodes in made.left_out.items():
        console.say(f"left out  {len(episodes):>6}  {reason}")
    console.say(
        f"{out}: {counted(len(made.files), 'file')}, {counted(records, 'record')},"
        f" {size:,} bytes of version {made.version}; nothing was sent"
    )
    if made.left_out:
        console.note("note: some episodes of the data set are not in its export")
        console.note(
            "hint: Take what was withdrawn or expired out of the data set too: `signoff dataset"
            " refresh`. What is not-there is not in --from."
        )
    if console.is_json:
        console.row(
            {
                "export": str(out),
                "format": made.format,
                "manifest_sha256": made.manifest_sha256,
                "files": len(made.files),
                "records": records,
                "bytes": size,
                "left_out": {reason: list(named) for reason, named in made.left_out.items()},
            }
        )
