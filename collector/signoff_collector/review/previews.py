"""The bytes that a plan gives, for page, terminal and `--plan`: one function makes them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.review.apply import apply_keep
from signoff_schemas.errors import UsageError
from signoff_schemas.plan import plan_bytes

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_schemas.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the plan gives for one keep."""

    episode: Episode
    data: bytes
    """The file; the same for the same plan and base, whoever asks."""


def shared_preview(plan: Plan, episode: Episode, place: int) -> Preview:
    """Return the episode of one keep and the bytes of its file.

    Args:
        plan: names the keep.
        episode: the first sealed one.
        place: of the keep in `plan.keeps`.

    Raises:
        UsageError: there is no such keep, nothing is left of it, or the plan names what the
            episode does not have.
    """
    from signoff_collector.episode.writer import write_episode

    if not 0 <= place < len(plan.keeps):
        raise UsageError(f"the plan has no keep {place}; it has {len(plan.keeps)}")
    shared = apply_keep(plan, episode, plan.keeps[place], place)
    return Preview(episode=shared, data=write_episode(shared))


class Previews:
    """The previews of one base episode; keeps the last ones that were asked for."""

    def __init__(self, episode: Episode, *, most: int = 4) -> None:
        self.base = episode
        self._most = most
        self._made: dict[tuple[bytes, int], Preview] = {}

    def of(self, plan: Plan, place: int) -> Preview:
        """Return what `shared_preview` returns; quick when nothing changed since.

        Raises:
            UsageError: as `shared_preview`.
        """
        name = (plan_bytes(plan), place)
        made = self._made.pop(name, None)
        if made is None:
            made = shared_preview(plan, self.base, place)
        self._made[name] = made
        while len(self._made) > self._most:
            del self._made[next(iter(self._made))]
        return made
