"""One order for the records of all writers (docs/sealing.md, section 2).

Records are ordered by boot, then by time since boot, then by writer, then by their place
in the writer's journal. A writer's own records never change places: a time that steps
back counts as the time before it. A reading of the clocks is made when a record is written, which
may be long after what the record tells of: it stands right before that record and moves none.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.journal_frames import RecordKind

if TYPE_CHECKING:
    from signoff_collector.capture.journal.journal import JournalHeader
    from signoff_collector.capture.journal.records import WriterRecords


LONGEST_NS: Final = 30 * 24 * 3600 * 10**9
"""No session lasts so long; a time beyond it is damage and counts as the time before."""

_CLOCK: Final = int(RecordKind.CLOCK)

Placed = tuple[int, str, int, int, object, int]
"""Time on the session's scale, writer, place in its stream, kind, body, time since boot.

Sorts by the first three, which are unique.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionScale:
    """Turns (boot, time since boot) into one scale for the whole session."""

    offsets: Mapping[str, int]
    """Boot id to what is added to a time since that boot."""
    start_ns: int
    """The earliest header, on that scale; wall clock of the first boot."""

    def at(self, boot_id: str, t_boot_ns: int) -> int:
        """Return a place on the scale."""
        return t_boot_ns + self.offsets[boot_id]


def session_scale(headers: Iterable[JournalHeader], first_boot: str = "") -> SessionScale:
    """Return the scale on which all writers of a session can be compared.

    Boots follow each other by the wall time of their first header. Where the wall clock
    stepped back over a reboot, the later boot begins where the earlier one's headers end. The boot
    that the session began in is the first, whatever the wall clock said.
    """
    firsts: dict[str, JournalHeader] = {}
    lasts: dict[str, int] = {}
    for header in sorted(
        headers, key=lambda h: (h.boot_id != first_boot, h.t_wall_ns, h.t_boot_ns, h.writer_id)
    ):
        known = firsts.setdefault(header.boot_id, header)
        if header.t_boot_ns < known.t_boot_ns:
            firsts[header.boot_id] = header
        lasts[header.boot_id] = max(lasts.get(header.boot_id, 0), header.t_boot_ns)
    offsets: dict[str, int] = {}
    end = None
    start = 0
    for boot_id, header in firsts.items():
        begin = header.t_wall_ns if end is None else max(header.t_wall_ns, end)
        start = begin if end is None else start
        offsets[boot_id] = begin - header.t_boot_ns
        end = lasts[boot_id] + offsets[boot_id]
    return SessionScale(offsets=offsets, start_ns=start)


def merge(writers: Iterable[WriterRecords], scale: SessionScale) -> Iterator[Placed]:
    """Yield the records of all writers in the order of the session; holds one per writer.

    The scale is wall-like: the wall clock at the first header, then the time since boot.
    """
    streams = [_placed(writer, scale) for writer in writers]
    return streams[0] if len(streams) == 1 else heapq.merge(*streams)


def _placed(writer: WriterRecords, scale: SessionScale) -> Iterator[Placed]:
    offset = scale.offsets[writer.header.boot_id]
    name = writer.writer_id
    latest = scale.start_ns
    end = latest + LONGEST_NS
    readings: list[Placed] = []
    for place, (t_boot_ns, kind, body) in enumerate(writer):
        t_ns = t_boot_ns + offset
        if kind == _CLOCK:
            readings.append((t_ns, name, place, kind, body, t_boot_ns))
            continue
        before = latest
        if latest <= t_ns < end:
            latest = t_ns
        if readings:
            yield from _between(readings, before, latest)
            readings = []
        yield latest, name, place, kind, body, t_boot_ns
    yield from _between(readings, latest, end - 1)


def _between(readings: list[Placed], from_ns: int, to_ns: int) -> Iterator[Placed]:
    """Yield readings of the clocks at their own times, as far as the records beside them allow."""
    for t_ns, name, place, kind, body, t_boot_ns in readings:
        from_ns = min(max(from_ns, t_ns), to_ns)
        yield from_ns, name, place, kind, body, t_boot_ns
