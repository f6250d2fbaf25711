"""`signoff dataset verify`: prove every row of a data set, offline."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_datasets.commands.who_may_sign import (
    add_authority,
    add_builder,
    add_hub,
    authority_of,
    builder_of,
    hub_that_built,
    now,
)

if TYPE_CHECKING:
    from signoff_collector.screen.console import Console

SUMMARY: Final = (
    "Prove that each row of a data set is of an episode whose author signed for this purpose."
    " 0: all proven; 3: some are not; 11: a file is changed; 12: a signature does not hold."
)
EXAMPLE: Final = "signoff dataset verify dataset --allowed-signers team --audience s3://host/bucket"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the part."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="a data set")
    parser.add_argument("--plan", type=Path, metavar="FILE", help="the plan that it was built from")
    add_authority(parser)
    add_builder(parser)
    add_hub(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Look at everything, name what is wrong, and say how much is proven."""
    from signoff_collector.commands.erasing import counted
    from signoff_collector.own_files.private_files import read_regular
    from signoff_datasets.cards.cards import card_findings
    from signoff_datasets.hubs.answers import plan_faults
    from signoff_datasets.verifying.findings import Finding, exit_code
    from signoff_datasets.verifying.verifying import verify
    from signoff_schemas.dataset import MAX_BYTES, parse_plan
    from signoff_schemas.hub_plan import is_hub_plan, parse_hub_plan

    plan = asked = None
    if arguments.plan is not None:
        content = read_regular(arguments.plan, max_bytes=MAX_BYTES)
        asked = parse_hub_plan(content) if is_hub_plan(content) else None
        plan = parse_plan(content) if asked is None else None
    day = now()
    hub = hub_that_built(arguments)
    builder = arguments.builder or (None if hub is None else hub.key_fingerprint)
    with (
        authority_of(arguments, day) if hub is None else nullcontext(hub.authority()) as authority,
        console.counting("Verifying") as tell,
    ):
        found = verify(
            arguments.folder,
            authority=authority,
            is_builder=builder_of(builder),
            day=day,
            plan=plan,
            tell=tell,
        )
    if asked is not None:
        found.findings.extend(
            Finding(weight="not-proven", where="manifest.json", what=what)
            for what in plan_faults(found.manifest, asked)
        )
    findings = found.findings or [*card_findings(arguments.folder)]
    for one in findings:
        console.say(f"{one.weight:<11} {one.where}: {one.what}", style="bold red")
        if console.is_json:
            console.row(one.row())
    manifest = found.manifest
    code = exit_code(findings)
    rows = sum(file.rows for file in manifest.files)
    if console.is_json:
        console.row(
            {
                "proven": code == 0,
                "episodes": len(manifest.episodes),
                "rows": rows,
                "findings": len(findings),
                "builder": found.builder,
                "hub": None if hub is None else hub.address,
                "purpose": str(manifest.request.purpose),
                "k": manifest.request.k,
                "version": manifest.version,
            }
        )
    if code == 0:
        console.say(
            f"proven: {rows:,} rows of {counted(len(manifest.episodes), 'episode')},"
            f" for {manifest.request.purpose}, built by {found.builder}"
            + ("" if hub is None else f", the hub {hub.address}"),
            style="green",
        )
    else:
        console.note(f"error: {counted(len(findings), 'finding')}; this data set is not proven")
        console.note("hint: Do not use it; fetch it again, or ask its builder. docs/datasets.md")
    return code
