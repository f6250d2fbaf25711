"""Reverts: work that was undone, by undo, by hand, or by git."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from signoff_collector.levels.test_runs.changed_files import paths_changed
from signoff_schemas.steps import GitStep

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signoff_collector.episode.content import Episode
    from signoff_collector.levels.writing.bursts import Burst
    from signoff_collector.levels.writing.standing import Standing

_TAKING_BACK: Final = frozenset({"restore", "reset", "stash", "revert", "checkout"})
_KEEPING: Final = frozenset({"commit", "amend"})
_BY_GIT: Final = frozenset({"git"})
"""Authors of edits by which an editor follows an operation, which is told of itself."""
_UNDOING: Final = frozenset({"undo", "redo"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Revert:
    """Work and its taking back."""

    how: Literal["undo", "edits", "git"]
    """`undo` by the editor's own, `edits` by other edits that lead to an earlier text."""
    paths: tuple[str, ...]
    first: int
    """`seq` of the first edit whose work was taken back."""
    last: int
    """`seq` of the last step of taking it back."""


def reverts(episode: Episode, found: Sequence[Burst], standing: Standing) -> tuple[Revert, ...]:
    """Return all, by when they were complete; text that was only moved is not taken back."""
    by_life: dict[tuple[str, int, int], list[Burst]] = {}
    for burst in found:
        by_life.setdefault((burst.path, burst.buffer, burst.life), []).append(burst)
    spans = [one for life in by_life.values() for one in _in_life(life, standing)]
    spans.extend(_by_git(episode, found))
    return tuple(sorted(spans, key=lambda one: (one.last, one.first)))


def _in_life(life: Sequence[Burst], standing: Standing) -> Iterator[Revert]:
    """Yield the returns to a text that stood there before, with other texts between.

    Of several returns in a row, as undo makes them step by step, the longest is yielded.
    """
    latest = {0: -1}
    waiting: Revert | None = None
    before = 0
    for place, burst in enumerate(life):
        earlier = latest.get(burst.state)
        back: Revert | None = None
        if earlier is not None and burst.state != before and burst.actor not in _BY_GIT:
            how: Literal["undo", "edits"] = "undo" if burst.actor in _UNDOING else "edits"
            taken = life[earlier + 1 : place]
            if not standing.is_moved(taken, standing.end_after(burst.last)):
                first = taken[0].first
                back = Revert(how=how, paths=(burst.path,), first=first, last=burst.last)
        if burst.state != before:
            if waiting is not None and (back is None or back.first > waiting.first):
                yield waiting
            waiting = back
        latest[burst.state] = place
        before = burst.state
    if waiting is not None:
        yield waiting


def _by_git(episode: Episode, found: Sequence[Burst]) -> Iterator[Revert]:
    """Yield the operations that put back files which were edited since the last commit."""
    fresh: dict[str, int] = {}
    waiting = iter(found)
    burst = next(waiting, None)
    for step in episode.steps:
        if not isinstance(step, GitStep):
            continue
        while burst is not None and burst.first < step.seq:
            if burst.action is not None:
                fresh.setdefault(burst.path, burst.first)
            burst = next(waiting, None)
        if step.operation in _KEEPING:
            fresh.clear()
        elif step.operation in _TAKING_BACK:
            paths = sorted(fresh.keys() & set(paths_changed(step)))
            if paths:
                first = min(fresh.pop(path) for path in paths)
                yield Revert(how="git", paths=tuple(paths), first=first, last=step.seq)
