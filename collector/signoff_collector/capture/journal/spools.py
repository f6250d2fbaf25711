"""Read spools as record streams: what shells and agent hooks wrote, in the form of a journal.

**Contract of a reader.** A file `<prefix>-<pid>-<hex>.spool` in a session's folder is read by the
reader that `_READERS` names for its prefix; a spool with any other prefix is ignored. A reader is
a module-level object that implements `SpoolReader`:

* `kinds`: the kinds of step it may return. An entry of another kind is refused and counted
  (threat 36), whatever its bytes claim.
* `padding`: one byte. `forget` overwrites the bytes of a forgotten entry with it, in place, since
  writers append without a lock; the reader MUST ignore any run of it between records.
* `read(data, clocks)`: parses the whole file. It never raises, keeps no state beyond what it
  returns, builds each body from fields it knows (never copies its input), and converts times
  with `clocks`. Invalid records are counted in `refused`; a torn tail in `left_bytes`.

A body is that of a STEP record (docs/journal.md) without `t_boot_ns`. Its paths are absolute. It
refers to no blob and no file content: `disk`, `changed` and `blob` are refused, since a foreign
process is not trusted to say what was on disk. Masking is done later, not by the reader.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, cast

from signoff_collector import __version__
from signoff_collector.capture.journal.control import read_control
from signoff_collector.capture.journal.forgotten import ForgottenSpan, forgotten_spans
from signoff_collector.capture.journal.journal import JournalHeader
from signoff_collector.capture.journal.journal_frames import JOURNAL_VERSION, RecordKind
from signoff_collector.capture.journal.pauses import pauses
from signoff_collector.capture.journal.record_paths import without_files
from signoff_collector.capture.journal.records import Damage, Entry, WriterRecords
from signoff_collector.capture.journal.spool import MAX_FIELD_BYTES, MAX_RECORDS, MAX_SPOOL_BYTES
from signoff_collector.own_files.private_files import read_regular
from signoff_collector.system.files.descriptors import sync, write_at
from signoff_collector.system.files.opening import open_to_write
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import fields_of, items_of

if TYPE_CHECKING:
    from signoff_collector.capture.journal.pauses import Stretch

_READERS: Final[Mapping[str, str]] = {
    "shell": "signoff_collector.capture.shell.spool:READER",
    "agent": "signoff_collector.capture.agents.spool:READER",
    "tests": "signoff_collector.capture.test_results.tests_spool:READER",
}
"""Prefix of the file name to `module:object`; imported only when such a spool exists."""

_NAME: Final = re.compile(r"([a-z]{1,16})-(\d{1,10})-[0-9a-f]{4,16}\.spool")
_FIELDS_REFUSED_FROM_SPOOLS: Final = frozenset({"disk", "changed", "blob"})
_MAX_DEPTH: Final = 8
_MAX_ITEMS: Final = 2_000
_MAX_CASES: Final = 100_000
"""Most entries in a list of this kind: the test cases of one run."""
_EARLY_NS: Final = 60 * 10**9
"""Tolerance before the session's start: the command that opened it was typed before it existed."""
_LONGEST_NS: Final = 13 * 3600 * 10**9
"""A session lasts at most 12 hours; a later time is treated as damage."""
_APART_NS: Final = 100_000_000
"""If the two clocks of a record differ by more, the wall clock was set in between."""
_MAX_SESSION_JSON: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolClocks:
    """Converts the times that a spool's writer could read into nanoseconds since boot."""

    started_boot_ns: int
    pairs: Sequence[tuple[int, int]]
    """Readings (wall, boot) of the session's own writers, including the one at its start."""

    def boot_ns(self, *, uptime_ns: int | None = None, wall_ns: int | None = None) -> int | None:
        """Convert to a time within the session; None when neither clock was read.

        The wall clock has the higher resolution (`/proc/uptime` has 10 ms). It is used, through the
        nearest reading of both clocks, where the two agree and where there is no uptime.
        """
        mapped = None
        if wall_ns is not None:
            near_wall, near_boot = min(self.pairs, key=lambda pair: abs(pair[0] - wall_ns))
            mapped = near_boot + wall_ns - near_wall
        if mapped is None or (uptime_ns is not None and abs(mapped - uptime_ns) > _APART_NS):
            mapped = uptime_ns
        return None if mapped is None else self.within(mapped)

    def within(self, t_boot_ns: int) -> int:
        """Clamp a time to the range that a record of this session can have."""
        first = max(0, self.started_boot_ns - _EARLY_NS)
        return min(max(first, t_boot_ns), self.started_boot_ns + _LONGEST_NS)

    def wall_ns(self, t_boot_ns: int) -> int:
        """Convert a time since boot to wall time, by the clock reading at the session's start."""
        near_wall, near_boot = self.pairs[0]
        return near_wall + t_boot_ns - near_boot


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolEntry:
    """One step that a spool reports."""

    t_boot_ns: int
    """When the step happened, in nanoseconds since boot."""
    since_ns: int
    """When what it reports began; the entry is left out if that time is forgotten or paused."""
    body: Mapping[str, object]
    pieces: tuple[tuple[int, int], ...]
    """The byte ranges of the file it was parsed from: start and end of each record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolReading:
    """The result of parsing one spool."""

    entries: Sequence[SpoolEntry] = ()
    refused: int = 0
    """Number of records that were refused: of a foreign kind, too many, too large or invalid."""
    left_bytes: int = 0
    """Torn bytes at the end."""
    unclaimed: Sequence[tuple[int, int]] = ()
    """Byte ranges that belong to no entry: refused, duplicate or torn records."""
    fields: Mapping[str, object] = field(default_factory=dict[str, object])
    """Additional fields for the stream's header."""


class SpoolReader(Protocol):
    """Parses the spools of one kind of writer; the contract is in this module's docstring."""

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of step it may return."""
        ...

    @property
    def padding(self) -> bytes:
        """The byte that is ignored between records."""
        ...

    def read(self, data: bytes, clocks: SpoolClocks) -> SpoolReading:
        """Parse a whole spool; never raises."""
        ...


class SpoolRecords(WriterRecords):
    """One spool as a writer's stream of STEP records."""

    def __init__(
        self, header: JournalHeader, entries: Sequence[SpoolEntry], damage: Damage
    ) -> None:
        super().__init__(header, ())
        self.entries = entries
        self.damage = damage

    def __iter__(self) -> Iterator[Entry]:
        for entry in self.entries:
            body = {**entry.body, "t_boot_ns": entry.t_boot_ns}
            yield entry.t_boot_ns, int(RecordKind.STEP), body

    def only(self, kinds: Container[int]) -> Iterator[Entry]:
        """Yield all records if STEP is among the kinds, else none."""
        return iter(self) if RecordKind.STEP in kinds else iter(())


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolFolder:
    """What is needed of a session to read its spools."""

    root: Path
    boot_id: str
    clocks: SpoolClocks
    pauses: Sequence[Stretch]
    forgotten: Sequence[ForgottenSpan]


def read_spools(folder: Path, headers: Iterable[JournalHeader] = ()) -> list[SpoolRecords]:
    """Return one stream per spool that holds anything, by writer id; never raises.

    Args:
        folder: a session's folder.
        headers: of the journals beside them, for their clock readings.
    """
    paths = sorted(folder.glob("*.spool"))
    session = clocks_of(folder, headers) if paths else None
    if session is None:
        return []
    streams = (_stream(path, session) for path in paths)
    return [stream for stream in streams if stream is not None]


def reader_of(path: Path) -> SpoolReader | None:
    """Return the reader for a spool, or None for an unknown prefix."""
    named = _NAME.fullmatch(path.name)
    place = None if named is None else _READERS.get(named[1])
    if place is None:
        return None
    module, _, name = place.partition(":")
    return cast("SpoolReader", getattr(import_module(module), name))


def read_spool(path: Path, clocks: SpoolClocks) -> SpoolReading:
    """Parse one spool and enforce the contract; an unknown or unreadable one gives nothing."""
    reader = reader_of(path)
    if reader is None:
        return SpoolReading()
    try:
        data = read_regular(path, max_bytes=MAX_SPOOL_BYTES)
    except SignoffError:
        return SpoolReading(refused=1)
    reading = reader.read(data, clocks)
    taken = [entry for entry in reading.entries if _is_allowed(entry, reader.kinds)][:MAX_RECORDS]
    known = {entry.pieces for entry in taken}
    others = [piece for e in reading.entries if e.pieces not in known for piece in e.pieces]
    return SpoolReading(
        entries=taken,
        refused=reading.refused + len(reading.entries) - len(taken),
        left_bytes=reading.left_bytes,
        unclaimed=(*reading.unclaimed, *others),
        fields=reading.fields,
    )


def covers_entry(span: ForgottenSpan, entry: SpoolEntry, root: Path) -> bool:
    """Whether a `forget` span covers an entry: by its start, its end, or a file it names."""
    if entry.t_boot_ns < span.from_ns or entry.since_ns > span.to_ns:
        return False
    if span.patterns is None:
        return True

    def covers(path: str) -> bool:
        return span.covers(max(entry.since_ns, span.from_ns), path)

    return without_files(entry.body, root, covers) != entry.body


def clocks_of(folder: Path, headers: Iterable[JournalHeader] = ()) -> SpoolFolder | None:
    """Return what is needed to read a session's spools; None when the folder is no session."""
    try:
        parsed: object = json.loads(
            read_regular(folder / "session.json", max_bytes=_MAX_SESSION_JSON)
        )
    except (SignoffError, ValueError, RecursionError):
        return None
    fields = fields_of(parsed)
    boot_ns, wall_ns = fields.get("started_boot_ns"), fields.get("started_wall_ns")
    boot_id, root = fields.get("boot_id"), fields.get("root")
    if type(boot_ns) is not int or type(wall_ns) is not int:
        return None
    if not isinstance(boot_id, str) or not isinstance(root, str):
        return None
    pairs = [(one.t_wall_ns, one.t_boot_ns) for one in headers if one.boot_id == boot_id]
    control = read_control(folder / "control")
    return SpoolFolder(
        root=Path(root),
        boot_id=boot_id,
        clocks=SpoolClocks(started_boot_ns=boot_ns, pairs=[(wall_ns, boot_ns), *pairs]),
        pauses=pauses(control, 1 << 62),
        forgotten=forgotten_spans(control),
    )


def _stream(path: Path, session: SpoolFolder) -> SpoolRecords | None:
    reading = read_spool(path, session.clocks)
    kept = [entry for entry in reading.entries if not _is_left_out(entry, session)]
    if not kept and not reading.refused and not reading.left_bytes:
        return None
    kept.sort(key=lambda entry: entry.t_boot_ns)
    since = [entry.since_ns for entry in kept]
    first_ns = min(since, default=session.clocks.started_boot_ns)
    writer_id = path.name.removesuffix(".spool")
    writer, pid, _ = writer_id.split("-")
    header = JournalHeader(
        journal_version=JOURNAL_VERSION,
        writer=writer,
        writer_id=writer_id,
        segment=0,
        first_index=0,
        tool_version=__version__,
        boot_id=session.boot_id,
        t_boot_ns=first_ns,
        t_wall_ns=session.clocks.wall_ns(first_ns),
        pid=int(pid),
        fields=reading.fields,
    )
    left = reading.left_bytes
    damage = Damage(left_bytes=left, is_torn=left > 0, unreadable=reading.refused)
    return SpoolRecords(header, kept, damage)


def _is_left_out(entry: SpoolEntry, session: SpoolFolder) -> bool:
    """Whether an entry is left out: recorded during a pause, or forgotten.

    A test run is left out as a whole when a pause began before it ended.
    """
    to_ns = entry.t_boot_ns if entry.body.get("kind") == "tests" else entry.since_ns
    return any(
        stretch.from_ns <= to_ns and entry.since_ns < stretch.to_ns for stretch in session.pauses
    ) or any(covers_entry(span, entry, session.root) for span in session.forgotten)


def _is_allowed(entry: SpoolEntry, kinds: frozenset[str]) -> bool:
    body = entry.body
    return (
        body.get("kind") in kinds
        and not _FIELDS_REFUSED_FROM_SPOOLS & body.keys()
        and type(entry.t_boot_ns) is int
        and 0 <= entry.since_ns <= entry.t_boot_ns
        and _is_small(body, 0)
    )


def _is_small(value: object, depth: int, *, is_cases: bool = False) -> bool:
    """Whether a value is plain, shallow data, each part within the size limit of a field."""
    if depth > _MAX_DEPTH:
        return False
    match value:
        case None | bool() | int() | float():
            return True
        case str():
            return len(value) <= MAX_FIELD_BYTES
        case list() | tuple():
            items = items_of(value)
            most = _MAX_CASES if is_cases else _MAX_ITEMS
            return len(items) <= most and all(_is_small(item, depth + 1) for item in items)
        case Mapping():
            named = cast("Mapping[object, object]", value)
            return len(named) <= _MAX_ITEMS and all(
                isinstance(name, str)
                and _is_small(item, depth + 1, is_cases=depth == 0 and name == "cases")
                for name, item in named.items()
            )
        case _:
            return False


def scrub(path: Path, is_going: Callable[[SpoolEntry], bool], clocks: SpoolClocks) -> int:
    """Overwrite the entries to be forgotten in place; return how many.

    Bytes that belong to no entry are overwritten too. In place, since a shell may append at any
    time without a lock: nothing it adds is lost, and an interrupted run is completed by running
    again.

    Raises:
        OSError: the file cannot be written.
    """
    reader = reader_of(path)
    if reader is None:
        return 0
    reading = read_spool(path, clocks)
    going = [entry for entry in reading.entries if is_going(entry)]
    pieces = [*reading.unclaimed, *(piece for entry in going for piece in entry.pieces)]
    if not pieces:
        return 0
    descriptor = open_to_write(path)
    try:
        for start, end in sorted(pieces):
            write_at(descriptor, reader.padding * (end - start), start)
        sync(descriptor)
    finally:
        os.close(descriptor)
    return len(going)
