"""Adds a `gap` step, with its reason, for every stretch without recording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.pauses import Stretch
from signoff_collector.seal.building.building import MS, Builder
from signoff_collector.seal.times.last_input import Inputs, Presence
from signoff_schemas.words import Basis, GapReason, TimeKind

if TYPE_CHECKING:
    from signoff_collector.capture.journal.forgotten import ForgottenSpan

IDLE_MS: Final = 5 * 60 * 1000
LEAST_SLEEP_NS: Final = 10**9
"""Smaller differences are noise, since the two clocks are not read at the same instant."""
SOURCE: Final = "seal"
"""Source of steps that sealing itself adds."""


def forgotten(spans: Iterable[ForgottenSpan]) -> list[Stretch]:
    """Return the stretches that were forgotten entirely, not for some files only."""
    return [
        Stretch(from_ns=span.from_ns, to_ns=span.to_ns, reason="forgotten")
        for span in spans
        if span.patterns is None and span.to_ns > span.from_ns
    ]


class Gaps:
    """Adds gaps: idle, away and suspended from the time between steps, others as recorded."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._presence = Presence()
        self._inputs = Inputs(builder)
        self._asleep_ns: dict[str, int] = {}
        builder.before_step = self._after_silence
        builder.silence_ms = IDLE_MS

    def stretch(self, stretch: Stretch, start_ms: int, end_ms: int) -> None:
        """Add a gap of known start and end, and advance the time to its end."""
        self._builder.advance(start_ms)
        self._span(SOURCE, end_ms, {"reason": stretch.reason, "basis": Basis.OBSERVED})

    def told(self, source: str, t_ms: int, fields: Mapping[str, object]) -> None:
        """Add a gap recorded by a writer; a gap seen late ended when it was recorded."""
        duration = fields.get("duration_ns")
        length_ms = duration // MS if type(duration) is int and duration > 0 else 0
        is_late = fields.get("t_kind") == TimeKind.SEEN_LATE
        self._builder.advance(max(0, t_ms - length_ms) if is_late else t_ms)
        if not length_ms:
            self._builder.add("gap", source, fields)
        else:
            self._span(source, t_ms if is_late else t_ms + length_ms, fields)

    def focus(self, buffer: int, *, gained: bool, to: object) -> None:
        """Note a change of keyboard focus, as one editor reports it."""
        self._presence.focus(buffer, gained=gained, to=to)

    def left(self, buffer: int) -> None:
        """Note the end of an editor: the keyboard focus is then unknown."""
        self._presence.left(buffer)

    def clocks(self, boot_id: str, t_ms: int, asleep_ns: object) -> None:
        """Process a reading of the time asleep since boot; readings come in order of time."""
        if type(asleep_ns) is not int:
            return
        before = self._asleep_ns.get(boot_id)
        self._asleep_ns[boot_id] = max(asleep_ns, before or 0)
        if before is not None and asleep_ns - before >= LEAST_SLEEP_NS:
            self._slept(t_ms, (asleep_ns - before) // MS)

    def lost(self, source: str, reason: str, count: int | None = None) -> None:
        """Add a gap without a known end: a crash, dropped records."""
        self._builder.add("gap", source, {"reason": reason, "count": count})

    def _slept(self, t_ms: int, length_ms: int) -> None:
        """Add a `suspended` gap that ended at `t_ms`, or earlier if there are later steps."""
        builder = self._builder
        if not builder.steps and not builder.edits.count:
            return
        fields: dict[str, object] = {"reason": GapReason.SUSPENDED, "basis": Basis.OBSERVED}
        if builder.t_ms <= t_ms - length_ms:
            builder.advance(t_ms - length_ms)
            self._span(SOURCE, t_ms, fields)
        else:
            late = {"t_kind": TimeKind.SEEN_LATE, "duration_ns": length_ms * MS}
            builder.add("gap", SOURCE, {**fields, **late})

    def _span(self, source: str, end_ms: int, fields: Mapping[str, object]) -> None:
        """Add a gap from the current time to a later one, and advance the time."""
        builder = self._builder
        length_ms = max(0, end_ms - builder.t_ms)
        builder.add("gap", source, {**fields, "duration_ns": length_ms * MS})
        builder.t_ms += length_ms

    def _after_silence(self, t_ms: int) -> None:
        builder = self._builder
        if not builder.steps and not builder.edits.count:
            return
        last = self._inputs.latest()
        reason, basis = self._presence.why_silent(
            is_elsewhere=last is not None and last.is_terminal
        )
        fields = {
            "reason": reason,
            "basis": basis,
            "duration_ns": (t_ms - builder.t_ms) * MS,
            "last_input_ns": None if last is None else last.t_ns,
        }
        builder.add("gap", SOURCE, fields)
