"""Determines how each writer ended: closed, failed (such as on a full disk), or killed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from signoff_collector.capture.journal.journal_frames import (
    RecordKind,
    end_reason,
    fields_in,
    time_in,
)

if TYPE_CHECKING:
    from signoff_collector.capture.sessions.sessions import Session


class How(StrEnum):
    """Why a writer ended without closing its journal; the values are gap reasons."""

    KILLED = "crashed"
    FAILED = "dropped"
    """It could not write any more, so records were dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The end of a writer that did not close its journal."""

    writer_id: str
    t_boot_ns: int
    """Time of its last record."""
    how: How


@dataclass(slots=True, kw_only=True)
class Closing:
    """The end of one writer, collected from its segments in any order."""

    header: Mapping[str, object]
    segment: int = -1
    last_ns: int = 0
    end: str | None = None
    """Reason of the END record."""

    def take_segment(self, segment: int, last: tuple[int, bytes] | None) -> None:
        """Process a segment and its last complete frame; only the latest segment counts."""
        if segment < self.segment:
            return
        self.segment, self.end = segment, None
        if last is None:
            return
        kind, payload = last
        self.last_ns = time_in(payload) or self.last_ns
        if kind == RecordKind.END:
            self.end = end_reason(fields_in(payload))


def endings(session: Session, closings: Mapping[str, Closing]) -> tuple[Ending, ...]:
    """Return the writers that did not close, by id; no writer may hold the session any more.

    A process that later began another journal of the same kind survived: failures of its first
    journal are recorded in the later one.
    """
    left_behind = {
        path.name.removeprefix("bridge-").removesuffix(".json")
        for path in session.folder.glob("bridge-*.json")
    }
    found: list[Ending] = []
    for writer_id in sorted({*closings, *left_behind}):
        closing = closings.get(writer_id)
        if closing is None:
            found.append(
                Ending(writer_id=writer_id, t_boot_ns=session.started_boot_ns, how=How.KILLED)
            )
            continue
        if closing.end == "closed" or _went_on(closing, closings.values()):
            continue
        if closing.end is None and not _may_be_killed(
            closing, has_left_presence=writer_id in left_behind
        ):
            continue
        how = How.KILLED if closing.end is None else How.FAILED
        found.append(Ending(writer_id=writer_id, t_boot_ns=closing.last_ns, how=how))
    return tuple(found)


def _may_be_killed(closing: Closing, *, has_left_presence: bool) -> bool:
    """Say whether a missing END record means a kill: older releases wrote none."""
    return closing.header.get("marks_end") is True or has_left_presence


def _went_on(closing: Closing, others: Iterable[Closing]) -> bool:
    """Say whether the same process began another journal of its kind after this one."""
    mine = closing.header
    return any(
        all(other.header.get(name) == mine.get(name) for name in ("writer", "pid", "boot_id"))
        and _begun(other) > _begun(closing)
        for other in others
    )


def _begun(closing: Closing) -> int:
    begun = closing.header.get("t_boot_ns")
    return begun if type(begun) is int else 0
