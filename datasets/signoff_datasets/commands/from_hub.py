"""The parts of `signoff dataset` where what is named is a hub: it plans, builds, and makes anew."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from signoff_schemas.errors import ReceiverRefusedError, RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.consent.hub_terms import KeptTerms
    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.screen.console import Console
    from signoff_datasets.hubs.answers import Given
    from signoff_datasets.hubs.asking import HubDatasets
    from signoff_schemas.dataset import Request
    from signoff_schemas.hub_plan import HubPlan

_LICENCES = ("permissive", "any")


def add_token(parser: argparse.ArgumentParser) -> None:
    """Declare `--token-file`."""
    parser.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help="holds the API token of a hub; else SIGNOFF_HUB_TOKEN in the environment",
    )


def hub_named(named: str | None) -> Audience | None:
    """Return the address of a hub, if that is what is named; None for a folder or a store.

    Raises:
        UsageError: it is an address of nothing.
        RefusedError: it is a hub's without TLS, on another machine.
    """
    from signoff_collector.consent.terms.audience import canonical_audience

    if named is None or not named.startswith(("http://", "https://")):
        return None
    return canonical_audience(named)


def refuse_options(arguments: argparse.Namespace, *names: str) -> None:
    """Refuse options that say what a hub decides itself, or that are of other places.

    Raises:
        UsageError: one is given.
    """
    for name in names:
        if getattr(arguments, name) not in (None, False, []):
            raise UsageError(
                f"--{name.replace('_', '-')} says nothing to a hub",
                hint="Leave it out: a hub knows who signed what, and plans and builds itself.",
            )


def plan_at_hub(
    arguments: argparse.Namespace, console: Console, hub: Audience, request: Request
) -> int:
    """Have the hub draw the plan, and write down its name and what was asked for."""
    from pydantic import ValidationError

    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.own_files.private_files import create_private
    from signoff_datasets.hubs.asking import open_datasets
    from signoff_datasets.hubs.pinning import ask_terms
    from signoff_datasets.hubs.tokens import read_token
    from signoff_schemas.dataset import DEFAULT_K, canonical
    from signoff_schemas.hub_api import PlanRequest
    from signoff_schemas.hub_plan import HubPlan

    refuse_options(arguments, "allowed_signers", "audience")
    if arguments.licences not in (None, *_LICENCES):
        raise UsageError(
            "a hub has the policies that are shipped", hint="--licences permissive, or any."
        )
    if request.k < DEFAULT_K:
        raise RefusedError(
            f"k is {request.k}; for the episodes of others it is at least {DEFAULT_K}",
            hint=f"Leave --k out, or give {DEFAULT_K} or more.",
        )
    try:
        asked = PlanRequest(
            name=arguments.name,
            purpose=request.purpose,
            prohibited_uses=request.prohibited_uses,
            licences="any" if arguments.licences == "any" else "permissive",
            k=request.k,
            splits=dict(request.splits),
            by_time=request.by_time,
            shard_bytes=request.shard_bytes,
            gates=request.gates,
        )
    except ValidationError as error:
        wrong = ", ".join(sorted({str(one["loc"][0]) for one in error.errors() if one["loc"]}))
        raise UsageError(
            f"a hub does not take this: {wrong or 'splits'}",
            hint="--name is of a-z, 0-9, . _ -; --k is at most 1000, --shard-mib 1024.",
        ) from None
    token, home = read_token(arguments.token_file), resolve_home().ensure()
    terms = ask_terms(home, hub, arguments.ca)
    drawn = open_datasets(home, hub, token).draw(asked)
    plan = HubPlan(
        hub=hub,
        key_fingerprint=terms.terms.receipt_key_fingerprint,
        plan_sha256=drawn.sha256,
        drawn_on=drawn.drawn_on,
        asked=asked,
    )
    out: Path = arguments.out
    try:
        create_private(out, canonical(plan))
    except FileExistsError:
        raise RefusedError(
            f"there is something at {out} already", hint="Give a name that is not there yet."
        ) from None
    console.say(
        f"{hub} drew a plan of {asked.name} for {asked.purpose}: {out}."
        " It does not say of how many episodes or people"
    )
    if console.is_json:
        console.row({"plan": str(out), "sha256": plan.plan_sha256, "hub": str(hub)})
    console.say(f"next: signoff dataset build {out} -o FOLDER")
    return 0


def build_at_hub(arguments: argparse.Namespace, console: Console, content: bytes) -> int:
    """Have the hub build one of its plans, fetch what came of it, and say what is in it."""
    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.own_files.home import resolve_home
    from signoff_datasets.hubs.asking import open_datasets
    from signoff_datasets.hubs.building import built, given_of
    from signoff_datasets.hubs.fetching import refuse_existing
    from signoff_datasets.hubs.pinning import ask_terms
    from signoff_datasets.hubs.tokens import read_token
    from signoff_schemas.hub_plan import parse_hub_plan

    plan = parse_hub_plan(content)
    hub = Audience(plan.hub)
    _refuse_other_source(arguments, plan)
    refuse_options(arguments, "allowed_signers", "audience", "address", "workers")
    refuse_existing(arguments.out)
    home = resolve_home().ensure()
    asking = open_datasets(home, hub, read_token(arguments.token_file))
    terms = ask_terms(home, hub)

    def given() -> Given:
        with console.counting("The hub builds") as tell:
            state = built(asking, plan, tell)
        return given_of(asking, terms, plan, state)

    return fetch_to(arguments.out, console, asking, terms, given)


def fetch_to(
    out: Path,
    console: Console,
    asking: HubDatasets,
    terms: KeptTerms,
    given: Callable[[], Given],
) -> int:
    """Fetch a version into a folder and say what is in it.

    Args:
        out: the folder; what came before the hub says no goes again.
        console: says it.
        asking: the hub.
        terms: of the hub.
        given: asks for the version's manifest.
    """
    from signoff_collector.own_files.home import resolve_home
    from signoff_datasets.commands.telling import say_built
    from signoff_datasets.commands.who_may_sign import now
    from signoff_datasets.hubs.fetching import Fetch, drop_begun

    try:
        found = given()
    except ReceiverRefusedError as error:
        drop_begun(out, error)
        raise
    with console.counting("Fetching") as tell:
        home = resolve_home()
        Fetch(hub=asking, home=home, terms=terms, given=found, day=now()).into(out, tell)
    say_built(console, out, found.manifest, hub=terms.audience)
    return 0


def refresh_at_hub(arguments: argparse.Namespace, console: Console, hub: Audience) -> int:
    """Fetch the version that replaced a data set of a hub, erase the old one, say what is gone."""
    from signoff_collector.consent.hub_terms import find_terms
    from signoff_collector.own_files.home import resolve_home
    from signoff_datasets.commands.telling import say_refreshed
    from signoff_datasets.commands.who_may_sign import now
    from signoff_datasets.hubs.asking import open_datasets
    from signoff_datasets.hubs.following import Follow, erase_the_rest
    from signoff_datasets.hubs.pinning import ask_terms
    from signoff_datasets.hubs.tokens import read_token
    from signoff_datasets.verifying.files import NOTICE

    decided = ("plan", "new_plan", "gone_from", "as_of", "yes")
    refuse_options(arguments, *decided, "allowed_signers", "audience", "workers")
    home = resolve_home().ensure()
    known = find_terms(home, hub)
    if known is not None and (arguments.folder / NOTICE).is_file():
        found = erase_the_rest(arguments.folder, known)
    else:
        asking = open_datasets(home, hub, read_token(arguments.token_file))
        terms = ask_terms(home, hub)
        follow = Follow(hub=asking, home=home, terms=terms, folder=arguments.folder, day=now())
        with console.counting("Fetching") as tell:
            found = follow.into(arguments.out, tell)
    say_refreshed(console, arguments.folder, arguments.out, None, found)
    return 0


def _refuse_other_source(arguments: argparse.Namespace, plan: HubPlan) -> None:
    """Refuse to take the episodes of a hub's plan from anywhere else.

    Raises:
        UsageError: another place is named.
    """
    if arguments.source is not None and hub_named(arguments.source) != plan.hub:
        raise UsageError(
            f"the plan is one of {plan.hub}, which builds it",
            hint="Leave --from out, or draw a plan of the place that it names.",
        )
