"""Tells whether an episode was redacted; only redacted episodes may be shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import RefusedError

if TYPE_CHECKING:
    from signoff_schemas.header import EpisodeHeader

MARK: Final = "second_engine"
"""Key in the header's `versions` that redaction always sets, even when it masked nothing."""


def is_masked(header: EpisodeHeader) -> bool:
    """Say whether this episode was searched for secrets and masked."""
    return MARK in header.versions


def refuse_unmasked(header: EpisodeHeader) -> None:
    """Refuse to share an episode that was never masked, such as a copy of ``live``.

    Raises:
        RefusedError: it was never masked.
    """
    if not is_masked(header):
        raise RefusedError(
            "this episode was never masked; it cannot be reviewed, signed or uploaded",
            hint="`signoff seal` makes a masked one from its session.",
        )
