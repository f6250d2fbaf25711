"""What a plan file leaves open: groups that it neither masks nor cuts, and nobody accepted.

A plan file is followed to the letter, so that the same plan gives the same bytes; so what a
review would have masked by default, or asked about, is told before anything is written.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from signoff_collector.review.checking.checking_session import begin_checking
from signoff_collector.review.plan.plan_store import PlanStore

if TYPE_CHECKING:
    from signoff_collector.review.applying.base_walk import BaseWalk
    from signoff_collector.review.checking.groups import Group
    from signoff_collector.system.home import Home
    from signoff_schemas.plan import Plan


def open_groups(home: Home, plan: Plan, base: BaseWalk) -> tuple[Group, ...]:
    """Return the groups of all keeps that a plan shares as they are without anybody's word.

    What was accepted in a review of the same episode on this machine counts as decided.

    Raises:
        UsageError: the plan names what the episode does not have.
        DamagedError: what is kept of that review cannot be read.
    """
    store = PlanStore(home, plan.base_sha256)
    stored = store.load() if store.path.exists() else None
    key = secrets.token_hex(32) if stored is None else stored.key
    accepted = frozenset[str]() if stored is None else stored.accepted
    checking = begin_checking(home, plan.base_sha256, base, key)
    found: dict[str, Group] = {}
    for place in range(len(plan.keeps)):
        for group in checking.check(plan, place, accepted).groups:
            if group.state is None and "accept" in group.actions:
                found[group.id] = group
    return tuple(found.values())
