"""Units, which are labelled, shown and compared as one: bursts of edits, steps that say something.

A person labels what was done in one thought, not each key that was pressed. Cursor moves, views and
checkpoints are no units; a label may still be said of any step.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.replay.describing import short
from signoff_collector.replay.player import SIDE_STEPS
from signoff_collector.replay.story import told
from signoff_schemas.steps import OpenStep

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.levels.writing.bursts import Burst
    from signoff_schemas.steps import AnyStep

_MOST_TEXT: Final = 2_000
"""Characters of a changed text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One burst, or one step."""

    first: int
    last: int
    """`seq` of its last step, inclusive."""
    word: str
    """What it is, in one word: who edited, or the kind of step."""
    text: str
    """What happened, in one line."""
    before: str = ""
    after: str = ""
    """Of a burst: the lines that it changed, and what took their place."""


class Units:
    """The units of an episode, by their first step."""

    def __init__(self, episode: Episode, bursts: tuple[Burst, ...]) -> None:
        found = [_burst(burst) for burst in bursts]
        found += [_step(step) for step in episode.steps if not _is_aside(step)]
        self.all = tuple(sorted(found, key=lambda one: (one.first, one.last)))
        self._firsts = [one.first for one in self.all]
        self._longest = max((one.last - one.first for one in self.all), default=0)

    def at(self, seq: int) -> Unit | None:
        """Return the shortest unit that a step is part of; None for a view or a move."""
        place = bisect_right(self._firsts, seq)
        best: Unit | None = None
        for unit in reversed(self.all[:place]):
            if unit.first < seq - self._longest:
                break
            if unit.last >= seq and (best is None or _length(unit) < _length(best)):
                best = unit
        return best


def steps_in_words(first: int, last: int) -> str:
    """Return steps by the numbers that `--at step:S` takes, in a column."""
    steps = f"step {first}" if first == last else f"steps {first} to {last}"
    return f"{steps:<22}"


def _length(unit: Unit) -> int:
    return unit.last - unit.first


def _is_aside(step: AnyStep) -> bool:
    return isinstance(step, SIDE_STEPS) or (isinstance(step, OpenStep) and step.reason == "anchor")


def _step(step: AnyStep) -> Unit:
    one = told(step)
    return Unit(first=step.seq, last=step.seq, word=one.word, text=one.text)


def _burst(burst: Burst) -> Unit:
    put = burst.action.new.strip() if burst.action is not None else ""
    return Unit(
        first=burst.first,
        last=burst.last,
        word=burst.actor if burst.actor != "unknown" else "edit",
        text=f"{burst.path} +{burst.inserted} -{burst.deleted}  {short(put)}".rstrip(),
        before="" if burst.action is None else burst.action.old[:_MOST_TEXT],
        after="" if burst.action is None else burst.action.new[:_MOST_TEXT],
    )
