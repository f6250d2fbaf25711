"""The list of checks, in the order in which `doctor` prints them; docs/doctor.md has their rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from signoff_collector.health import (
    editors,
    places,
    program,
    recording,
    surroundings,
    targets,
)
from signoff_collector.health.at_work import AT_WORK
from signoff_collector.health.interface import Check, Level

if TYPE_CHECKING:
    from signoff_collector.health.interface import Line, Surroundings


def _at_work(name: str) -> tuple[Check, ...]:
    return tuple(check for check in AT_WORK if check.name == name)


CHECKS: Final[tuple[Check, ...]] = (
    Check(name="launcher", look=program.launcher),
    Check(name="release", look=program.release),
    Check(name="engines", look=program.engines),
    Check(name="bridges", look=program.bridges),
    *_at_work("bridges"),
    Check(name="user", look=program.user),
    Check(name="clock", look=program.clock),
    *_at_work("clock"),
    Check(name="home", look=places.home),
    *_at_work("disk"),
    Check(name="room", look=places.room),
    *targets.target_checks(targets.EDITOR_GROUP),
    Check(name="other editors", look=editors.other_editors),
    *targets.target_checks(targets.SHELL_GROUP),
    Check(name="pytest", look=editors.pytest_results),
    *targets.target_checks(targets.AGENT_GROUP),
    Check(name="undo", look=editors.undo),
    Check(name="opt-ins", look=recording.opt_ins),
    Check(name="here", look=recording.here),
    *_at_work("working"),
    *_at_work("watching"),
    *_at_work("seals"),
    Check(name="git", look=surroundings.git),
    Check(name="repository", look=surroundings.repository),
    Check(name="watches", look=surroundings.watches),
    Check(name="ssh-keygen", look=surroundings.ssh_keygen),
)
NAMES: Final = tuple(dict.fromkeys(check.name for check in CHECKS))
"""The lines of `doctor`."""
_LEVELS: Final = (Level.OK, Level.NOTE, Level.BAD)


def line_of(name: str, around: Surroundings) -> Line:
    """Return the most severe finding under one name, and how many others there are."""
    found = [line for check in CHECKS if check.name == name for line in check.lines(around)]
    worst = max(found, key=lambda line: _LEVELS.index(line.level))
    others = sum(line.level is not Level.OK for line in found) - 1
    more = f" (and {others} more: `signoff status`)" if others > 0 else ""
    return replace(worst, fact=f"{worst.fact}{more}")
