"""How a person parted what is not kept: saved with the plan, no part of what is shared."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from signoff_schemas.values import Count, Value

_MOST = 10_000


def _ordered(steps: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(steps)))


Steps = Annotated[tuple[Count, ...], Field(max_length=_MOST), AfterValidator(_ordered)]
"""Steps by `seq`, in order, each once."""


class Parting(Value):
    """Where tasks that are not kept begin otherwise than proposed."""

    begins: Steps = ()
    """Steps with which further tasks begin."""
    joined: Steps = ()
    """Steps with which none begins, though one was proposed to."""

    def part_at(self, seq: int) -> Parting:
        """Let a task begin with a step."""
        return Parting(begins=(*self.begins, seq), joined=_without(self.joined, seq))

    def join_at(self, seq: int) -> Parting:
        """Let none begin with a step."""
        return Parting(begins=_without(self.begins, seq), joined=(*self.joined, seq))


def _without(steps: tuple[int, ...], seq: int) -> tuple[int, ...]:
    return tuple(one for one in steps if one != seq)
