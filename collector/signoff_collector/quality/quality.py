"""The quality of one episode: what was looked at, in one order, with what it means."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.moments.moments import Moments
from signoff_collector.levels.test_runs.red_green import Turns, turns
from signoff_collector.quality.measures import (
    ELSEWHERE,
    Measure,
    measured,
    not_looked_at,
)
from signoff_collector.quality.of_recording import (
    authors_share,
    coverage_share,
    readable_share,
    replay_share,
)
from signoff_collector.quality.of_tests import (
    has_environment,
    has_repair,
    has_result,
    steady_share,
)
from signoff_schemas.errors import DamagedError
from signoff_schemas.gates import GATES
from signoff_schemas.steps import TaskStep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from signoff_collector.episode.content import Episode
    from signoff_schemas.gates import Gate

QUALITY_VERSION: Final = 1
"""Rises when the same episode gives other values, gates or names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What was looked at of one episode."""

    measures: tuple[Measure, ...]
    """Each once, always in the same order."""

    def failed(self, gates: Iterable[Gate]) -> Gate | None:
        """Return the first of some gates that was not passed; one that nobody can tell was not."""
        passed = {one.name for one in self.measures if one.passed}
        return next((gate for gate in gates if gate not in passed), None)

    def rows(self) -> Iterator[dict[str, object]]:
        """Yield the JSON form, measure by measure."""
        for one in self.measures:
            row = asdict(one)
            yield {"measure": row.pop("name"), "version": QUALITY_VERSION, **row}


def quality_of(episode: Episode) -> Quality:
    """Look at an episode; 0.3 s of CPU for a made day of 73,000 steps. Nothing is raised.

    What does not replay has no replay, and what would follow from it is not known.
    """
    values = _values(episode)
    return Quality(
        measures=(
            *(measured(gate, values[gate]) for gate in GATES),
            *map(not_looked_at, ELSEWHERE),
        )
    )


def _values(episode: Episode) -> Mapping[Gate, float | None]:
    try:
        moments = Moments(episode)
        coverage = coverage_share(episode, moments)
        turned: Turns | None = turns(episode, moments)
    except DamagedError:
        coverage = turned = None
    is_tested = has_result(episode)
    steady = steady_share(episode, turned) if is_tested and turned is not None else None
    repaired = float(has_repair(turned)) if is_tested and turned is not None else None
    return {
        "replay": replay_share(episode),
        "coverage": coverage,
        "authors": authors_share(episode),
        "tests": float(is_tested),
        "repair": repaired,
        "steady-tests": steady,
        "environment": float(has_environment(episode)) if is_tested else None,
        "task": float(_is_stated(episode)),
        "readable": readable_share(episode),
    }


def _is_stated(episode: Episode) -> bool:
    return any(isinstance(step, TaskStep) and step.text.strip() for step in episode.steps)
