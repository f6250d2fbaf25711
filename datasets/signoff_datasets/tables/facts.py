"""What a row says of its episode beyond the episode's own bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from signoff_schemas.dataset import PlannedEpisode, PlannedShard


class Rows(Protocol):
    """A table of Arrow, as far as it is asked."""

    @property
    def num_rows(self) -> int:
        """How many rows."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """From the plan."""

    planned: PlannedEpisode
    shard: PlannedShard
