"""The records of one session, one stream per writer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from signoff_collector.capture.journal import JournalHeader, JournalStream, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What could not be read of one writer's journals."""

    left_bytes: int = 0
    """Bytes behind the last whole frame of any segment."""
    unreadable: int = 0
    """Whole frames that hold no record."""


class WriterRecords:
    """All segments of one writer, in order. Can be iterated more than once."""

    def __init__(self, header: JournalHeader, segments: Sequence[Iterable[Record]]) -> None:
        self.header = header
        self._segments = tuple(segments)
        self.damage = Damage()
        """Final after an iteration has come to its end."""

    @property
    def writer_id(self) -> str:
        """`<writer>-<pid>-<4hex>`."""
        return self.header.writer_id

    @property
    def is_editor(self) -> bool:
        """Whether it speaks for an editor."""
        return self.header.writer == "lsp"

    @property
    def editor_key(self) -> str:
        """The same for writers that serve one editor process."""
        pid = self.header.fields.get("editor_pid")
        return f"pid {pid}" if type(pid) is int else self.writer_id

    def __iter__(self) -> Iterator[Record]:
        left = unreadable = 0
        for segment in self._segments:
            yield from segment
            if isinstance(segment, Segment):
                left += segment.damage.left_bytes
                unreadable += segment.damage.unreadable
        self.damage = Damage(left_bytes=left, unreadable=unreadable)


@dataclass(slots=True)
class Segment:
    """One journal file, read anew at every iteration and never held as a whole."""

    path: Path
    damage: Damage = field(default_factory=Damage)

    def __iter__(self) -> Iterator[Record]:
        stream = JournalStream(self.path)
        yield from stream
        self.damage = Damage(left_bytes=stream.left_bytes, unreadable=stream.unreadable)


def read_writers(folder: Path) -> tuple[list[WriterRecords], int]:
    """Return the writers of a session's folder, by id, and how many journals had no header.

    `gathered.journal` is not among them.
    """
    found: dict[str, list[tuple[int, Path, JournalHeader]]] = {}
    headless = 0
    for path in sorted(folder.glob("*-*.journal")):
        header = JournalStream(path).header
        if header is None:
            headless += 1
        else:
            found.setdefault(header.writer_id, []).append((header.segment, path, header))
    writers = []
    for _, segments in sorted(found.items()):
        segments.sort(key=lambda item: item[:2])
        writers.append(WriterRecords(segments[0][2], [Segment(path) for _, path, _ in segments]))
    return writers, headless
