"""The persisted form of a review: decisions, and earlier decisions for `undo`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from signoff_collector.review.plan.parting import Parting
from signoff_schemas.plan import Plan
from signoff_schemas.values import Count, Sha256, Value

GroupId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,200}$")]
"""Identifies a group of places without containing their text."""


class Decided(Value):
    """The decisions of a person so far.

    The plan, the accepted groups, and the split of the steps that are not kept.
    """

    plan: Plan
    accepted: tuple[GroupId, ...] = ()
    parting: Parting = Parting()


class StoredReview(Value):
    """A review as it is stored."""

    draft_version: Literal[1] = 1
    base_sha256: Sha256
    key: Sha256
    """32 random bytes, drawn when the review began: the key for ids of groups."""
    revision: Count = 0
    """Incremented by every change, including undo."""
    now: Decided
    earlier: tuple[Decided, ...] = ()
    """Oldest first."""

    @property
    def plan(self) -> Plan:
        """The current plan."""
        return self.now.plan

    @property
    def accepted(self) -> frozenset[str]:
        """Ids of the groups that were viewed and accepted."""
        return frozenset(self.now.accepted)

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to undo."""
        return bool(self.earlier)
