"""What one kept task holds, in figures: the JSON of the page's Overview."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signoff_collector.review.previews import Previews
    from signoff_schemas.plan import Plan


def overview(previews: Previews, plan: Plan, keep: int) -> dict[str, object]:
    """Return what the episode of one keep would hold, as JSON values.

    Args:
        previews: of the base episode.
        plan: the plan as it is now.
        keep: place in `plan.keeps`.

    Raises:
        UsageError: there is no such keep, or nothing is left of it.
    """
    raise NotImplementedError
