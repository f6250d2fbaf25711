"""`signoff dataset plan`: which episodes may be in a data set for one purpose."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_datasets.commands.who_may_sign import add_authority, authority_of, now
from signoff_schemas.dataset import DEFAULT_K
from signoff_schemas.errors import RefusedError, UsageError
from signoff_schemas.statement import ProhibitedUse, Purpose

if TYPE_CHECKING:
    from signoff_collector.system.console import Console
    from signoff_schemas.dataset import DatasetPlan

SUMMARY: Final = (
    "Choose the signed episodes whose authors allow one purpose, and plan which shard each is in."
)
EXAMPLE: Final = "signoff dataset plan --from DIR --purpose model-training --k 1 -o plan.json"
_MIB: Final = 1 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the part."""
    parser.add_argument(
        "--from",
        dest="source",
        required=True,
        metavar="DIR",
        help="a folder of episodes, or a store: file:///…, s3://…",
    )
    parser.add_argument(
        "--purpose",
        required=True,
        choices=[str(one) for one in Purpose],
        help="what the data set is for; episodes that do not allow it are left out",
    )
    parser.add_argument(
        "--never",
        action="append",
        choices=[str(one) for one in ProhibitedUse],
        help="a use that whoever receives it promises not to make; else all of these",
    )
    add_authority(parser)
    parser.add_argument(
        "--k",
        type=int,
        default=DEFAULT_K,
        metavar="N",
        help=f"fewest contributors of a shard; below {DEFAULT_K} for your own episodes alone",
    )
    parser.add_argument(
        "--name", default="episodes", metavar="NAME", help="of the data set; a-z, 0-9, . _ -"
    )
    parser.add_argument(
        "--shard-mib", type=int, default=64, metavar="N", help="episodes of a shard together, about"
    )
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="PLAN", help="where to write the plan"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Draw the plan, write it, and say what was left out and why."""
    from pydantic import ValidationError

    from signoff_collector.system.private_files import create_private
    from signoff_datasets.building.versions import versions_here
    from signoff_datasets.planning.choosing import choose
    from signoff_datasets.planning.plans import ALL_TRAIN, draw
    from signoff_datasets.planning.pseudonyms import new_salt
    from signoff_datasets.sources.opening import address_of, open_source
    from signoff_schemas.dataset import Request, canonical
    from signoff_schemas.statement import format_time

    out: Path = arguments.out
    _refuse_existing(out)
    day = now()
    try:
        request = Request(
            purpose=Purpose(arguments.purpose),
            prohibited_uses=tuple(
                sorted({ProhibitedUse(one) for one in arguments.never or ProhibitedUse})
            ),
            licences="any",
            k=arguments.k,
            as_of=format_time(day),
            splits=dict(ALL_TRAIN),
            shard_bytes=arguments.shard_mib * _MIB,
        )
    except ValidationError:
        raise UsageError(
            f"--k {arguments.k} or --shard-mib {arguments.shard_mib} is out of range",
            hint="Both are whole numbers from 1 up to a million.",
        ) from None
    salt = new_salt()
    address = address_of(arguments.source)
    with authority_of(arguments, day) as authority:
        if request.k < DEFAULT_K and not authority.is_own:
            raise RefusedError(
                f"k is {request.k}; for the episodes of others it is at least {DEFAULT_K}",
                hint=f"Leave --k out, or give {DEFAULT_K} or more.",
            )
        source = open_source(address)
        try:
            with console.counting("Screening episodes") as tell:
                chosen = choose(source, request, authority, salt, tell)
        finally:
            source.close()
    for place, reason in chosen.named.items():
        if console.is_json:
            console.row({"left_out": place, "reason": reason})
    plan = draw(arguments.name, chosen, request, salt=salt, versions=versions_here())
    try:
        create_private(out, canonical(plan))
    except FileExistsError:
        _refuse_existing(out)
    _say(console, plan, out)
    return 0


def _refuse_existing(out: Path) -> None:
    import os

    if os.path.lexists(out):
        raise RefusedError(
            f"there is something at {out} already", hint="Give a name that is not there yet."
        )


def _say(console: Console, plan: DatasetPlan, out: Path) -> None:
    from signoff_schemas.dataset import digest_of

    people = len({one.contributor for one in plan.episodes})
    size = sum(one.size_bytes for one in plan.episodes)
    console.say(
        f"{len(plan.episodes)} episodes of {people} contributors, {size:,} bytes,"
        f" in {len(plan.shards)} shards: {out}"
    )
    for reason, count in plan.left_out.items():
        console.say(f"left out  {count:>6}  {reason}")
    if console.is_json:
        console.row(
            {
                "plan": str(out),
                "sha256": digest_of(plan),
                "episodes": len(plan.episodes),
                "shards": len(plan.shards),
                "bytes": size,
                "left_out": plan.left_out,
            }
        )
    console.say(f"next: signoff dataset build {out} --from … -o FOLDER")
