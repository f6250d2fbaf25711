"""Compute the pauses of a session from its control lines.

A module of its own, so that light verbs need not import the steps that pauses become.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from signoff_collector.capture.journal.control import PRIVATE, ControlLine, ControlState
from signoff_schemas.words import GapReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A range of time in one boot in which nothing was to be recorded, and the reason."""

    from_ns: int
    to_ns: int
    reason: str


def pauses(lines: Iterable[ControlLine], end_ns: int) -> list[Stretch]:
    """Return the pauses that the control lines of a session result in, oldest first.

    A pause requested again before it ended is merged into one: a shared editor repeats its request.
    """
    found: list[Stretch] = []
    state = ControlState()
    for line in lines:
        before, state = state, state.after(line)
        if before.paused_since_ns is None or state.paused_since_ns == before.paused_since_ns:
            continue
        if line.verb in ("resume", "pause"):
            _add(found, before, line.t_boot_ns)
    if state.paused_since_ns is not None:
        until_ns = 0 if state.is_stopped else state.paused_until_ns or 0
        _add(found, state, max(end_ns, until_ns))
    return found


def _add(found: list[Stretch], pause: ControlState, end_ns: int) -> None:
    """Append a pause that ends at `end_ns` at the latest."""
    since_ns = pause.paused_since_ns or 0
    until_ns = end_ns if pause.paused_until_ns is None else min(end_ns, pause.paused_until_ns)
    reason = GapReason.PRIVATE if pause.pause_reason == PRIVATE else GapReason.PAUSED
    if until_ns <= since_ns:
        return
    last = found[-1] if found else None
    if last is not None and last.to_ns == since_ns and last.reason == reason:
        found[-1] = Stretch(from_ns=last.from_ns, to_ns=until_ns, reason=reason)
    else:
        found.append(Stretch(from_ns=since_ns, to_ns=until_ns, reason=reason))
