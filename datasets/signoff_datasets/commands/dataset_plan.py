"""`signoff dataset plan`: which episodes may be in a data set for one purpose."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_datasets.commands.from_hub import add_token, hub_named, plan_at_hub
from signoff_datasets.commands.who_may_sign import add_authority, authority_of, now
from signoff_datasets.commands.writing import refuse_in_source
from signoff_schemas.dataset import DEFAULT_K
from signoff_schemas.errors import RefusedError, UsageError
from signoff_schemas.statement import ProhibitedUse, Purpose

if TYPE_CHECKING:
    from datetime import datetime

    from signoff_collector.screen.console import Console
    from signoff_schemas.dataset import DatasetPlan, Request, Split
    from signoff_schemas.gates import Gate

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
        help="a folder of episodes, a store: file:///…, s3://…, or a hub: https://…",
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
    add_token(parser)
    parser.add_argument(
        "--ca",
        type=Path,
        metavar="FILE",
        help="trust this private authority (PEM) for the hub that is named, from now on",
    )
    parser.add_argument(
        "--k",
        type=int,
        default=DEFAULT_K,
        metavar="N",
        help=f"fewest contributors of a shard; below {DEFAULT_K} for your own episodes alone",
    )
    parser.add_argument(
        "--licences",
        metavar="POLICY",
        help="a licence policy: permissive, any, or a TOML file; else permissive, and any for your"
        " own episodes alone",
    )
    parser.add_argument(
        "--require",
        default="",
        metavar="GATES",
        help="leave out what does not pass these gates of `signoff show --quality`, with commas"
        " between them, such as replay,tests",
    )
    parser.add_argument(
        "--splits",
        default="1000,0,0",
        metavar="T,V,E",
        help="train, validation and test in parts of a thousand; no contributor, repository or"
        " near-copy is on two sides",
    )
    parser.add_argument(
        "--by-time",
        action="store_true",
        help="test is later than validation, and that than train, by the day of capture",
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
    from signoff_collector.own_files.private_files import create_private
    from signoff_datasets.building.versions import versions_here
    from signoff_datasets.planning.choosing import choose
    from signoff_datasets.planning.plans import draw
    from signoff_datasets.planning.pseudonyms import new_salt
    from signoff_datasets.screening.checks import CHECKS, by_policy
    from signoff_datasets.screening.policies import ANY, DEFAULT, read_policy
    from signoff_datasets.sources.opening import address_of, open_source
    from signoff_schemas.dataset import canonical

    out: Path = arguments.out
    _refuse_existing(out)
    day = now()
    hub = hub_named(arguments.source)
    is_own = hub is None and arguments.allowed_signers is None
    named = arguments.licences or (ANY if is_own else DEFAULT)
    policy = None if named == ANY or hub is not None else read_policy(named)
    request = _request(arguments, day, ANY if policy is None else policy.identity)
    if hub is None and arguments.ca is not None:
        raise UsageError("--ca says how a hub is recognised", hint="Name it: --from https://HOST")
    if hub is not None:
        return plan_at_hub(arguments, console, hub, request)
    checks = CHECKS if policy is None else (by_policy(policy), *CHECKS)
    salt = new_salt()
    address = address_of(arguments.source)
    refuse_in_source(out, address)
    with authority_of(arguments, day) as authority:
        if request.k < DEFAULT_K and not authority.is_own:
            raise RefusedError(
                f"k is {request.k}; for the episodes of others it is at least {DEFAULT_K}",
                hint=f"Leave --k out, or give {DEFAULT_K} or more.",
            )
        source = open_source(address)
        try:
            with console.counting("Screening episodes") as tell:
                chosen = choose(source, request, authority, salt, tell, checks=checks)
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


def _request(arguments: argparse.Namespace, day: datetime, licences: str) -> Request:
    """Return what is asked for.

    Raises:
        UsageError: an option is out of range.
    """
    from pydantic import ValidationError

    from signoff_schemas.dataset import Request
    from signoff_schemas.statement import format_time

    splits, gates = _splits(arguments.splits), _gates(arguments.require)
    if arguments.by_time and sum(map(bool, splits.values())) < 2:
        raise UsageError(
            "--by-time parts nothing: all episodes go to one split",
            hint="Say how much each split gets, for example --splits 900,50,50.",
        )
    try:
        return Request(
            purpose=Purpose(arguments.purpose),
            prohibited_uses=tuple(
                sorted({ProhibitedUse(one) for one in arguments.never or ProhibitedUse})
            ),
            licences=licences,
            k=arguments.k,
            as_of=format_time(day),
            splits=splits,
            by_time=arguments.by_time,
            shard_bytes=arguments.shard_mib * _MIB,
            gates=gates,
        )
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors()}
        options = {"k": f"--k {arguments.k}", "shard_bytes": f"--shard-mib {arguments.shard_mib}"}
        told = " and ".join(text for name, text in options.items() if name in wrong)
        raise UsageError(
            f"out of range: {told}", hint="Give a whole number from 1 up to a million."
        ) from None


def _gates(text: str) -> tuple[Gate, ...]:
    """Return what `--require` asks for, in the order of the list.

    Raises:
        UsageError: a word is no gate.
    """
    from signoff_schemas.gates import GATES

    words = {word.strip() for word in text.split(",")} - {""}
    if unknown := sorted(words.difference(GATES)):
        raise UsageError(
            f"--require does not know {unknown[0][:40]!r}",
            hint=f"There are: {', '.join(GATES)}.",
        )
    return tuple(gate for gate in GATES if gate in words)


def _splits(text: str) -> dict[Split, int]:
    """Return what `--splits` asks for.

    Raises:
        UsageError: it is not three numbers that add up to a thousand.
    """
    words = text.split(",")
    if len(words) != 3 or not all(re.fullmatch("[0-9]{1,4}", word) for word in words):
        raise UsageError(
            "--splits is not three numbers with commas between them",
            hint="For example 900,50,50 for train, validation and test.",
        )
    train, validation, test = map(int, words)
    if train + validation + test != 1000:
        raise UsageError(
            f"--splits adds up to {train + validation + test}, not to 1000",
            hint="For example 900,50,50 for train, validation and test.",
        )
    return {"train": train, "validation": validation, "test": test}


def _refuse_existing(out: Path) -> None:
    import os

    if os.path.lexists(out):
        raise RefusedError(
            f"there is something at {out} already", hint="Give a name that is not there yet."
        )


def _say(console: Console, plan: DatasetPlan, out: Path) -> None:
    from signoff_collector.commands.erasing import counted
    from signoff_schemas.dataset import digest_of

    people = len({one.contributor for one in plan.episodes})
    size = sum(one.size_bytes for one in plan.episodes)
    console.say(
        f"{counted(len(plan.episodes), 'episode')} of {counted(people, 'contributor')},"
        f" {size:,} bytes, in {counted(len(plan.shards), 'shard')}: {out}"
    )
    _say_splits(console, plan)
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


def _say_splits(console: Console, plan: DatasetPlan) -> None:
    """Say how near the splits came to what was asked; a group that hangs together is not cut."""
    asked = {name: share for name, share in plan.request.splits.items() if share}
    if len(asked) < 2:
        return
    of = {digest: shard.split for shard in plan.shards for digest in shard.episodes}
    sizes = dict.fromkeys(asked, 0)
    for one in plan.episodes:
        sizes[of[one.sha256]] += one.size_bytes
    total = sum(sizes.values())
    for name, size in sizes.items():
        console.say(f"{name:<10} {size * 1000 // total:>4} of 1000, {asked[name]} asked for")
    if empty := [name for name, size in sizes.items() if not size]:
        console.note(
            f"! {' and '.join(empty)} got nothing: who shares a repository or nearly the same text"
            " stays together, and no shard has fewer contributors than k"
        )
