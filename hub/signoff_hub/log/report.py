"""What a verification of the log looked at, and what it found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

_MAX_FAULTS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFault:
    """One thing that is not as it was."""

    what: str
    leaf: int | None = None
    """The first leaf that is concerned, where that is known."""


@dataclass(slots=True)
class LogReport:
    """Counts, and faults in the order in which they were met."""

    leaves: int = 0
    openings: int = 0
    erased: int = 0
    """Leaves whose opening was erased, which is no fault."""
    heads: int = 0
    tiles: int = 0
    unproven: int = 0
    """Tiles of a mirror that its newest head does not reach."""
    faults: list[LogFault] = field(default_factory=list)

    def tell(self, what: str, leaf: int | None = None) -> None:
        """Add a fault; of very many only the first are kept."""
        if len(self.faults) < _MAX_FAULTS:
            self.faults.append(LogFault(what=what, leaf=leaf))

    @property
    def first_leaf(self) -> int | None:
        """The first leaf that a fault names."""
        return min((one.leaf for one in self.faults if one.leaf is not None), default=None)
