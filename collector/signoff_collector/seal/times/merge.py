"""Merges the records of all writers into one order (docs/sealing.md, section 2).

Records are ordered by boot, then by time since boot, then by writer, then by their index
in the writer's journal. Records of one writer are never reordered: a time that goes backwards
counts as the time before it. A CLOCK record is made when the next record is written, which may be
long after the event of that record: it is placed right before it, and moves no other record.
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
"""Longest plausible session; a time beyond it is damage, and counts as the time before."""

_CLOCK: Final = int(RecordKind.CLOCK)

Placed = tuple[int, str, int, int, object, int]
"""Time on the session's scale, writer, index in its stream, kind, body, time since boot.

Sorts by the first three, which are unique.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionScale:
    """Maps (boot, time since boot) to one time scale for the whole session."""

    offsets: Mapping[str, int]
    """Boot id to the offset added to a time since that boot."""
    start_ns: int
    """Time of the first header on that scale: its wall-clock time."""

    def at(self, boot_id: str, t_boot_ns: int) -> int:
        """Return a time on the scale."""
        return t_boot_ns + self.offsets[boot_id]


def session_scale(headers: Iterable[JournalHeader], first_boot: str = "") -> SessionScale:
    """Return the time scale that is common to all writers of a session.

    Boots are ordered by the wall time of their first header. If the wall clock went back over a
    reboot, the later boot begins where the earlier one's headers end. The boot in which the
    session began is always the first.
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
    """Yield the records of all writers in session order; a streaming k-way merge.

    Times are the wall clock at the first header plus the time since then by the boot clock.
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
    """Yield CLOCK records at their own times, clamped between the records around them."""
    for t_ns, name, place, kind, body, t_boot_ns in readings:
        from_ns = min(max(from_ns, t_ns), to_ns)
        yield from_ns, name, place, kind, body, t_boot_ns
