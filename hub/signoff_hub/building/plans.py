"""Plans: what of all that is admitted may be in a data set, drawn now; nobody is told a count.

Who could ask for counts, today and tomorrow, would learn from the difference who left. So a plan
tells its builder a digest; too few contributors are told as that and no more; and what is said of
the episodes left out is of k people at least.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select

from signoff_datasets.building.versions import versions_here
from signoff_datasets.cards.figures import told
from signoff_datasets.planning.choosing import choose
from signoff_datasets.planning.plans import draw
from signoff_datasets.planning.pseudonyms import new_salt
from signoff_datasets.refreshing.reduced import reduced
from signoff_datasets.screening.checks import CHECKS, by_policy
from signoff_datasets.screening.policies import ANY, read_policy
from signoff_hub.building.places import plan_key
from signoff_hub.building.source import HubSource, holds_now, hub_authority
from signoff_hub.database.tables import EPISODE, PLAN, PLAN_EPISODE, SIGN_OFF
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.states import SignOffIs
from signoff_schemas.dataset import MOST_SHARE, Request, canonical, digest_of
from signoff_schemas.errors import RefusedError
from signoff_schemas.hub_api import Drawn
from signoff_schemas.hub_log import EntryKind, log_entry
from signoff_schemas.statement import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, Row

    from signoff_datasets.planning.choosing import Chosen
    from signoff_hub.node.node import Node
    from signoff_schemas.dataset import DatasetPlan
    from signoff_schemas.hub_api import PlanRequest

PLANNED: Final = "planned"
_AT_ONCE: Final = 500
_MOST_SHOWN: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the index says of the admitted episodes, before any is read."""

    account_of: Mapping[str, str]
    """Digest to who it counts as."""
    wanted: Sequence[str]
    """Those that the terms allow."""
    reasons: Mapping[str, str]
    """Digest to reason, of the others."""


def draw_plan(
    node: Node,
    token_hash: str,
    asked: PlanRequest,
    *,
    salt: str | None = None,
    on_kept: Callable[[Connection, str], None] = lambda _, __: None,
) -> Drawn:
    """Draw a plan and keep it: reads every episode that may be in it.

    Args:
        node: which hub.
        token_hash: who asks.
        asked: what for.
        salt: of the pseudonyms; None: a new one, as always but in tests.
        on_kept: called with its digest, in the transaction that keeps it.

    Raises:
        HubFault: too few contributors share for it.
        NetworkError: database or store are away.
    """
    plan = _drawn(node, asked, new_salt() if salt is None else salt)
    return read_drawn(node, token_hash, _keep(node, token_hash, plan, on_kept))


def read_drawn(node: Node, token_hash: str, sha256: str) -> Drawn:
    """Return a plan of whoever asks.

    Raises:
        HubFault: they have none of that digest.
    """
    with node.database.read() as connection:
        row = connection.execute(
            select(PLAN).where(PLAN.c.sha256 == sha256, PLAN.c.token_hash == token_hash)
        ).first()
    if row is None:
        raise no_plan()
    return _shown(row)


def list_drawn(node: Node, token_hash: str) -> tuple[Drawn, ...]:
    """Return the newest plans of whoever asks."""
    with node.database.read() as connection:
        rows = connection.execute(
            select(PLAN)
            .where(PLAN.c.token_hash == token_hash)
            .order_by(PLAN.c.made_at.desc(), PLAN.c.sha256)
            .limit(_MOST_SHOWN)
        ).all()
    return tuple(_shown(row) for row in rows)


def write_plan_rows(
    node: Node, connection: Connection, plan: DatasetPlan, token_hash: str, log_size: int
) -> None:
    """Write the rows of a plan whose object is kept; one that is there stays."""
    sha256 = digest_of(plan)
    if connection.execute(select(PLAN.c.sha256).where(PLAN.c.sha256 == sha256)).first():
        return
    connection.execute(
        insert(PLAN).values(
            sha256=sha256,
            name=plan.name,
            purpose=str(plan.request.purpose),
            token_hash=token_hash,
            log_size=log_size,
            made_at=node.now(),
        )
    )
    rows = [{"plan": sha256, "episode": one.sha256} for one in plan.episodes]
    connection.execute(insert(PLAN_EPISODE), rows)


def all_hold(node: Node, connection: Connection, statements: Sequence[str]) -> bool:
    """Tell whether each of some sign-offs is admitted and not over."""
    return _held_of(node, connection, statements).issuperset(statements)


def no_plan() -> HubFault:
    """Return the answer to who names a plan that is not theirs, or none."""
    return HubFault(
        FaultCode.NOT_FOUND, "there is no such plan of yours", hint="Draw one: POST /v1/plans."
    )


def stale() -> HubFault:
    """Return the answer where something of a plan is gone."""
    return HubFault(
        FaultCode.STALE,
        "an episode of the plan is gone since it was drawn",
        hint="Draw the plan again: POST /v1/plans.",
    )


def _drawn(node: Node, asked: PlanRequest, salt: str) -> DatasetPlan:
    policy = None if asked.licences == ANY else read_policy(asked.licences)
    request = Request(
        purpose=asked.purpose,
        prohibited_uses=tuple(sorted(set(asked.prohibited_uses))),
        licences=ANY if policy is None else policy.identity,
        k=max(asked.k, node.settings.k),
        as_of=format_time(node.moment()),
        log_size=node.log.sign_head().head.size,
        splits=asked.splits,
        by_time=asked.by_time,
        shard_bytes=asked.shard_bytes,
        gates=asked.gates,
    )
    seen = _seen(node, request)
    checks = CHECKS if policy is None else (by_policy(policy), *CHECKS)
    chosen = choose(
        HubSource(node, seen.wanted),
        request,
        hub_authority(node),
        salt,
        lambda _done, _all: None,
        checks=checks,
    )
    if len({one.contributor for one in chosen.episodes.values()}) < request.k:
        raise too_few()
    try:
        plan = draw(asked.name, chosen, request, salt=salt, versions=versions_here())
    except RefusedError:
        raise too_few() from None
    return plan.model_copy(update={"left_out": _left_out(seen, chosen, request.k)})


def _seen(node: Node, request: Request) -> _Seen:
    """Judge every admitted episode by its rows: who prohibits the use is never read for it."""
    accounts: dict[str, str] = {}
    reasons: dict[str, str] = {}
    wanted: set[str] = set()
    columns = (
        SIGN_OFF.c.statement,
        SIGN_OFF.c.episode,
        SIGN_OFF.c.account,
        SIGN_OFF.c.purposes,
        SIGN_OFF.c.prohibited,
    )
    after = ""
    while True:
        page = (
            select(*columns)
            .join(EPISODE, EPISODE.c.sha256 == SIGN_OFF.c.episode)
            .where(
                holds_now(node),
                EPISODE.c.state == SignOffIs.ADMITTED,
                SIGN_OFF.c.statement > after,
            )
            .order_by(SIGN_OFF.c.statement)
            .limit(_AT_ONCE)
        )
        with node.database.read() as connection:
            rows = connection.execute(page).all()
        for row in rows:
            accounts[row.episode] = row.account
            if request.purpose not in row.purposes:
                reasons.setdefault(row.episode, "purpose")
            elif not set(row.prohibited) <= set(request.prohibited_uses):
                reasons[row.episode] = "prohibited-use"
            else:
                wanted.add(row.episode)
        if len(rows) < _AT_ONCE:
            break
        after = rows[-1].statement
    return _Seen(
        account_of=accounts,
        wanted=sorted(wanted),
        reasons={digest: why for digest, why in reasons.items() if digest not in wanted},
    )


def _left_out(seen: _Seen, chosen: Chosen, k: int) -> dict[str, int]:
    """Return what may be said of the episodes left out: k people at least, none with a fifth."""
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for digest, reason in [*seen.reasons.items(), *chosen.named.items()]:
        held[reason][seen.account_of.get(digest, "")] += 1
    counts: dict[str, int] = {}
    for reason, people in sorted(held.items()):
        count = told(people.total(), len(people), k=k)
        if count is not None and max(people.values()) <= MOST_SHARE * people.total():
            counts[reason] = count
    return counts


def _keep(
    node: Node,
    token_hash: str,
    plan: DatasetPlan,
    on_kept: Callable[[Connection, str], None],
) -> str:
    """Keep a plan, without what ended while it was drawn; return its digest."""
    while True:
        sha256 = digest_of(plan)
        node.objects.create(plan_key(sha256), canonical(plan))
        node.probe("plan created")
        with node.database.write() as connection:
            node.database.lock_log(connection)
            left = still_held(node, connection, plan)
            if left is plan:
                entry = log_entry(EntryKind.BUILD, sha256, node.moment(), PLANNED)
                (leaf,) = node.log.append(connection, (entry,))
                write_plan_rows(node, connection, plan, token_hash, leaf)
                on_kept(connection, sha256)
                node.probe("plan written")
                return sha256
        node.objects.remove(plan_key(sha256))  # it names who left
        if not left.shards:
            raise too_few()
        plan = left


def still_held(node: Node, connection: Connection, plan: DatasetPlan) -> DatasetPlan:
    """Return a plan without the episodes that ended; how many those are is not said in it."""
    held = _held_of(node, connection, [one.statement_sha256 for one in plan.episodes])
    gone = {one.sha256: "withdrawn" for one in plan.episodes if one.statement_sha256 not in held}
    if not gone:
        return plan
    left = reduced(plan, gone, plan.request.as_of)
    return left.model_copy(update={"left_out": plan.left_out})


def _held_of(node: Node, connection: Connection, statements: Sequence[str]) -> frozenset[str]:
    """Return which of some sign-offs are admitted and not over."""
    held: set[str] = set()
    for at in range(0, len(statements), _AT_ONCE):
        some = SIGN_OFF.c.statement.in_(statements[at : at + _AT_ONCE])
        found = connection.execute(select(SIGN_OFF.c.statement).where(holds_now(node), some))
        held.update(found.scalars())
    return frozenset(held)


def too_few() -> HubFault:
    """Return the answer where k people do not share; how many do is not said."""
    return HubFault(
        FaultCode.K,
        "too few contributors share for that; how many is not said",
        hint="Promise what contributors ask for, ask for another purpose, or wait for more.",
    )


def _shown(row: Row[tuple[object, ...]]) -> Drawn:
    return Drawn(
        sha256=row.sha256,
        name=row.name,
        purpose=row.purpose,
        drawn_on=format_time(datetime.fromtimestamp(row.made_at, UTC)),
        log_size=row.log_size,
    )
