"""Seals one session: gather what lies outside, assemble, mask, write the file.

The only impure module of the package besides `gather`. A kill at any point leaves
either nothing, a complete gathered file, or the complete episode; sealing again
then gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.capture.sessions import Session
    from signoff_collector.clock import Clock
    from signoff_collector.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEpisode:
    """What sealing left behind."""

    path: Path
    """`data/episodes/<16 hex>.episode` of the home."""
    sha256: str
    session: str
    steps: int
    """All steps, edits among them."""


def seal_session(session: Session, home: Home, clock: Clock) -> SealedEpisode:
    """Seal a session that is over, or return the episode it was sealed into.

    Raises:
        NotFoundError: the session holds no journal.
        RefusedError: masks could not be verified.
        DiskFullError: there is no room for the episode.
    """
    raise NotImplementedError
