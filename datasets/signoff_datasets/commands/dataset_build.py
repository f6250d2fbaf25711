"""`signoff dataset build`: build the data set of a plan."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_datasets.commands.from_hub import add_token, build_at_hub
from signoff_datasets.commands.telling import say_built
from signoff_datasets.commands.who_may_sign import add_authority, authority_of, now
from signoff_datasets.commands.writing import refuse_in_source
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    from signoff_collector.screen.console import Console
    from signoff_datasets.engines.interface import Engine

SUMMARY: Final = (
    "Build the data set of a plan: Parquet tables, the proofs, and a signed manifest."
    " The same plan gives the same bytes; one that was interrupted goes on."
)
EXAMPLE: Final = "signoff dataset build plan.json --from DIR -o dataset"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the part."""
    parser.add_argument("plan", type=Path, metavar="FILE", help="as `dataset plan` wrote it")
    parser.add_argument(
        "--from",
        dest="source",
        metavar="DIR",
        help="where the episodes are: a folder, or a store; the plan of a hub names it itself",
    )
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="DIR", help="a folder that is not there"
    )
    add_authority(parser)
    add_token(parser)
    parser.add_argument(
        "--engine",
        choices=["pool", "ray"],
        default="pool",
        help="processes of this machine, or a Ray cluster",
    )
    parser.add_argument(
        "--address", metavar="HOST:PORT", help="of the Ray cluster's head; else Ray's own settings"
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="processes at once; else one for each core"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Build it and say what is in it."""
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.own_files.private_files import read_regular
    from signoff_datasets.building.builds import Build
    from signoff_datasets.building.signing import HomeBuilder
    from signoff_datasets.building.workplace import Workplace
    from signoff_datasets.sources.opening import address_of, open_source
    from signoff_schemas.dataset import MAX_BYTES, digest_of, parse_plan
    from signoff_schemas.hub_plan import is_hub_plan

    content = read_regular(arguments.plan, max_bytes=MAX_BYTES)
    if is_hub_plan(content):
        return build_at_hub(arguments, console, content)
    engine = _engine(arguments)
    plan = parse_plan(content)
    if arguments.source is None:
        raise UsageError(
            "where the episodes of this plan are is not said",
            hint="Name the folder or store that it was drawn from: --from DIR",
        )
    address = address_of(arguments.source)
    refuse_in_source(arguments.out, address)
    day = now()
    home = resolve_home().ensure()
    with authority_of(arguments, day) as authority:
        source = open_source(address)
        try:
            place = Workplace(arguments.out, digest_of(plan))
            try:
                build = Build(
                    plan=plan,
                    address=address,
                    source=source,
                    authority=authority,
                    engine=engine,
                    now=day,
                    builder=HomeBuilder(home),
                )
                with console.counting("Building") as tell:
                    manifest = build.into(place, tell)
            finally:
                place.close()
        finally:
            source.close()
    say_built(console, place.out, manifest)
    return 0


def pool_of(workers: int | None) -> Engine:
    """Return the processes of this machine, one for each core where no number is given.

    Raises:
        UsageError: the number is not above 0.
    """
    from signoff_datasets.engines.pool import PoolEngine

    if workers is not None and workers < 1:
        raise UsageError(
            f"--workers {workers}: at least one is needed",
            hint="Give 1 or more, or leave it out for one for each core.",
        )
    return PoolEngine(workers=workers if workers is not None else os.cpu_count() or 1)


def _engine(arguments: argparse.Namespace) -> Engine:
    from signoff_datasets.engines.ray import RayEngine

    if arguments.engine == "pool":
        if arguments.address is not None:
            raise UsageError("--address is of a Ray cluster", hint="Add --engine ray.")
        return pool_of(arguments.workers)
    if arguments.workers is not None:
        raise UsageError(
            "--workers is of a pool; a Ray cluster knows its own", hint="Leave --workers out."
        )
    return RayEngine(address=arguments.address or "auto")
