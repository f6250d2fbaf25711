"""What may happen on a day. A deed names its objects by numbers that are taken modulo what is
there, so that any list of deeds is a day, and a day stays one when deeds are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from hypothesis import strategies as st

GAPS_MS: Final = (3, 40, 150, 400, 1_200, 2_600, 6_000, 6_000, 6_000, 240_000)
"""How long it is to the next deed; after six seconds all is recorded."""

WEIGHTS: Final = {
    "open": 6, "type": 10, "paste": 3, "erase": 3, "replace": 3, "undo": 2, "save": 9,
    "reload": 4, "close": 3, "quit_saved": 2, "quit": 2, "hang_up": 2, "kill_editor": 2,
    "kill_bridge": 1,
    "write": 6, "append": 3, "delete": 2, "rename": 2,
    "commit": 3, "switch": 2, "checkout_all": 2, "reset": 2, "stash": 2, "pop": 2,
    "restore": 2, "agent": 2, "tests": 2, "pause": 2, "resume": 6,
}  # fmt: skip
_BAG: Final = tuple(kind for kind, weight in WEIGHTS.items() for _ in range(weight))


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that is done, and how long nothing else is done after it."""

    kind: str
    who: int = 0
    """Which editor."""
    what: int = 0
    """Which file, line or point."""
    how: int = 0
    """Any other choice."""
    gap: int = 6
    """Place in `GAPS_MS`."""


def draw(choose: Callable[[int], int], *, most: int) -> tuple[Deed, ...]:
    """Draw a day's deeds; `choose` gives a number below its argument."""
    count = 3 + choose(most - 2)
    return tuple(
        Deed(_BAG[choose(len(_BAG))], choose(2), choose(8), choose(12), choose(len(GAPS_MS)))
        for _ in range(count)
    )


def drawn(seed: int, *, most: int = 18) -> tuple[bool, tuple[Deed, ...]]:
    """Draw the day of a seed: whether there is a repository, and the deeds."""
    random = Random(seed)  # noqa: S311  a day, no secret
    return random.random() < 0.55, draw(random.randrange, most=most)


def deeds() -> st.SearchStrategy[tuple[Deed, ...]]:
    """Draw the same with hypothesis, which makes a failing day as short as it can."""
    one = st.builds(
        Deed,
        st.sampled_from(_BAG),
        st.integers(0, 1),
        st.integers(0, 7),
        st.integers(0, 11),
        st.sampled_from((6, *range(len(GAPS_MS)))),
    )
    return st.lists(one, min_size=1, max_size=18).map(tuple)
