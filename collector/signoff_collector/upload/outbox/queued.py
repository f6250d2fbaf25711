"""Values of the outbox: uploads, withdrawals, their states."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """How far an episode got."""

    QUEUED = "queued"
    BLOB_SENT = "blob sent"
    SIGNATURE_SENT = "signature sent"
    COMMITTED = "committed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    CANCELLING = "cancelling"
    """Cancelled; parts that are at the store already must be erased."""
    CANCELLED = "cancelled"


OPEN_STATES: Final = (
    State.QUEUED,
    State.BLOB_SENT,
    State.SIGNATURE_SENT,
    State.COMMITTED,
    State.CANCELLING,
)
"""States with work left to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One episode on its way to one audience."""

    record_id: str
    sha256: str
    audience: str
    episode_path: str
    statement: bytes
    signature: bytes
    state: State
    attempts: int
    """Number of failed attempts."""
    last_error: str | None
    was_begun: bool
    """Whether any part of it may be at the store."""
    due_ns: int
    """Wall clock before which nothing is tried by itself; 0: now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedWithdrawal:
    """A tombstone on its way to one audience."""

    record_id: str
    sha256: str
    audience: str
    tombstone: bytes
    is_done: bool
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Something that still has to be sent, for `status`."""

    verb: str
    """`upload` or `withdraw`."""
    sha256: str
    audience: str
    state: str
    last_error: str | None
