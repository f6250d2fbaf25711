"""Values of a `doctor` check: its level, its text, its input."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from signoff_collector.system.clock import Clock, SystemClock
from signoff_collector.system.home import Home, resolve_home
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable


class Level(StrEnum):
    """Severity of a line."""

    OK = "ok"
    NOTE = "!"
    """Something is weaker or missing, and recording goes on."""

    BAD = "✗"
    """Recording, sealing or signing fails without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Result of one check."""

    level: Level
    fact: str
    hint: str | None = None
    """What to do, unless all is well."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The machine and the account that are looked at."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    here: Path = field(default_factory=Path.cwd)
    proc: Path = Path("/proc")
    clock: Clock = field(default_factory=SystemClock)

    @cached_property
    def home(self) -> Home | SignoffError:
        """The home, or why it cannot be used."""
        try:
            return resolve_home(self.environ)
        except SignoffError as error:
            return error


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check: its name, as in docs/doctor.md, and its function."""

    name: str
    look: Callable[[Surroundings], Line]


def ok(fact: str) -> Line:
    """Say that all is well."""
    return Line(level=Level.OK, fact=fact)


def note(fact: str, hint: str | None = None) -> Line:
    """Say that something is weaker than it could be."""
    return Line(level=Level.NOTE, fact=fact, hint=hint)


def bad(fact: str, hint: str | None = None) -> Line:
    """Say that something fails."""
    return Line(level=Level.BAD, fact=fact, hint=hint)
