"""Which tests are red after each test run, with what the first of them said."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_collector.episode.verdicts import RED, RedTests, Run
from signoff_schemas.steps import TestsStep

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode

MOST_NAMED: Final = 3
"""How many of the red tests are named."""


class RedTest(NamedTuple):
    """A test whose latest verdict is a failure."""

    name: str
    message: str
    """What it said at its latest failure; empty where it said nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """The red tests after a run; at least one."""

    tests: tuple[RedTest, ...]
    """The first of them."""
    count: int
    """How many there are."""


class FailingTests:
    """The red tests of an episode by `seq`; built in one pass over its runs."""

    def __init__(self, episode: Episode) -> None:
        self.runs: list[tuple[int, Failing | None]] = []
        """`seq` of each test run, ascending, and what is red after it."""
        red = RedTests[int]()
        messages: dict[str, str] = {}
        for step in episode.steps:
            if isinstance(step, TestsStep):
                red.take(Run.of(step), step.seq)
                cases = step.cases
                told = zip(cases.ids, cases.outcomes, cases.messages, strict=True)
                messages |= {name: said for name, outcome, said in told if outcome in RED}
                messages = {name: said for name, said in messages.items() if name in red.since}
                self.runs.append((step.seq, _failing(red, messages)))

    def at(self, seq: int) -> Failing | None:
        """Return what is red after a step; None if nothing is."""
        place = bisect_right(self.runs, seq, key=lambda run: run[0])
        return self.runs[place - 1][1] if place else None


def _failing(red: RedTests[int], messages: dict[str, str]) -> Failing | None:
    names = islice(red.since, MOST_NAMED)
    tests = tuple(RedTest(name=name, message=messages.get(name, "")) for name in names)
    return Failing(tests=tests, count=len(red.since)) if tests else None


def bare_name(test: str) -> str:
    """Return the name of a test without its file, on one line."""
    return (test.partition("::")[2] or test).replace("\n", " ")


def telling_line(message: str) -> str:
    """Return the line that says what is wrong: of pytest's the first marked E, else the first."""
    lines = [line.strip() for line in message.split("\n") if line.strip()]
    marked = (line[1:].strip() for line in lines if line.startswith("E  "))
    return next(marked, lines[0] if lines else "")
