"""The records of one session, one stream per writer."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgpack  # type: ignore[import-untyped]  # ships no types
from msgpack import unpackb

from signoff_collector.capture.journal.frame_reader import HOLE, FrameReader
from signoff_collector.capture.journal.journal import JournalHeader, JournalStream

Entry = tuple[int, int, object]
"""One record: time since boot, kind, body. A plain tuple, since there are many."""

_NO_RECORD: Final = (
    ValueError,
    TypeError,
    OverflowError,
    LookupError,
    RecursionError,
    msgpack.UnpackException,
)
"""What decoding or looking into a payload raises when it holds no record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What could not be read of one writer's journals."""

    left_bytes: int = 0
    """Bytes that belong to no whole frame of any segment."""
    is_torn: bool = False
    """Whether some of them are behind the last whole frame of a segment."""
    holes: int = 0
    """Places where records are lost that have whole frames behind them."""
    unreadable: int = 0
    """Whole frames that hold no record."""


class WriterRecords:
    """All segments of one writer, in order. Can be iterated more than once."""

    def __init__(self, header: JournalHeader, segments: Sequence[Iterable[Entry]]) -> None:
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

    def __iter__(self) -> Iterator[Entry]:
        found: list[Damage] = []
        for segment in self._segments:
            yield from segment
            if isinstance(segment, Segment):
                found.append(segment.damage)
        self.damage = Damage(
            left_bytes=sum(one.left_bytes for one in found),
            is_torn=any(one.is_torn for one in found),
            holes=sum(one.holes for one in found),
            unreadable=sum(one.unreadable for one in found),
        )

    def only(self, kinds: Container[int]) -> Iterator[Entry]:
        """Yield the records of some kinds; the rest is passed over without being decoded."""
        for segment in self._segments:
            if isinstance(segment, Segment):
                yield from segment.only(kinds)
            else:
                yield from (entry for entry in segment if entry[1] in kinds)


class Segment:
    """The records of one journal file, read anew at every iteration and never held as a whole.

    Gives what `capture.journal.JournalStream` gives, and is tested against it; it leaves out what
    sealing does not need, since a day of typing is some 10^5 records. Lost records are one entry
    of the kind `HOLE`: the texts behind it are not known.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage = Damage()

    def only(self, kinds: Container[int]) -> Iterator[Entry]:
        """Yield the records of some kinds; the others are not decoded."""
        for kind, payload in FrameReader(self.path):
            if kind in kinds:
                entry = _entry(kind, payload)
                if entry is not None:
                    yield entry

    def __iter__(self) -> Iterator[Entry]:
        reader = FrameReader(self.path)
        frames = iter(reader)
        next(frames, None)  # the header
        unreadable, t_boot_ns = 0, 0
        for kind, payload in frames:
            if kind == HOLE:
                yield t_boot_ns, HOLE, None
                continue
            entry = _entry(kind, payload)
            if entry is None:
                unreadable += 1
                continue
            t_boot_ns = entry[0]
            yield entry
        self.damage = Damage(
            left_bytes=reader.left_bytes,
            is_torn=reader.left_bytes > reader.hole_bytes,
            holes=reader.holes,
            unreadable=unreadable,
        )


def _entry(kind: int, payload: bytes) -> Entry | None:
    """Return a payload as a record, None when it holds none."""
    try:
        body = unpackb(payload, raw=False, unicode_errors="surrogatepass")
        t_boot_ns = body[0] if type(body) is list else body["t_boot_ns"]
    except _NO_RECORD:
        return None
    return (t_boot_ns, kind, body) if type(t_boot_ns) is int and t_boot_ns >= 0 else None


def read_writers(folder: Path) -> tuple[list[WriterRecords], int]:
    """Return the writers of a session's folder, by id, and how many journals had no header.

    Spools are writers too; `gathered.journal` is not among them.
    """
    from signoff_collector.capture.journal.spools import read_spools

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
