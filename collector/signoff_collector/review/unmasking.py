"""Shows again what sealing masked, while the journals of the session are still there.

Sealing is done once more with one value exempted; that gives a new base episode, and the plan
is carried over to its numbers. The value itself stays beside the journals and dies with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signoff_collector.home import Home
    from signoff_collector.review.storing import BaseEpisode
    from signoff_schemas.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmasked:
    """What unmasking left."""

    base: BaseEpisode
    """The new first sealed episode."""
    plan: Plan
    """The plan in its numbers."""
    lost: tuple[str, ...]
    """What of the plan could not be carried over, in words without values."""


def can_unmask(home: Home, base: BaseEpisode) -> bool:
    """Return whether the journals that unmasking needs are there."""
    raise NotImplementedError


def unmask(
    home: Home,
    base: BaseEpisode,
    plan: Plan,
    placeholders: tuple[str, ...],
    *,
    confirmed_exact: bool = False,
) -> Unmasked:
    """Seal the session again without masking what some placeholders stand for.

    Args:
        home: whose session it is.
        base: the first sealed episode.
        plan: made for it.
        placeholders: as they stand in the base episode, such as `REDACTED_TOKEN_3`.
        confirmed_exact: the person was told that the value is one the machine knows to be
            secret, and confirmed just that.

    Raises:
        NotFoundError: the journals are gone, or no such placeholder is in the episode.
        RefusedError: the value is an exact one and that was not confirmed, or what is left
            cannot be verified.
    """
    raise NotImplementedError
