"""Whether an episode went through redaction; one that did not is for its owner's eyes only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import RefusedError

if TYPE_CHECKING:
    from signoff_schemas.header import EpisodeHeader

MARK: Final = "second_engine"
"""What redaction leaves among the header's `versions`, whether it masked anything or not."""


def is_masked(header: EpisodeHeader) -> bool:
    """Say whether the secrets of this episode were looked for and masked."""
    return MARK in header.versions


def refuse_unmasked(header: EpisodeHeader) -> None:
    """Stop what shares an episode that nobody masked: `own.episode`, a copy of ``live``.

    Raises:
        RefusedError: it was never masked.
    """
    if not is_masked(header):
        raise RefusedError(
            "this episode was never masked; it cannot be reviewed, signed or uploaded",
            hint="`signoff seal` makes a masked one from its session.",
        )
