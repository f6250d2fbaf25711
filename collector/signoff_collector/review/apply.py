"""`apply(plan, episode)`: the episodes that may be shared, a pure function."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_schemas.plan import Plan


def apply(plan: Plan, episode: Episode) -> list[Episode]:
    """Return one shared episode per keep of the plan, in the plan's order.

    Same plan, same episode: same result. Nothing outside the keeps is in the result, not
    in text, times, numbers or hashes.

    Raises:
        UsageError: the plan names a step, file or task that the episode does not have.
    """
    raise NotImplementedError
