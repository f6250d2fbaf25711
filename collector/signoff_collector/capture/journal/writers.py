"""All writers of a session: its journals and its spools."""

from __future__ import annotations

from pathlib import Path

from signoff_collector.capture.journal.journal import JournalHeader, JournalStream
from signoff_collector.capture.journal.records import Segment, WriterRecords
from signoff_collector.capture.journal.spools import read_spools


def read_writers(folder: Path) -> tuple[list[WriterRecords], int]:
    """Return the writers in a session's folder, by id, and the number of journals without a header.

    Spools count as writers; `gathered.journal` does not.
    """
    found: dict[str, list[tuple[int, Path, JournalHeader]]] = {}
    headless = 0
    for path in sorted(folder.glob("*-*.journal")):
        header = JournalStream(path).header
        if header is None or header.is_newer:
            headless += 1
        else:
            found.setdefault(header.writer_id, []).append((header.segment, path, header))
    writers = []
    for _, segments in sorted(found.items()):
        segments.sort(key=lambda item: item[:2])
        writers.append(WriterRecords(segments[0][2], [Segment(path) for _, path, _ in segments]))
    headers = [header for segments in found.values() for _, _, header in segments]
    writers += read_spools(folder, headers)
    return sorted(writers, key=lambda writer: writer.writer_id), headless
