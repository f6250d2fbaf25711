"""The closed vocabularies of an episode (docs/format.md).

The order of the members is part of the file format: columns store ordinals.
New members are only ever appended.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class ActorClass(StrEnum):
    """Who or what caused a change."""

    TYPED = "typed"
    PASTED = "pasted"
    COMMAND = "command"
    COMPLETION = "completion"
    UNDO = "undo"
    REDO = "redo"
    FORMATTER = "formatter"
    ASSISTANT = "assistant"
    GIT = "git"
    EXTERNAL = "external"
    PREEXISTING = "preexisting"
    UNKNOWN = "unknown"


RESTORED: Final = "signoff restore"
"""Evidence of a change that put back a text of the history: who wrote that wrote this."""


def is_restored(evidence: Iterable[str]) -> bool:
    """Say whether the evidence of a change names `signoff restore`, also from within an editor."""
    return any(one == RESTORED or one.endswith(f":{RESTORED}") for one in evidence)


class Basis(StrEnum):
    """How the actor class is known."""

    OBSERVED = "observed"
    INFERRED = "inferred"
    NONE = "none"


class TimeKind(StrEnum):
    """What a step's time is the time of."""

    EVENT = "event"
    RECEIVED = "received"
    SEEN_LATE = "seen_late"


class GapReason(StrEnum):
    """Why nothing was recorded for a while, or why something is not here."""

    PAUSED = "paused"
    AWAY = "away"
    IDLE = "idle"
    PRIVATE = "private"
    CRASHED = "crashed"
    DROPPED = "dropped"
    REDACTED = "redacted"
    CUT = "cut"
    TOO_LARGE = "too_large"
    FORGOTTEN = "forgotten"
    WITHHELD = "withheld"
    SUSPENDED = "suspended"


class Coverage(StrEnum):
    """How much of something a source could see."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"


class Owner(StrEnum):
    """Whose code a workspace holds, as its developer said."""

    MINE = "mine"
    OPEN_SOURCE = "open-source"
    EMPLOYER = "employer"
    UNKNOWN = "unknown"


ACTOR_CLASSES: Final[tuple[ActorClass, ...]] = tuple(ActorClass)
BASES: Final[tuple[Basis, ...]] = tuple(Basis)
TIME_KINDS: Final[tuple[TimeKind, ...]] = tuple(TimeKind)
