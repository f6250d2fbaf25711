"""Which tests are red at a place, with what the first of them said."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from signoff_collector.episode.verdicts import RedTests, Run
from signoff_schemas.steps import TestsStep

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode


class Failing(NamedTuple):
    """The red tests after a run."""

    name: str
    """Of the first."""
    message: str
    """What it said; empty where it said nothing."""
    others: int
    """Number of the other red tests."""


class FailingTests:
    """The red tests of an episode by `seq`; built in one pass over its runs."""

    def __init__(self, episode: Episode) -> None:
        self._seqs: list[int] = []
        self._failing: list[Failing | None] = []
        red = RedTests[int]()
        messages: dict[str, str] = {}
        for step in episode.steps:
            if isinstance(step, TestsStep):
                red.take(Run.of(step), step.seq)
                if red.since:
                    told = zip(step.cases.ids, step.cases.messages, strict=True)
                    messages.update({name: said for name, said in told if said})
                self._seqs.append(step.seq)
                self._failing.append(_failing(red, messages))

    def at(self, seq: int) -> Failing | None:
        """Return what is red after a step."""
        place = bisect_right(self._seqs, seq)
        return self._failing[place - 1] if place else None


def _failing(red: RedTests[int], messages: dict[str, str]) -> Failing | None:
    if not red.since:
        return None
    name = next(iter(red.since))
    return Failing(name=name, message=messages.get(name, ""), others=len(red.since) - 1)


def telling_line(message: str) -> str:
    """Return the line that says what is wrong: of pytest's the first marked E, else the first."""
    lines = [line.strip() for line in message.split("\n") if line.strip()]
    marked = (line[1:].strip() for line in lines if line.startswith("E  "))
    return next(marked, lines[0] if lines else "")
