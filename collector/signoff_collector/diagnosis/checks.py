"""The checks of `doctor` in printing order; docs/doctor.md has a row for each."""

from __future__ import annotations

from typing import Final

from signoff_collector.diagnosis import (
    editors,
    places,
    program,
    recording,
    surroundings,
    targets,
)
from signoff_collector.diagnosis.interface import Check

CHECKS: Final[tuple[Check, ...]] = (
    Check(name="launcher", look=program.launcher),
    Check(name="release", look=program.release),
    Check(name="bridges", look=program.bridges),
    Check(name="user", look=program.user),
    Check(name="clock", look=program.clock),
    Check(name="home", look=places.home),
    Check(name="disk", look=places.disk),
    Check(name="room", look=places.room),
    *targets.target_checks(targets.EDITOR_GROUP),
    Check(name="other editors", look=editors.other_editors),
    *targets.target_checks(targets.SHELL_GROUP),
    Check(name="pytest", look=editors.pytest_results),
    *targets.target_checks(targets.AGENT_GROUP),
    Check(name="undo", look=editors.undo),
    Check(name="opt-ins", look=recording.opt_ins),
    Check(name="here", look=recording.here),
    Check(name="working", look=recording.working),
    Check(name="watching", look=recording.watching),
    Check(name="seals", look=recording.seals),
    Check(name="git", look=surroundings.git),
    Check(name="repository", look=surroundings.repository),
    Check(name="watches", look=surroundings.watches),
    Check(name="ssh-keygen", look=surroundings.ssh_keygen),
)
