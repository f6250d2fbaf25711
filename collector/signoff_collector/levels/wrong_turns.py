"""Wrong turns: what was taken back or had to be repaired, and what took it back or repaired it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from signoff_schemas.words import ActorClass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signoff_collector.levels.levels import Levels

Side = Literal["mistake", "recover"]
Because = Literal["dead_end", "reverted", "broken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongTurn:
    """One side of a wrong turn, in one file."""

    path: str
    first: int
    last: int
    """`seq` of its first and last edit."""
    side: Side
    because: Because
    """`dead_end`: the text did not survive its task; `reverted`: it was taken back; `broken`: a
    test that passed failed after it, until it was mended."""
    is_part: bool = False
    """Of `reverted`: no earlier text came back, some of the work was kept."""


def wrong_turns(levels: Levels) -> Iterator[WrongTurn]:
    """Yield both sides of each wrong turn; spans may overlap."""
    for dead in levels.dead_ends:
        yield WrongTurn(
            path=dead.path, first=dead.first, last=dead.last, side="mistake", because="dead_end"
        )
    yield from _reverted(levels)
    for broken in levels.green_red:
        repaired = [
            one.green for one in levels.red_green
            if one.test == broken.test and one.red == broken.red and one.green is not None
        ]  # fmt: skip
        if repaired and broken.is_tree_changed:
            yield from _repaired(levels, broken.green, broken.red, repaired[0])


def _reverted(levels: Levels) -> Iterator[WrongTurn]:
    for revert in levels.reverts:
        for path in revert.paths:
            inside = levels.taken(revert, path)
            back = frozenset[int]()
            if revert.since is None:
                back = _taking_back(revert.how, [burst.actor for burst in inside])
            else:
                yield WrongTurn(
                    path=path, first=revert.since, last=revert.last, side="recover",
                    because="reverted", is_part=revert.is_part,
                )  # fmt: skip
            for place, burst in enumerate(inside):
                yield WrongTurn(
                    path=path,
                    first=burst.first,
                    last=burst.last,
                    side="recover" if place in back else "mistake",
                    because="reverted",
                    is_part=revert.is_part,
                )


def _taking_back(how: str, actors: Sequence[str]) -> frozenset[int]:
    """Return which bursts of a revert take back: those of undo, or the last one; none for git."""
    if how == "git" or not actors:
        return frozenset()
    undone = frozenset(place for place, cls in enumerate(actors) if cls == ActorClass.UNDO)
    return undone or frozenset({len(actors) - 1})


def _repaired(levels: Levels, green: int, red: int, again: int) -> Iterator[WrongTurn]:
    """Yield what broke a test, as far as its files were edited again to mend it."""
    wrong = [one for one in levels.bursts if green < one.first and one.last < red]
    mending = [one for one in levels.bursts if red < one.first and one.last < again]
    for path in {one.path for one in wrong} & {one.path for one in mending}:
        for one in (*wrong, *mending):
            if one.path == path:
                side: Side = "mistake" if one.last < red else "recover"
                yield WrongTurn(
                    path=path, first=one.first, last=one.last, side=side, because="broken"
                )
