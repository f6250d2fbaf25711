"""List the groups that a plan file leaves undecided: neither masked, cut nor accepted.

A plan file is applied literally, so that the same plan gives the same bytes. Everything that a
review would have masked by default, or asked about, is reported before anything is written.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from signoff_collector.review.checking.checking_session import begin_checking
from signoff_collector.review.plan.plan_store import PlanStore

if TYPE_CHECKING:
    from signoff_collector.own_files.home import Home
    from signoff_collector.review.applying.base_walk import BaseWalk
    from signoff_collector.review.checking.groups import Group
    from signoff_schemas.plan import Plan


def open_groups(home: Home, plan: Plan, base: BaseWalk) -> tuple[Group, ...]:
    """Return the undecided groups of all keeps that a plan shares unchanged.

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
