"""A plan of which something ended while it was built: the build goes on, without that.

The builder asked for one data set and gets it: else a hub at which something ends every few minutes
would never end a build of hours. Shards that lost nothing are not built again, for the same reason.
Who asks by the first plan is told of what is built instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from signoff_hub.building.places import plan_key
from signoff_hub.building.plans import PLANNED, still_held, write_plan_rows
from signoff_hub.building.versions import BUILDING, this_version
from signoff_hub.database.tables import DATASET_VERSION, PLAN, PLAN_EPISODE
from signoff_schemas.dataset import canonical, digest_of
from signoff_schemas.hub_log import EntryKind, log_entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from signoff_hub.node.node import Node
    from signoff_schemas.dataset import DatasetPlan


def built_instead(connection: Connection, sha256: str) -> str:
    """Return the plan that is built where this one is asked for: without what ended meanwhile."""
    while True:
        became = connection.execute(select(PLAN.c.became).where(PLAN.c.sha256 == sha256)).scalar()
        if became is None:
            return sha256
        sha256 = became


def earlier_plans(connection: Connection, token_hash: str) -> Mapping[str, str]:
    """Return which plans of a builder are built instead of which."""
    became = select(PLAN.c.became, PLAN.c.sha256).where(
        PLAN.c.token_hash == token_hash, PLAN.c.became.is_not(None)
    )
    return {str(row.became): str(row.sha256) for row in connection.execute(became)}


def first_of(plan_sha256: str, earlier: Mapping[str, str]) -> str:
    """Return the plan that was asked for, where another one is built."""
    while plan_sha256 in earlier:
        plan_sha256 = earlier[plan_sha256]
    return plan_sha256


def go_on_without(node: Node, plan: DatasetPlan, version: int) -> DatasetPlan | None:
    """Have a version built of its plan without what ended.

    Returns:
        What of the plan is left; None where nothing ended, too few are left, or the version is
        not to be built any more.

    Raises:
        NetworkError: database or store are away.
    """
    asked = digest_of(plan)
    with node.database.read() as connection:
        left = still_held(node, connection, plan)
    if left is plan or not left.shards:
        return None
    sha256 = digest_of(left)
    node.objects.create(plan_key(sha256), canonical(left))
    node.probe("plan reduced")
    with node.database.write() as connection:
        node.database.lock_log(connection)
        here = this_version(plan.name, version) & (DATASET_VERSION.c.plan == asked)
        is_ours = update(DATASET_VERSION).where(here, DATASET_VERSION.c.state == BUILDING)
        if connection.execute(is_ours.values(plan=sha256)).rowcount != 1:
            return None
        token = connection.execute(select(PLAN.c.token_hash).where(PLAN.c.sha256 == asked)).scalar()
        entry = log_entry(EntryKind.BUILD, sha256, node.moment(), PLANNED)
        (leaf,) = node.log.append(connection, (entry,))
        write_plan_rows(node, connection, left, str(token), leaf)
        connection.execute(update(PLAN).where(PLAN.c.sha256 == asked).values(became=sha256))
        connection.execute(delete(PLAN_EPISODE).where(PLAN_EPISODE.c.plan == asked))
        node.probe("plan replaced")
    return left


def forget_earlier(node: Node, sha256: str) -> None:
    """Erase the plans instead of which this one is built: they name who left."""
    with node.database.read() as connection:
        earlier = connection.execute(select(PLAN.c.sha256).where(PLAN.c.became == sha256))
        outdated = earlier.scalars().all()
    for one in outdated:
        node.objects.remove(plan_key(one))
