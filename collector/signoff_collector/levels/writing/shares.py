"""Author shares: how many characters who or what inserted, in the whole and in each task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from signoff_schemas.words import ACTOR_CLASSES, ActorClass, is_restored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.episode.content import Episode

Group = Literal["person", "assistant", "tool", "unknown"]
_GROUPS: dict[ActorClass, Group] = {
    ActorClass.TYPED: "person",
    ActorClass.PASTED: "person",
    ActorClass.COMMAND: "person",
    ActorClass.COMPLETION: "person",
    ActorClass.UNDO: "person",
    ActorClass.REDO: "person",
    ActorClass.ASSISTANT: "assistant",
    ActorClass.FORMATTER: "tool",
    ActorClass.GIT: "tool",
    ActorClass.EXTERNAL: "tool",
    ActorClass.PREEXISTING: "unknown",
    ActorClass.UNKNOWN: "unknown",
}


def group_of(cls: ActorClass) -> Group:
    """Return what a class of author counts as."""
    return _GROUPS[cls]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Of one class of author in one stretch."""

    first: int
    last: int
    """The stretch: first and last `seq`."""
    actor: str
    group: Group
    inserted: int
    """Characters in buffers; without what came to disk alone or `signoff restore` put back."""
    edits: int


def shares(episode: Episode, stretches: Sequence[tuple[int, int]]) -> tuple[Share, ...]:
    """Return the shares of each stretch, given as first and last `seq`; the largest first."""
    return tuple(share for first, last in stretches for share in _shares(episode, first, last))


def _shares(episode: Episode, first: int, last: int) -> list[Share]:
    edits = episode.edits
    low, high = edits.count_until(first - 1), edits.count_until(last)
    said = [place for place, one in enumerate(edits.evidence_sets) if is_restored(one)]
    is_new = ~np.isin(edits.evidence[low:high], said)
    actors, inserted = edits.actor[low:high], edits.inserted[low:high] * is_new
    found = [
        Share(
            first=first,
            last=last,
            actor=str(ACTOR_CLASSES[actor]),
            group=_GROUPS[ACTOR_CLASSES[actor]],
            inserted=int(inserted[actors == actor].sum()),
            edits=int((actors == actor).sum()),
        )
        for actor in np.unique(actors).tolist()
    ]
    return sorted(found, key=lambda one: (-one.inserted, -one.edits, one.actor))
