"""A review as it is kept on disk: what was decided, and what before, for `undo`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from signoff_collector.review.plan.parting import Parting
from signoff_schemas.plan import Plan
from signoff_schemas.values import Count, Sha256, Value

GroupId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,200}$")]
"""Names a group of places without holding what stands there."""


class Decided(Value):
    """What a person decided so far.

    The plan, what they looked at and left as it is, and how they parted what is not kept.
    """

    plan: Plan
    accepted: tuple[GroupId, ...] = ()
    parting: Parting = Parting()


class StoredReview(Value):
    """A review as it is kept."""

    draft_version: Literal[1] = 1
    base_sha256: Sha256
    key: Sha256
    """32 random bytes, drawn when the review was begun: ids of groups are made with them."""
    revision: Count = 0
    """Grows with every change, undo too."""
    now: Decided
    earlier: tuple[Decided, ...] = ()
    """Oldest first."""

    @property
    def plan(self) -> Plan:
        """The present plan."""
        return self.now.plan

    @property
    def accepted(self) -> frozenset[str]:
        """Ids of the groups that were looked at and accepted."""
        return frozenset(self.now.accepted)

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self.earlier)
