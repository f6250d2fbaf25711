"""`signoff dataset refresh`: a new version without what is gone; the old one is erased."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_datasets.commands.from_hub import add_token, hub_named, refresh_at_hub
from signoff_datasets.commands.telling import say_refreshed
from signoff_datasets.commands.who_may_sign import add_authority, authority_of, now
from signoff_datasets.commands.writing import refuse_in_source
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from signoff_collector.screen.console import Console

SUMMARY: Final = (
    "Make a new version of a data set without what was withdrawn, expired or replaced, and erase"
    " the old one; a signed notice is left in its place. One that was interrupted goes on."
)
EXAMPLE: Final = "signoff dataset refresh dataset --plan plan.json --from DIR -o dataset-2"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the part."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="the data set; it is erased")
    parser.add_argument(
        "--plan", type=Path, metavar="FILE", help="that it was built from; a hub keeps its own"
    )
    parser.add_argument(
        "--from",
        dest="source",
        required=True,
        metavar="DIR",
        help="where withdrawals and newer sign-offs are: a folder, a store, or its hub",
    )
    parser.add_argument(
        "--gone-from",
        type=Path,
        nargs="+",
        default=[],
        metavar="PAGE",
        help="saved pages of a hub's feed, from the first to the last: its withdrawals count too",
    )
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="DIR", help="a folder that is not there"
    )
    parser.add_argument(
        "--new-plan",
        type=Path,
        metavar="FILE",
        help="where the plan of the new version goes; else beside it, OUT.plan.json",
    )
    parser.add_argument(
        "--as-of",
        metavar="TIME",
        help="the day on which sign-offs have to hold, as 2027-01-01T00:00:00Z; else now",
    )
    parser.add_argument(
        "--yes", action="store_true", help="erase now what expires only until a later --as-of"
    )
    add_authority(parser)
    add_token(parser)
    parser.add_argument(
        "--workers", type=int, metavar="N", help="processes at once; else one for each core"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Refresh it and say what is gone."""
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.own_files.private_files import read_regular
    from signoff_datasets.building.signing import HomeBuilder
    from signoff_datasets.commands.dataset_build import pool_of
    from signoff_datasets.refreshing.feeds import FollowingSource, read_feed
    from signoff_datasets.refreshing.refreshes import Refresh
    from signoff_datasets.sources.opening import address_of, open_source
    from signoff_schemas.dataset import MAX_BYTES, parse_plan

    out: Path = arguments.out
    if out.name in {"", ".."}:
        raise UsageError(f"{out} is no name of a folder", hint="Name one that is not there yet.")
    hub = hub_named(arguments.source)
    if hub is not None:
        return refresh_at_hub(arguments, console, hub)
    if arguments.plan is None:
        raise UsageError(
            "the plan of this data set is not named", hint="It is the one it was built from: --plan"
        )
    plan = parse_plan(read_regular(arguments.plan, max_bytes=MAX_BYTES))
    new_plan = arguments.new_plan or out.with_name(f"{out.name}.plan.json")
    day = _day(arguments.as_of)
    if day > now() and not arguments.yes:
        raise UsageError(
            f"{arguments.as_of} is yet to come: what expires until then would be erased now",
            hint="Leave --as-of out, or add --yes to erase it.",
        )
    address = address_of(arguments.source)
    refuse_in_source(out, address)
    refuse_in_source(new_plan, address)
    source = FollowingSource(open_source(address), read_feed(arguments.gone_from))
    try:
        with authority_of(arguments, day) as authority, console.counting("Refreshing") as tell:
            found = Refresh(
                folder=arguments.folder,
                plan=plan,
                source=source,
                authority=authority,
                engine=pool_of(arguments.workers),
                day=day,
                builder=HomeBuilder(resolve_home().ensure()),
                plan_file=arguments.plan,
            ).into(out, new_plan, tell)
    finally:
        source.close()
    say_refreshed(console, arguments.folder, out, new_plan, found)
    return 0


def _day(named: str | None) -> datetime:
    from signoff_schemas.errors import NotSignedError
    from signoff_schemas.statement import parse_time

    if named is None:
        return now()
    try:
        return parse_time(named)
    except (NotSignedError, ValueError) as error:
        raise UsageError(
            f"--as-of {named} is no time", hint="Write it as 2027-01-01T00:00:00Z, in UTC."
        ) from error
