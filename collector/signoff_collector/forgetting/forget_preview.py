"""Computes what a `forget` or a `discard` would erase, without changing anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signoff_collector.capture.journal.forgotten import make_span
from signoff_collector.capture.journal.journal import read_headers
from signoff_collector.capture.journal.record_paths import names_in, relative_path
from signoff_collector.capture.sessions.sessions import list_sessions, sealed_as
from signoff_collector.forgetting.forgetting import span_in
from signoff_collector.forgetting.rewriting import rewrite_writer
from signoff_collector.forgetting.session_traces import (
    FAR_NS,
    episode_names,
    spools_with,
    transcripts_of,
    writers_of,
)
from signoff_collector.kept.episode_files import removable_files
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from signoff_collector.capture.journal.forgotten import ForgottenSpan
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.forgetting.forget_requests import ForgetRequest
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock


@dataclass(slots=True, kw_only=True)
class ErasedPart:
    """What would be erased of one session."""

    session: Session
    records: int = 0
    paths: set[str] = field(default_factory=set[str])
    """Relative to the workspace."""

    times_ns: list[int] = field(default_factory=list[int])
    """Boot times of erased records; includes the first and the last."""

    loose: list[str] = field(default_factory=list[str])
    """Names of files erased entirely: copies of transcripts, unreadable spools."""

    episodes: list[str] = field(default_factory=list[str])
    """Names of files in `data/episodes` that are removed with it."""

    is_raw: bool = True
    """Whether raw history is erased; False where only the masked episode is left."""

    @property
    def wall_span_ns(self) -> tuple[int, int]:
        """Wall-clock times of the first and last erased record, or the session's start twice."""
        began_ns = self.session.started_wall_ns
        times = [began_ns + ns - self.session.started_boot_ns for ns in self.times_ns]
        return (min(times), max(times)) if times else (began_ns, began_ns)


def forget_preview(
    home: Home,
    clock: Clock,
    request: ForgetRequest,
    *,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[ErasedPart]:
    """Return what a request would erase of each session, oldest session first.

    `progress` is called with the number of sessions looked at, and their total.
    """
    found: list[ErasedPart] = []
    sessions = list_sessions(home)
    for number, session in enumerate(sessions):
        progress(number, len(sessions))
        span = span_in(session, request)
        going = None if span is None else _going(home, clock, session, span)
        if going is not None:
            found.append(going)
    return sorted(found, key=lambda one: one.session.started_wall_ns)


def session_preview(clock: Clock, session: Session) -> ErasedPart:
    """Return all raw history of a session, without its episode."""
    return _raw(clock, session, make_span(0, FAR_NS))


def lone_episodes(home: Home, request: ForgetRequest, going: Sequence[ErasedPart]) -> list[str]:
    """Return the names of episode files that a request names but that belong to no session."""
    known = {name for one in going for name in one.episodes}
    names = (path.name for one in request.episodes for path in removable_files(home, one))
    return [name for name in dict.fromkeys(names) if name not in known]


def _going(home: Home, clock: Clock, session: Session, span: ForgottenSpan) -> ErasedPart | None:
    if not session.journals and not session.spools:
        return _purged(home, clock, session, span)
    going = _raw(clock, session, span)
    if not going.records and not going.loose:
        return None
    if session.is_over(clock):
        going.episodes = _episode_files(home, session)
    return going


def _purged(home: Home, clock: Clock, session: Session, span: ForgottenSpan) -> ErasedPart | None:
    """Return the whole episode: without raw history, no part of it can be erased alone."""
    began_ns, last_ns = session.started_boot_ns, session.last_activity_ns(clock)
    sealed = sealed_as(session)
    if sealed is None or span.from_ns > last_ns or span.to_ns < began_ns:
        return None
    if span.patterns is not None and not episode_names(sealed.path, span):
        return None
    return ErasedPart(
        session=session,
        paths=files_in(sealed.path),
        times_ns=[began_ns, last_ns],
        episodes=_episode_files(home, session),
        is_raw=False,
    )


def files_in(path: Path) -> set[str]:
    """Return the files in an episode; empty where it cannot be read."""
    from signoff_collector.episode.file.reader import EpisodeFile, read_bytes

    try:
        return set(EpisodeFile(read_bytes(path)).files)
    except SignoffError:
        return set()


def _episode_files(home: Home, session: Session) -> list[str]:
    sealed = sealed_as(session)
    digests = () if sealed is None else sealed.digests
    return [path.name for digest in digests for path in removable_files(home, digest)]


def _raw(clock: Clock, session: Session, span: ForgottenSpan) -> ErasedPart:
    going = ErasedPart(session=session, loose=[path.name for path in transcripts_of(session)])
    for segments in writers_of(session):
        # every segment counts as open, so nothing is rewritten
        found = rewrite_writer(segments, frozenset(segments), (span,), session.root)
        going.records += found.dropped
        going.paths |= found.dropped_paths
        going.times_ns += found.dropped_ns
    for path in spools_with(session, span, clock):
        _add_spool(going, path, span)
    return going


def _add_spool(going: ErasedPart, path: Path, span: ForgottenSpan) -> None:
    from signoff_collector.capture.journal.spools import (
        clocks_of,
        covers_entry,
        read_spool,
        reader_of,
    )

    root = going.session.root
    folder = clocks_of(going.session.folder, read_headers(going.session.journals))
    if reader_of(path) is None or folder is None:
        going.loose.append(path.name)
        return
    covered = [e for e in read_spool(path, folder.clocks).entries if covers_entry(span, e, root)]
    if not covered:  # bytes that belong to no entry (torn or refused) are erased with the file
        going.loose.append(path.name)
    for entry in covered:
        going.records += 1
        going.times_ns.append(entry.t_boot_ns)
        named = (relative_path(root, name) for name in names_in(entry.body) if "\0" not in name)
        at_ns = max(entry.since_ns, span.from_ns)
        going.paths |= {name for name in named if name and span.covers(at_ns, name)}
