"""What stood around the test runs of some steps: interpreter, packages, services, set-up commands.

All of it is as recorded, none of it verified: a run may need more, or less. docs/surroundings.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.levels.test_runs.set_ups import line_of, set_ups
from signoff_datasets.exports.calls import shown
from signoff_schemas.services import SERVICES
from signoff_schemas.steps import EnvironmentStep, TestsStep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.episode.content import Episode
    from signoff_collector.levels.test_runs.set_up_words import What

_RUNS_OF_SIGNS: Final = re.compile(r"[-_.]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpLine:
    """A command that set something up before the first test run."""

    seq: int
    what: What
    line: str
    """As it was typed, with what was masked in it."""
    exit_code: int | None
    """None where nothing told it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known of them."""

    interpreters: dict[str, str]
    packages: dict[str, str]
    """Name to version: what was installed and what tests imported, each package once."""
    unnamed: int | None
    """How many more were installed; None where nobody looked."""
    services: tuple[str, ...] | None
    """Well-known ones that listened when a run began; None where nobody looked."""
    set_up: tuple[SetUpLine, ...]


def surroundings(episode: Episode, first: int, last: int) -> Surroundings:
    """Return what stood around the test runs from one step to another."""
    runs = [
        step for step in episode.steps if isinstance(step, TestsStep) and first <= step.seq <= last
    ]
    told = [set(step.services) for step in runs if step.services is not None]
    known = _environment(episode, runs[-1] if runs else None, last)
    return Surroundings(
        interpreters={} if known is None else _shown(known.interpreters),
        packages={} if known is None else _packages(known),
        unnamed=None if known is None else known.installed_unnamed,
        services=tuple(sorted(set[str]().union(*told) & SERVICES)) if told else None,
        set_up=_set_up(episode, first, runs[0].seq) if runs else (),
    )


def _environment(episode: Episode, run: TestsStep | None, last: int) -> EnvironmentStep | None:
    """Return that which a run names, else the latest before it."""
    known = [step for step in episode.steps if isinstance(step, EnvironmentStep)]
    exact = [
        step for step in known if run is not None and step.env is not None and step.env == run.env
    ]
    until = last if run is None else run.seq
    return next(iter(reversed(exact or [step for step in known if step.seq <= until])), None)


def _packages(step: EnvironmentStep) -> dict[str, str]:
    """Return each package once: a folder may spell a name otherwise than who imports it."""
    found: dict[str, tuple[str, str]] = {}
    for name, version in (*step.installed.items(), *step.distributions.items()):
        found[_RUNS_OF_SIGNS.sub("-", name).lower()] = (name, version)
    return _shown(dict(found.values()))


def _shown(versions: Mapping[str, str]) -> dict[str, str]:
    return {shown(name): shown(version) for name, version in versions.items()}


def _set_up(episode: Episode, first: int, run: int) -> tuple[SetUpLine, ...]:
    lines = {step.seq: line_of(step) for step in episode.steps if first <= step.seq}
    return tuple(
        SetUpLine(
            seq=one.seq, what=one.what, line=shown(lines[one.seq] or ""), exit_code=one.exit_code
        )
        for one in set_ups(episode)
        if one.seq >= first and one.before == run
    )
