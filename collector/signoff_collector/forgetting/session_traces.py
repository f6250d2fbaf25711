"""Finds and erases data of a span in a session: segments, blobs, spools, transcripts, episode."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.agents.hook_transcripts import FOLDER as TRANSCRIPTS
from signoff_collector.capture.journal.forgotten import make_span
from signoff_collector.capture.journal.journal import JournalStream, read_headers
from signoff_collector.capture.journal.record_paths import relative_path
from signoff_collector.capture.journal.spool import MAX_SPOOL_BYTES
from signoff_collector.forgetting.rewriting import holds_forgotten, rewrite_writer
from signoff_collector.own_files.private_files import read_regular, try_lock
from signoff_collector.own_files.unfinished import is_running
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.capture.journal.forgotten import ForgottenSpan
    from signoff_collector.capture.journal.spools import SpoolEntry
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.system.clock import Clock

FAR_NS: Final = (1 << 62) - 1
"""Later than any boot time."""

_BETWEEN_NAMES: Final = re.compile(r"[\0\s\"',:;=()\[\]{}]+")
_PARTS_OF_A_WRITER: Final = 3


def writers_of(session: Session) -> list[list[Path]]:
    """Return the segments of each writer, in order."""
    writers: dict[str, list[Path]] = {}
    for path in session.journals:
        writers.setdefault(path.name.rsplit(".", 2)[0], []).append(path)
    return list(writers.values())


def open_segments(segments: list[Path]) -> frozenset[Path]:
    """Return the segments that a writer may still append to: it holds a shared lock on each."""
    return frozenset(path for path in segments if _is_held(path))


def holds_any(session: Session, span: ForgottenSpan, clock: Clock) -> bool:
    """Say whether any journal or spool of the session may hold data of the span."""
    return bool(spools_with(session, span, clock) or transcripts_of(session)) or any(
        holds_forgotten(path, (span,), session.root) for path in session.journals
    )


def has_records(session: Session) -> bool:
    """Say whether the session still has records that could become an episode."""
    everything = make_span(0, FAR_NS)
    return any(spool_entries(path, session, everything) for path in session.spools) or any(
        holds_forgotten(path, (everything,), session.root) for path in session.journals
    )


def episode_names(path: Path, span: ForgottenSpan) -> bool:
    """Say whether an episode holds a file that matches the span's pattern."""
    from signoff_collector.episode.file.reader import EpisodeFile, read_bytes

    try:
        files = EpisodeFile(read_bytes(path)).files
    except SignoffError:
        return True  # unreadable, so it may hold one
    return any(span.covers(span.from_ns, name) for name in files)


def remove_blobs(session: Session, span: ForgottenSpan, *, is_owned: bool) -> None:
    """Remove blobs that only forgotten records refer to.

    Done before the records are removed, so that after a kill the references are found again. In an
    active session a blob is written before the record that refers to it, so blobs without any
    reference are removed only when the session is owned.
    """
    dropped: set[str] = set()
    kept: set[str] = set()
    for segments in writers_of(session):
        looked_at = rewrite_writer(segments, frozenset(segments), (span,), session.root)
        dropped |= looked_at.dropped_digests
        kept |= looked_at.kept_digests
    if is_owned and session.blobs.is_dir():
        dropped |= {path.name for path in session.blobs.iterdir()}
    for digest in dropped - kept:
        (session.blobs / digest).unlink(missing_ok=True)


def rewrite_spools(session: Session, span: ForgottenSpan, clock: Clock) -> int:
    """Erase a span from every spool; return the number of erased entries.

    A spool in a format without a reader is removed entirely.
    """
    from signoff_collector.capture.journal.spools import clocks_of, covers_entry, reader_of, scrub

    _remove_transcripts(session)
    folder = clocks_of(session.folder, read_headers(session.journals))
    taken_out = 0
    for path in spools_with(session, span, clock):
        if reader_of(path) is None or folder is None:
            path.unlink(missing_ok=True)
            continue

        def is_going(entry: SpoolEntry) -> bool:
            return covers_entry(span, entry, session.root)

        try:
            taken_out += scrub(path, is_going, folder.clocks)
        except FileNotFoundError:
            continue
    return taken_out


def _remove_transcripts(session: Session) -> None:
    """Remove the copies of agents' transcripts, since no part of them can be erased alone."""
    for path in transcripts_of(session):
        path.unlink(missing_ok=True)


def transcripts_of(session: Session) -> list[Path]:
    """Return the copies of agents' transcripts in the session's folder."""
    return list((session.folder / TRANSCRIPTS).glob("*"))


def spool_entries(path: Path, session: Session, span: ForgottenSpan) -> int:
    """Return the number of entries of a spool that a span covers."""
    from signoff_collector.capture.journal.spools import clocks_of, covers_entry, read_spool

    folder = clocks_of(session.folder, read_headers(session.journals))
    if folder is None:
        return 0
    entries = read_spool(path, folder.clocks).entries
    return sum(covers_entry(span, entry, session.root) for entry in entries)


def _has_unclaimed(path: Path, session: Session) -> bool:
    from signoff_collector.capture.journal.spools import clocks_of, read_spool

    folder = clocks_of(session.folder, read_headers(session.journals))
    return folder is not None and bool(read_spool(path, folder.clocks).unclaimed)


def spools_with(session: Session, span: ForgottenSpan, clock: Clock) -> list[Path]:
    """Return the spools that may hold data of the span.

    For a spool in a format without a reader, and for bytes that belong to no entry (torn, refused),
    the file's modification time and the path names in it decide.
    """
    from signoff_collector.capture.journal.spools import reader_of

    offset_ns = clock.wall_ns() - clock.boot_ns()
    if session.boot_id != clock.boot_id():
        offset_ns = session.started_wall_ns - session.started_boot_ns
    found: list[Path] = []
    for path in session.spools:
        if reader_of(path) is not None:
            if spool_entries(path, session, span):
                found.append(path)
                continue
            if not _has_unclaimed(path, session):
                continue
        try:
            is_within = path.stat().st_mtime_ns - offset_ns >= span.from_ns
        except OSError:
            continue
        if is_within and (span.patterns is None or _spool_names(path, span, session.root)):
            found.append(path)
    return found


def _spool_names(path: Path, span: ForgottenSpan, root: Path) -> bool:
    try:
        content = read_regular(path, max_bytes=MAX_SPOOL_BYTES)
    except SignoffError:
        return True
    words = set(_BETWEEN_NAMES.split(content.decode("utf-8", "replace")))
    named = (relative_path(root, word) for word in words if word)
    return any(span.covers(span.from_ns, name) for name in named if name is not None)


def _is_held(path: Path) -> bool:
    try:
        lock = try_lock(path, is_created=False)
    except SignoffError:
        return False  # gone meanwhile
    if lock is None:
        return True
    lock.release()
    # Between creating a segment and locking it a writer has not written its header yet.
    pid = _pid_in(path.name)
    return JournalStream(path).header is None and pid is not None and is_running(pid)


def _pid_in(name: str) -> int | None:
    words = name.split("-")
    is_writer = len(words) >= _PARTS_OF_A_WRITER and words[-2].isdigit()
    return int(words[-2]) if is_writer else None
