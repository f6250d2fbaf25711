"""Count the steps of a session so far, for `status` and the self-check, with light imports only.

Counts are of journalled records, one per content change; sealing may merge or split them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signoff_collector.capture.journal.record_paths import relative_path
from signoff_collector.capture.tallies.tally_file import tallies
from signoff_collector.own_files.unfinished import is_running

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.capture.tallies.tally import DocumentTally, SegmentTally


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSeen:
    """One file of the workspace as editors reported it."""

    path: str
    """Relative to the workspace."""
    last_ns: int
    is_open: bool
    saved_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterSeen:
    """One writer of the session."""

    writer_id: str
    source: str
    """`lsp`, `git`, `run` …"""
    name: str
    """The editor's own name, else the source."""
    has_companion: bool
    last_ns: int
    is_at_work: bool
    is_killed: bool
    """Whether its process is gone without an END record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCounts:
    """The counts of a session so far."""

    by_kind: Mapping[str, int]
    last_ns: Mapping[str, int]
    """Source to the boot time of its last record."""

    left_bytes: int
    """Number of unreadable bytes at the ends of journals."""

    documents: tuple[DocumentSeen, ...] = ()
    """Sorted by path."""
    writers: tuple[WriterSeen, ...] = ()
    on_disk: Mapping[str, tuple[int, str | None]] = field(
        default_factory=dict[str, tuple[int, str | None]]
    )
    """Path to boot time and SHA-256 (None: deleted), as last recorded by the file watcher."""
    single_saves: Mapping[str, int] = field(default_factory=dict[str, int])
    """File suffix to the number of bursts in which one such file alone changed on disk."""
    jumps: tuple[tuple[int, int], ...] = ()
    """Boot time, and by how many nanoseconds the wall clock was set; one entry per clock change."""
    moved_ns: int = 0
    """Time of the last bulk change on disk or by git, which may not name each file."""
    dropped: int = 0
    """Number of gaps that report lost records."""


def count_steps(session: Session, *, is_kept: bool = True) -> StepCounts:
    """Count incrementally what was written since the last call; about 2 µs per record.

    Args:
        session: an active session.
        is_kept: store the counts for the next call; else nothing is written.
    """
    found = tallies(session, is_kept=is_kept)
    segments = [one.state for one in found.values()]
    by_kind: Counter[str] = Counter()
    last_ns: dict[str, int] = {}
    for tally in segments:
        by_kind.update(tally.by_kind)
        source = str(tally.header.get("writer", "unknown"))
        if tally.last_ns:
            last_ns[source] = max(last_ns.get(source, 0), tally.last_ns)
    if session.spools:
        _count_spools(session, by_kind, last_ns)
    return StepCounts(
        by_kind=dict(sorted(by_kind.items())),
        last_ns=last_ns,
        left_bytes=sum(one.left_bytes for one in found.values()),
        documents=_documents(session.root, segments),
        writers=_writers(segments),
        on_disk=_on_disk(session.root, segments),
        single_saves=_sum(tally.single_saves for tally in segments),
        jumps=_jumps(segments),
        moved_ns=max((tally.moved_ns for tally in segments), default=0),
        dropped=sum(tally.dropped for tally in segments),
    )


def _count_spools(session: Session, by_kind: Counter[str], last_ns: dict[str, int]) -> None:
    """Count what shells and agents wrote; their readers are imported only if there is a spool."""
    from signoff_collector.capture.journal.journal import read_headers
    from signoff_collector.capture.journal.spools import read_spools

    for stream in read_spools(session.folder, read_headers(session.journals)):
        source = stream.header.writer
        for entry in stream.entries:
            by_kind[str(entry.body["kind"])] += 1
            last_ns[source] = max(last_ns.get(source, 0), entry.t_boot_ns)


def _documents(root: Path, segments: Iterable[SegmentTally]) -> tuple[DocumentSeen, ...]:
    """Return the documents of all writers by path; a writer that exited has none open."""
    by_writer: dict[str, dict[str, DocumentTally]] = {}
    gone: set[str] = set()
    for tally in segments:  # sorted by writer and segment
        writer_id = str(tally.header.get("writer_id"))
        by_writer.setdefault(writer_id, {}).update(tally.documents)
        if tally.end is not None or not _is_at_work(tally):
            gone.add(writer_id)
    found: dict[str, DocumentSeen] = {}
    for writer_id, documents in by_writer.items():
        for uri, told in documents.items():
            path = relative_path(root, uri)
            if path is not None:
                seen = DocumentSeen(
                    path=path,
                    last_ns=told.last_ns,
                    is_open=told.is_open and writer_id not in gone,
                    saved_sha256=told.saved_sha256,
                )
                found[path] = _joined(found[path], seen) if path in found else seen
    return tuple(found[path] for path in sorted(found))


def _joined(one: DocumentSeen, other: DocumentSeen) -> DocumentSeen:
    """Merge what two editors reported about one file: the later report wins."""
    earlier, later = sorted((one, other), key=lambda seen: seen.last_ns)
    return DocumentSeen(
        path=later.path,
        last_ns=later.last_ns,
        is_open=earlier.is_open or later.is_open,
        saved_sha256=later.saved_sha256 or earlier.saved_sha256,
    )


def _writers(segments: Iterable[SegmentTally]) -> tuple[WriterSeen, ...]:
    """Return the writers by id; the state is that of each writer's last segment."""
    last: dict[str, SegmentTally] = {}
    companions: set[str] = set()
    for tally in segments:  # sorted by writer and segment
        writer_id = str(tally.header.get("writer_id", ""))
        if writer_id:
            last[writer_id] = tally
            if tally.has_companion:
                companions.add(writer_id)
    begun = [(tally.header.get("pid"), _begun(tally)) for tally in last.values()]
    return tuple(
        WriterSeen(
            writer_id=writer_id,
            source=str(tally.header.get("writer")),
            name=_name(tally),
            has_companion=writer_id in companions,
            last_ns=tally.last_ns,
            is_at_work=tally.end is None and _is_at_work(tally),
            is_killed=_is_killed(tally)
            and not any(
                pid == tally.header.get("pid") and since > _begun(tally) for pid, since in begun
            ),
        )
        for writer_id, tally in sorted(last.items())
    )


def _name(tally: SegmentTally) -> str:
    editor, version = tally.header.get("editor"), tally.header.get("editor_version")
    if not isinstance(editor, str) or not editor:
        return str(tally.header.get("writer"))
    told = f"{editor} {version}" if isinstance(version, str) else editor
    return " ".join(told.split())  # it is shown on one line, and Emacs reports its version on two


def _is_at_work(tally: SegmentTally) -> bool:
    pid = tally.header.get("pid")
    return type(pid) is int and is_running(pid)


def _is_killed(tally: SegmentTally) -> bool:
    marks_end = tally.header.get("marks_end") is True
    return marks_end and tally.end is None and not _is_at_work(tally)


def _begun(tally: SegmentTally) -> int:
    begun = tally.header.get("t_boot_ns")
    return begun if type(begun) is int else 0


def _on_disk(root: Path, segments: Iterable[SegmentTally]) -> dict[str, tuple[int, str | None]]:
    found: dict[str, tuple[int, str | None]] = {}
    for tally in segments:
        for name, (t_ns, sha256) in tally.on_disk.items():
            path = relative_path(root, name)
            if path is None:
                continue
            at_ns = t_ns if type(t_ns) is int else 0
            if at_ns >= found.get(path, (0, None))[0]:
                found[path] = (at_ns, sha256 if isinstance(sha256, str) else None)
    return found


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(total)


def _jumps(segments: Iterable[SegmentTally]) -> tuple[tuple[int, int], ...]:
    """Deduplicate clock changes, since every writer notices each of them."""
    told = sorted((jump[0], jump[1]) for tally in segments for jump in tally.jumps)
    found: list[tuple[int, int]] = []
    for at_ns, moved_ns in told:
        is_known = any(abs(moved_ns - other) < 10**9 * 5 for _, other in found)
        if not is_known:
            found.append((at_ns, moved_ns))
    return tuple(found)
