"""Silence is said: every stretch without recording becomes a step with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.control import ControlLine, ControlState
from signoff_collector.seal.building import MS, Builder

if TYPE_CHECKING:
    from signoff_collector.capture.forgotten import ForgottenSpan

IDLE_MS: Final = 5 * 60 * 1000
SOURCE: Final = "seal"
"""Source of the steps that only sealing can know of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A time of one boot in which nothing was to be recorded, and why."""

    from_ns: int
    to_ns: int
    reason: str


def pauses(lines: Iterable[ControlLine], end_ns: int) -> list[Stretch]:
    """Return the pauses that the requests of a session add up to, oldest first."""
    found: list[Stretch] = []
    state = ControlState()
    for line in lines:
        since, until = state.paused_since_ns, state.paused_until_ns
        state = state.after(line)
        if since is None or state.paused_since_ns == since:
            continue
        if line.verb in ("resume", "pause"):
            ended = line.t_boot_ns if until is None else min(line.t_boot_ns, until)
            found.append(Stretch(from_ns=since, to_ns=ended, reason="paused"))
    if state.paused_since_ns is not None:
        ended = end_ns if state.paused_until_ns is None else min(end_ns, state.paused_until_ns)
        found.append(Stretch(from_ns=state.paused_since_ns, to_ns=ended, reason="paused"))
    return [stretch for stretch in found if stretch.to_ns > stretch.from_ns]


def forgotten(spans: Iterable[ForgottenSpan]) -> list[Stretch]:
    """Return the stretches that were forgotten as a whole."""
    return [
        Stretch(from_ns=span.from_ns, to_ns=span.to_ns, reason="forgotten")
        for span in spans
        if span.patterns is None and span.to_ns > span.from_ns
    ]


class Gaps:
    """Watches the time between steps; says idle and away, and the stretches it was given."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._is_away = False
        builder.before_step = self._after_silence
        builder.silence_ms = IDLE_MS

    def stretch(self, stretch: Stretch, start_ms: int, end_ms: int) -> None:
        """Add a known stretch; what follows is at its end or later."""
        builder = self._builder
        builder.advance(start_ms)
        begin = builder.t_ms
        fields = {"reason": stretch.reason, "duration_ns": max(0, end_ms - begin) * MS}
        builder.add("gap", SOURCE, fields)
        builder.t_ms = max(begin, end_ms)

    def focus(self, *, gained: bool, to: object) -> None:
        """Take note of where the keyboard went."""
        self._is_away = not gained and to == "other"

    def lost(self, source: str, reason: str, count: int | None = None) -> None:
        """Add a gap without a known end: a crash, dropped records."""
        self._builder.add("gap", source, {"reason": reason, "count": count})

    def _after_silence(self, t_ms: int) -> None:
        builder = self._builder
        silence = t_ms - builder.t_ms
        if not builder.steps and not builder.edits.count:
            return
        fields = {
            "reason": "away" if self._is_away else "idle",
            "duration_ns": silence * MS,
            "last_input_ns": builder.t_ms * MS,
        }
        builder.add("gap", SOURCE, fields)
