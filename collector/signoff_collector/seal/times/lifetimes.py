"""Derives gaps from the beginning and end of journals: sleeps, crashes, damage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from signoff_collector.seal.building.building import MS
from signoff_collector.seal.times.gaps import SOURCE
from signoff_collector.seal.times.merge import LONGEST_NS
from signoff_schemas.untyped import is_items

if TYPE_CHECKING:
    from signoff_collector.capture.journal.records import WriterRecords
    from signoff_collector.seal.building.building import Builder
    from signoff_collector.seal.gathering.endings import Ending
    from signoff_collector.seal.gathering.gathered import Gathered
    from signoff_collector.seal.times.gaps import Gaps
    from signoff_collector.seal.times.merge import SessionScale

    class Voiced(Protocol):
        """The name and editor number of a writer in the episode."""

        @property
        def source(self) -> str:
            """Its name in the episode."""
            ...

        @property
        def buffer(self) -> int:
            """Number of the editor process that it records."""
            ...


Event = tuple[int, Callable[[], None]]
"""A time on the session's scale, and a callback to run before any record of that time."""


class Lifetimes:
    """Converts headers, CLOCK records and endings to gaps."""

    def __init__(
        self,
        writers: Sequence[WriterRecords],
        gathered: Gathered,
        scale: SessionScale,
        voices: Mapping[str, Voiced],
        gaps: Gaps,
        *,
        leave: Callable[[str, str], None],
    ) -> None:
        """Store the arguments.

        Args:
            writers: of the session.
            gathered: holds their endings.
            scale: maps their clocks to session time.
            voices: by writer id.
            gaps: receives the gaps.
            leave: closes the documents that a source left open, with a reason.
        """
        self._writers = writers
        self._gathered = gathered
        self._scale = scale
        self._voices = voices
        self._gaps = gaps
        self._leave = leave
        self._boots = {writer.writer_id: writer.header.boot_id for writer in writers}

    def events(self) -> list[Event]:
        """Return callbacks for what no record holds: clock readings of headers, and ends."""
        return self._beginnings() + self._endings()

    def clocks(self, t_ms: int, writer_id: str, body: object) -> None:
        """Process a CLOCK record."""
        reading = body if is_items(body) else ()
        if len(reading) > 2:  # older releases wrote no third value
            self._gaps.clocks(self._boots[writer_id], t_ms, reading[2])

    def report_damage(self, builder: Builder) -> None:
        """Add gaps for damaged journals, and for records that were not valid."""
        ended = {ending.writer_id for ending in self._gathered.endings}
        for writer in self._writers:
            source = self._voices[writer.writer_id].source
            is_torn = writer.damage.is_torn and writer.writer_id not in ended
            if is_torn or writer.writer_id in self._gathered.killed:
                self._gaps.lost(source, "crashed")
            lost = writer.damage.unreadable + writer.damage.holes
            if lost:
                self._gaps.lost(source, "dropped", lost)
        if builder.dropped_steps:
            self._gaps.lost(SOURCE, "dropped", builder.dropped_steps)

    def _beginnings(self) -> list[Event]:
        """Return the clock readings in headers: a writer may begin after a sleep."""
        return [
            (t_ns, partial(self.clocks, self._ms(t_ns), writer.writer_id, [0, 0, asleep]))
            for writer in self._writers
            for asleep in (writer.header.fields.get("asleep_ns"),)
            for t_ns in (self._scale.at(writer.header.boot_id, writer.header.t_boot_ns),)
        ]

    def _endings(self) -> list[Event]:
        """Return the ends of writers that did not close, each right after its last record."""
        return [
            (self._scale.at(boot_id, ending.t_boot_ns) + 1, partial(self._ended, ending))
            for ending in self._gathered.endings
            for boot_id in (self._boots.get(ending.writer_id),)
            if boot_id is not None
        ]

    def _ended(self, ending: Ending) -> None:
        voice = self._voices[ending.writer_id]
        self._gaps.left(voice.buffer)
        self._leave(voice.source, "lost")
        self._gaps.lost(voice.source, ending.how)

    def _ms(self, t_ns: int) -> int:
        return min(max(0, t_ns - self._scale.start_ns), LONGEST_NS) // MS
