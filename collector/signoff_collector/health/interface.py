"""A check: its name, what it looks at, what it finds, and which fronts show that."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.system.clock import Clock, SystemClock
from signoff_schemas.errors import RefusedError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.capture.tallies.step_counts import StepCounts


class Level(StrEnum):
    """Severity of a line."""

    OK = "ok"
    NOTE = "!"
    """Something is weaker or missing, and recording goes on."""

    BAD = "✗"
    """Recording, sealing or signing fails without it."""


class Reach(IntEnum):
    """How far a line is told: each front shows its own and those above it."""

    DOCTOR = 1
    STATUS = 2
    EDITORS = 3
    """Told unasked, as a warning, once per session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Result of one check."""

    level: Level
    fact: str
    """Begins in lower case and ends without a point."""
    hint: str | None = None
    """What to do, unless all is well."""
    key: str = ""
    """Identity of a problem: an editor tells it once per session."""
    reach: Reach = Reach.DOCTOR

    @property
    def sentence(self) -> str:
        """The fact as a sentence of its own."""
        return f"{self.fact[:1].upper()}{self.fact[1:].removesuffix('.')}."


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The machine and the account that are looked at."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    here: Path = field(default_factory=Path.cwd)
    proc: Path = Path("/proc")
    clock: Clock = field(default_factory=SystemClock)
    keeps_counts: bool = False
    """Whether counts are stored for the next look; else nothing is written."""

    @classmethod
    def of(cls, session: Session | None, home: Home, clock: Clock, here: Path) -> Surroundings:
        """Return them where home and session are known already."""
        around = cls(here=here, clock=clock, keeps_counts=True)
        vars(around).update(home=home, session=session)
        return around

    @cached_property
    def home(self) -> Home | SignoffError:
        """The home, or why it cannot be used."""
        try:
            return resolve_home(self.environ)
        except SignoffError as error:
            return error

    @property
    def needed_home(self) -> Home:
        """The home, for a check that is nothing without it.

        Raises:
            SignoffError: it cannot be used; the check `home` says why.
        """
        if isinstance(self.home, Home):
            return self.home
        raise RefusedError("Signoff's home cannot be used: see `home`", hint=self.home.hint)

    @cached_property
    def session(self) -> Session | None:
        """The session that goes on here."""
        from signoff_collector.capture.opt_in.workspaces import Workspaces
        from signoff_collector.capture.sessions.sessions import active_session

        if not isinstance(self.home, Home):
            return None
        try:
            workspace = Workspaces(self.home, self.clock).look_up(self.here).workspace
            return (
                None if workspace is None else active_session(self.home, workspace.root, self.clock)
            )
        except SignoffError:
            return None

    @cached_property
    def counts(self) -> StepCounts | None:
        """What was counted in that session."""
        from signoff_collector.capture.tallies.step_counts import count_steps

        return (
            None if self.session is None else count_steps(self.session, is_kept=self.keeps_counts)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check."""

    name: str
    """As in docs/doctor.md; checks that share a name share a line there."""
    look: Callable[[Surroundings], Line | Iterable[Line]]

    def lines(self, around: Surroundings) -> tuple[Line, ...]:
        """Return what it finds; what cannot be looked at is a finding too."""
        try:
            found = self.look(around)
            return (found,) if isinstance(found, Line) else tuple(found)
        except SignoffError as error:
            return (bad(str(error), error.hint),)
        except OSError as error:
            return (bad(f"cannot look: {error.strerror}"),)


def ok(fact: str) -> Line:
    """Say that all is well."""
    return Line(level=Level.OK, fact=fact)


def note(fact: str, hint: str | None = None, *, key: str = "", reach: Reach = Reach.DOCTOR) -> Line:
    """Say that something is weaker than it could be."""
    return Line(level=Level.NOTE, fact=fact, hint=hint, key=key, reach=reach)


def bad(fact: str, hint: str | None = None, *, key: str = "", reach: Reach = Reach.DOCTOR) -> Line:
    """Say that something fails."""
    return Line(level=Level.BAD, fact=fact, hint=hint, key=key, reach=reach)
