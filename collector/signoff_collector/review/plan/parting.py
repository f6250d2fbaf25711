"""How a person split the steps that are not kept; saved with the plan, never shared."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from signoff_schemas.values import Count, Value

_MOST = 10_000


def _ordered(steps: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(steps)))


Steps = Annotated[tuple[Count, ...], Field(max_length=_MOST), AfterValidator(_ordered)]
"""Unique step numbers in ascending order."""


class Parting(Value):
    """Differences between the proposed tasks and the person's split."""

    begins: Steps = ()
    """Steps that begin an additional task."""
    joined: Steps = ()
    """Steps at which a proposed boundary was removed."""

    def split_at(self, seq: int) -> Parting:
        """Return the split with a task boundary at a step."""
        return Parting(begins=(*self.begins, seq), joined=_without(self.joined, seq))

    def join_tasks_at(self, seq: int) -> Parting:
        """Return the split without a boundary at a step."""
        return Parting(begins=_without(self.begins, seq), joined=(*self.joined, seq))


def _without(steps: tuple[int, ...], seq: int) -> tuple[int, ...]:
    return tuple(one for one in steps if one != seq)
