"""What a statement tells of its episode in numbers: stated when signing, compared on receiving."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from signoff_schemas.statement import SharedEpisode
from signoff_schemas.steps import STEP_KINDS

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_schemas.header import EpisodeHeader


def shared_episode(size_bytes: int, episode: Episode) -> SharedEpisode:
    """Return what a statement says that the episode is; kinds of later releases are one."""
    kinds = (step.kind for step in episode.steps)
    counts = Counter[str](kind if kind in STEP_KINDS else "unknown" for kind in kinds)
    if len(episode.edits):
        counts["edit"] += len(episode.edits)
    return SharedEpisode(
        format_version=episode.header.format_version,
        size_bytes=size_bytes,
        steps=dict(sorted(counts.items())),
        time_resolution=episode.header.time_resolution,
    )


def stated_redaction(header: EpisodeHeader) -> dict[str, int]:
    """Return the number of masks by kind, as statements name kinds."""
    return {
        kind.upper().replace("-", "_").replace(" ", "_"): count
        for kind, count in header.redaction.items()
    }
