"""What of each session trains and what judges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from experiments.worth.examples import LONGEST, SHORTEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from experiments.worth.examples import Edit, Session

HISTORY: Final = 8
"""Bursts of a history, and bursts left out between what trains and what judges."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of one session's bursts."""

    session: Session
    begin: int
    end: int

    @property
    def edits(self) -> tuple[Edit, ...]:
        """All its bursts, in their order."""
        return self.session.edits[self.begin : self.end]

    @property
    def targets(self) -> list[int]:
        """Numbers within the session of its bursts that are an edit by the protocol."""
        return [at for at in range(self.begin, self.end) if is_target(self.session.edits[at])]

    def history(self, at: int) -> tuple[Edit, ...]:
        """Return the bursts before one, oldest first, without it."""
        return self.session.edits[max(0, at - HISTORY) : at]


@dataclass(frozen=True, slots=True)
class Split:
    """What a model is trained on, and what it is asked about."""

    train: tuple[Part, ...]
    judge: tuple[Part, ...]


def is_target(edit: Edit) -> bool:
    """Say whether a burst is an edit by the protocol."""
    return edit.why_no_example is None and SHORTEST <= len(edit.inserted) <= LONGEST


def by_time(sessions: Sequence[Session], share: float = 1.0) -> Split:
    """Split each session: its first 80 % of bursts train, of which the last `share` is taken."""
    train: list[Part] = []
    judge: list[Part] = []
    for session in sessions:
        cut = len(session.edits) * 4 // 5
        end = max(0, cut - HISTORY)
        train.append(Part(session, end - round(end * share), end))
        judge.append(Part(session, cut, len(session.edits)))
    return Split(tuple(train), tuple(judge))


def without(sessions: Sequence[Session], name: str) -> Split:
    """Hold one session out: all of it judges, all of every other one trains."""
    whole = [Part(session, 0, len(session.edits)) for session in sessions]
    return Split(
        tuple(part for part in whole if part.session.name != name),
        tuple(part for part in whole if part.session.name == name),
    )
