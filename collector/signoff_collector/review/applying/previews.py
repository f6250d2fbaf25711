"""Produce the bytes that a plan gives: the single code path of page, terminal and `--plan`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from signoff_collector.review.applying.apply import Entered, apply_keep
from signoff_collector.review.applying.base_walk import BaseWalk
from signoff_schemas.plan import plan_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from signoff_collector.episode.content import Episode
    from signoff_collector.review.base_tree.tree import BaseTree
    from signoff_schemas.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The shared episode that the plan gives for one keep."""

    episode: Episode
    data: bytes
    """The file; deterministic for the same plan and base."""
    entered: tuple[Entered, ...]
    """Texts that enter from omitted steps."""
    placeholders: Mapping[str, str]
    """Placeholder in the result to the placeholder in the base episode."""


def shared_preview(plan: Plan, base: BaseWalk, place: int, tree: BaseTree | None = None) -> Preview:
    """Return the episode of one keep and the bytes of its file.

    Args:
        plan: names the keep.
        base: the first sealed episode.
        place: index of the keep in `plan.keeps`.
        tree: files of the base commit that may be included, for a plan that asks for them.

    Raises:
        UsageError: there is no such keep, nothing is left of it, or the plan names what the
            episode does not have.
    """
    from signoff_collector.episode.file.writer import write_episode

    applied = apply_keep(plan, base, place, tree)
    return Preview(
        episode=applied.episode,
        data=write_episode(applied.episode),
        entered=applied.entered,
        placeholders=applied.placeholders,
    )


class Previews:
    """LRU cache of the previews of one base episode.

    Not thread-safe.

    Args:
        episode: the first sealed episode.
        read_tree: reads its base tree; called at most once, for a plan that asks for it.
        most: capacity of the cache.
    """

    def __init__(
        self,
        episode: Episode,
        *,
        read_tree: Callable[[], BaseTree] | None = None,
        most: int = 4,
    ) -> None:
        self.episode = episode
        self._read_tree = read_tree
        self._most = most
        self._made: dict[tuple[bytes, int], Preview] = {}

    @cached_property
    def base(self) -> BaseWalk:
        """The cached walk over the base episode, shared by all previews."""
        return BaseWalk(self.episode)

    @cached_property
    def tree(self) -> BaseTree | None:
        """Files of the base commit that may be included; None if they cannot be read.

        Raises:
            SignoffError: it cannot be read.
        """
        return None if self._read_tree is None else self._read_tree()

    def tree_for(self, plan: Plan) -> BaseTree | None:
        """Return the base tree if the plan includes it; otherwise None, and nothing is read.

        Raises:
            UsageError: the plan was made for another list of files.
            SignoffError: it cannot be read.
        """
        if plan.with_base is None:
            return None
        if self.tree is not None:
            self.tree.refuse_other(plan.with_base)
        return self.tree

    def of(self, plan: Plan, place: int) -> Preview:
        """Return what `shared_preview` returns, from the cache if nothing changed.

        Raises:
            UsageError: as `shared_preview`.
            SignoffError: the base tree, which the plan asks for, cannot be read.
        """
        name = (plan_bytes(plan), place)
        made = self._made.pop(name, None)
        if made is None:
            made = shared_preview(plan, self.base, place, self.tree_for(plan))
        self._made[name] = made
        while len(self._made) > self._most:
            del self._made[next(iter(self._made))]
        return made
