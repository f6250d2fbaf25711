"""Reverts: work that was undone, by undo, by hand, or by git."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from signoff_collector.levels.test_runs.changed_files import paths_changed
from signoff_collector.levels.writing.taken_back import TakenBack, taken_back
from signoff_schemas.steps import CommandStep, GitStep, SaveStep, TestsStep

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signoff_collector.episode.content import Episode
    from signoff_collector.levels.writing.bursts import Burst
    from signoff_collector.levels.writing.standing import Standing
    from signoff_collector.levels.writing.written import Lives

_TAKING_BACK: Final = frozenset({"restore", "reset", "stash", "revert", "checkout"})
_KEEPING: Final = frozenset({"commit", "amend"})
_BY_GIT: Final = frozenset({"git"})
"""Authors of edits by which an editor follows an operation, which is told of itself."""
_UNDOING: Final = frozenset({"undo", "redo"})
_TRYING: Final = (SaveStep, TestsStep, CommandStep)
FEWEST_CHARACTERS: Final = 12
"""Fewer that came and went without a save, a run or a command between are a slip of the hand."""


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
    is_part: bool = False
    """No earlier text came back: some of the work was kept, or other work was done meanwhile."""
    since: int | None = None
    """Of a part: the first step of taking it back."""


def reverts(
    episode: Episode, found: Sequence[Burst], standing: Standing, lives: Lives
) -> tuple[Revert, ...]:
    """Return all, by when they were complete; text that was only moved is not taken back."""
    spans: list[Revert] = []
    tried = [step.seq for step in episode.steps if isinstance(step, _TRYING)]
    for characters, life in lives.values():
        whole = list(_in_life(life, standing, tried))
        parts = [
            part
            for part in taken_back(characters, life, standing)
            if part.burst.actor not in _BY_GIT and not _is_in(part, whole)
        ]
        spans.extend(one for one in whole if not _goes_on(one, parts))
        spans.extend(
            Revert(
                how="undo" if part.burst.actor in _UNDOING else "edits",
                paths=(part.burst.path,),
                first=part.first,
                last=part.burst.last,
                is_part=True,
                since=part.since,
            )
            for part in parts
        )
    spans.extend(_by_git(episode, found))
    return tuple(sorted(spans, key=lambda one: (one.last, one.first)))


def _is_in(part: TakenBack, whole: Sequence[Revert]) -> bool:
    """Say whether a return to an earlier text tells of a part already: most of both is the same."""
    first, last = part.first, part.burst.last
    for one in whole:
        common = min(one.last, last) - max(one.first, first) + 1
        if 2 * common > min(one.last - one.first, last - first) + 1 and one.last >= last:
            return True
    return False


def _goes_on(one: Revert, parts: Sequence[TakenBack]) -> bool:
    """Say whether a return was only passed through, while more was taken away."""
    return any(
        part.first <= one.first and part.since <= one.last <= part.burst.last for part in parts
    )


def _in_life(life: Sequence[Burst], standing: Standing, tried: Sequence[int]) -> Iterator[Revert]:
    """Yield the returns to a text that stood there before, with other texts between.

    Few characters that were neither saved nor tried before they went are a slip, and none.

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
            is_slip = _changed(taken) < FEWEST_CHARACTERS and not _any_between(
                tried, taken[0].first, burst.last
            )
            if not is_slip and not standing.is_moved(taken, standing.end_after(burst.last)):
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


def _changed(taken: Sequence[Burst]) -> int:
    return sum(burst.inserted + burst.deleted for burst in taken)


def _any_between(seqs: Sequence[int], first: int, last: int) -> bool:
    return bisect_left(seqs, first) < bisect_left(seqs, last)


def _by_git(episode: Episode, found: Sequence[Burst]) -> Iterator[Revert]:
    """Yield the operations that put back files which were edited since the last commit.

    Where an editor followed, its text says since when it had been like that.
    """
    fresh: dict[str, int] = {}
    place = 0
    for step in episode.steps:
        if not isinstance(step, GitStep):
            continue
        while place < len(found) and found[place].first < step.seq:
            if found[place].action is not None:
                fresh.setdefault(found[place].path, found[place].first)
            place += 1
        if step.operation in _KEEPING:
            fresh.clear()
        elif step.operation in _TAKING_BACK:
            paths = sorted(fresh.keys() & set(paths_changed(step)))
            if paths:
                since = [max(fresh.pop(path), _since(found, place, path)) for path in paths]
                yield Revert(how="git", paths=tuple(paths), first=min(since), last=step.seq)


def _since(found: Sequence[Burst], place: int, path: str) -> int:
    """Return the first edit behind the text that a file has again; -1 where none is known.

    Args:
        found: all bursts.
        place: of the first one after the operation.
        path: of the file.
    """
    after = next((burst for burst in found[place:] if burst.path == path), None)
    if after is None or after.actor not in _BY_GIT:
        return -1
    first = -1
    for burst in reversed(found[:place]):
        if (burst.path, burst.buffer, burst.life) == (path, after.buffer, after.life):
            if burst.state == after.state:
                return first
            first = burst.first
    return -1
