"""Erases what a person wants forgotten: from journals, blobs, spools and sealed episodes.

The request is stored first and dropped last, and every step is idempotent, so after a kill at any
point the next run completes the work. Until then readers of a journal leave the span out, because
it is listed in the session's `control` file.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.forgotten import (
    ForgottenSpan,
    exact_pattern,
    make_span,
    span_fields,
)
from signoff_collector.capture.runs.environment import drop_environment
from signoff_collector.capture.sessions.sessions import list_sessions, sealed_as, sweep
from signoff_collector.capture.shell.opening import drop_waiting
from signoff_collector.capture.tallies.tally_file import drop_tallies
from signoff_collector.forgetting.forget_requests import (
    ForgetRequest,
    drop_request,
    new_request_id,
    pending_requests,
    store_request,
)
from signoff_collector.forgetting.rewriting import rewrite_writer
from signoff_collector.forgetting.session_removal import remove_leftovers, remove_session
from signoff_collector.forgetting.session_traces import (
    FAR_NS,
    episode_names,
    has_records,
    holds_any,
    open_segments,
    remove_blobs,
    rewrite_spools,
    writers_of,
)
from signoff_collector.kept.episode_files import BASE_TREE_NAME, remove_episode
from signoff_collector.kept.replaced_files import replaced_concerned
from signoff_collector.system.files.spelling import folds
from signoff_schemas.errors import SessionOverError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.kept.replaced_files import ReplacedFiles
    from signoff_collector.own_files.home import Home
    from signoff_collector.own_files.private_files import FileLock
    from signoff_collector.system.clock import Clock

WAIT_S: Final = 10.0
"""Time to wait for writers or a running seal; the rest is then left to the next run."""

_EARLIEST_NS: Final = 600 * 10**9
"""How long before its start a session may hold records: its first events wait until it exists."""

_LOOK_S: Final = 0.05
_UNDONE: Final = (
    BASE_TREE_NAME,
    "own.episode",
    "find.sqlite",
    "gathered.journal",
    "pseudonyms.json",
    "seal-failed.json",
    "unmasked.json",
    "sealed.json",
)
"""Files that sealing and `find` left in the session's folder. The last one names the episode
to remove, so it is deleted last."""


@dataclass(slots=True, kw_only=True)
class Forgotten:
    """Result of a `forget`."""

    records: int = 0
    sessions: int = 0
    """Number of sessions with erased data."""

    episodes: list[str] = field(default_factory=list[str])
    """Names of the files removed from `data/episodes`."""

    remaining: int = 0
    """Number of sessions whose episode was removed and that can be sealed again."""

    waiting: list[str] = field(default_factory=list[str])
    """Sessions where a writer still holds a file; the span is hidden meanwhile."""


def make_request(
    clock: Clock,
    *,
    from_wall_ns: int = 0,
    to_wall_ns: int | None = None,
    pattern: str | None = None,
    roots: tuple[str, ...] | None = None,
    sessions: tuple[str, ...] | None = None,
    episodes: tuple[str, ...] = (),
) -> ForgetRequest:
    """Make a request for a span of wall-clock time, by default until now."""
    now_boot_ns, now_wall_ns = clock.boot_ns(), clock.wall_ns()
    end_ns = now_wall_ns if to_wall_ns is None else to_wall_ns
    return ForgetRequest(
        id=new_request_id(),
        boot_id=clock.boot_id(),
        from_boot_ns=max(0, now_boot_ns - (now_wall_ns - from_wall_ns)),
        to_boot_ns=max(0, now_boot_ns - (now_wall_ns - end_ns)),
        from_wall_ns=from_wall_ns,
        to_wall_ns=end_ns,
        pattern=pattern,
        roots=roots,
        sessions=sessions,
        episodes=episodes,
    )


def forget(
    home: Home,
    clock: Clock,
    request: ForgetRequest,
    *,
    wait_s: float = WAIT_S,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Forgotten:
    """Store a request and carry it out as far as possible now.

    `progress` is called with the number of sessions looked at, and their total.
    """
    store_request(home, request)
    run = _Run(home, clock, wait_s, progress)
    drop_waiting(home)
    remove_leftovers(home)
    run.carry_out(request)
    sweep(home, clock)
    return run.done


def finish_forgetting(home: Home, clock: Clock, *, wait_s: float = WAIT_S) -> Forgotten:
    """Complete pending requests of interrupted runs; cheap when there are none."""
    run = _Run(home, clock, wait_s)
    requests = pending_requests(home)
    for request in requests:
        run.carry_out(request)
    if requests:
        sweep(home, clock)
    return run.done


def erase_files(home: Home, clock: Clock, session: Session, paths: Sequence[str]) -> None:
    """Erase files from a session that is over and owned by the caller, as `forget --path` does.

    Args:
        home: of the session.
        clock: of this machine.
        session: without writers.
        paths: relative to the workspace, with forward slashes.
    """
    run = _Run(home, clock, WAIT_S)
    is_folding = folds(session.root)
    for path in paths:
        span = make_span(0, FAR_NS, exact_pattern(path), is_folding=is_folding)
        session.ask("forget", clock=clock, fields=span_fields(span))
        run.erase(session, span)


def replaced_by_restores(home: Home, request: ForgetRequest) -> dict[Path, str]:
    """Return the backups of files replaced by `restore` that a request covers.

    It is unknown when their bytes were written, except that it was before the restore. So a backup
    stays if the span begins after the restore; else workspace and file names decide.
    """
    roots = None if request.roots is None else set(request.roots)
    if request.sessions is not None:
        named = (one for one in list_sessions(home) if one.id in request.sessions)
        roots = {os.fspath(one.root) for one in named}
    span = make_span(0, FAR_NS, request.pattern)

    def is_meant(kept: ReplacedFiles) -> bool:
        if (roots is not None and kept.root not in roots) or _is_older(kept, request):
            return False
        here = replace(span, is_folding=folds(kept.root))
        return here.patterns is None or any(here.covers(0, one.path) for one in kept.files)

    return replaced_concerned(home, is_meant)


def _is_older(kept: ReplacedFiles, request: ForgetRequest) -> bool:
    """Say whether the restore was before the span began; False if unknown."""
    if kept.boot_id is None:
        return False
    if kept.boot_id == request.boot_id:
        return kept.t_boot_ns < request.from_boot_ns
    return kept.t_wall_ns < request.from_wall_ns


class _Run:
    """Carries out requests and counts the results."""

    def __init__(
        self,
        home: Home,
        clock: Clock,
        wait_s: float,
        progress: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> None:
        self._progress = progress
        self._home = home
        self._clock = clock
        self._wait_s = wait_s
        self.done = Forgotten()

    def carry_out(self, request: ForgetRequest) -> None:
        waiting = len(self.done.waiting)
        for place in replaced_by_restores(self._home, request):
            place.unlink(missing_ok=True)
        sessions = list_sessions(self._home)
        for number, session in enumerate(sessions):
            self._progress(number, len(sessions))
            span = span_in(session, request)
            if span is None:
                continue
            try:
                self._forget_in(session, span, request)
            except SessionOverError:
                continue  # another process removed the session meanwhile
        for digest in request.episodes:
            self.done.episodes += remove_episode(self._home, digest)
        if len(self.done.waiting) == waiting:
            drop_request(self._home, request)

    def erase(self, session: Session, span: ForgottenSpan) -> None:
        """Erase a span from a session that the caller owns."""
        self._rewrite(session, span, time.monotonic() + self._wait_s, is_owned=True)

    def _forget_in(self, session: Session, span: ForgottenSpan, request: ForgetRequest) -> None:
        """Erase a span from one session; wait for its writers to close old segments."""
        if not session.journals and not session.spools:
            self._forget_purged(session, span)
            return
        if not holds_any(session, span, self._clock):
            return
        self._ask_once(session, span, request)
        end = time.monotonic() + self._wait_s
        owned = _own(session, self._clock, end)
        if owned is None and session.is_over(self._clock):
            self.done.waiting.append(session.id)
            return
        self.done.sessions += 1
        if owned is None:
            self._rewrite(session, span, end)
            return
        with owned:
            removed = _unseal(self._home, session)
            self.done.episodes += removed
            self._rewrite(session, span, end, is_owned=True)
            if not has_records(session):
                remove_session(self._home, session)
            elif removed:
                self.done.remaining += 1

    def _forget_purged(self, session: Session, span: ForgottenSpan) -> None:
        """Remove the whole episode: without raw history, no part of it can be erased alone."""
        sealed = sealed_as(session)
        began_ns, last_ns = session.started_boot_ns, session.last_activity_ns(self._clock)
        if sealed is None or span.from_ns > last_ns or span.to_ns < began_ns:
            return
        if span.patterns is None or episode_names(sealed.path, span):
            for digest in sealed.digests:
                self.done.episodes += remove_episode(self._home, digest)
            self.done.sessions += 1
            remove_session(self._home, session)

    def _ask_once(self, session: Session, span: ForgottenSpan, request: ForgetRequest) -> None:
        """Append the span to the control file, which writers and the sealer read; once only."""
        lines = session.control_lines()
        if all(line.fields.get("request") != request.id for line in lines):
            fields = {**span_fields(span), "request": request.id}
            session.ask("forget", clock=self._clock, fields=fields)

    def _rewrite(
        self, session: Session, span: ForgottenSpan, end: float, *, is_owned: bool = False
    ) -> None:
        """Rewrite until nothing of the span is left; after the deadline list it as waiting."""
        remove_blobs(session, span, is_owned=is_owned)
        self.done.records += rewrite_spools(session, span, self._clock)
        while True:
            is_complete = True
            for segments in writers_of(session):
                still_open = frozenset[Path]() if is_owned else open_segments(segments)
                result = rewrite_writer(segments, still_open, (span,), session.root)
                is_complete &= not result.still_open
                self.done.records += result.rewritten
            drop_tallies(session)  # they contain file names
            if span.patterns is None:
                drop_environment(session)  # it contains variable names, maybe of the span
            if is_complete:
                return
            if time.monotonic() >= end:
                self.done.waiting.append(session.id)
                return
            time.sleep(_LOOK_S)


def span_in(session: Session, request: ForgetRequest) -> ForgottenSpan | None:
    """Convert a request to a span in the session's boot time; None if it does not apply."""
    if request.sessions is not None and session.id not in request.sessions:
        return None
    if request.roots is not None and os.fspath(session.root) not in request.roots:
        return None
    if session.boot_id == request.boot_id:
        start, end = request.from_boot_ns, request.to_boot_ns
    else:
        offset_ns = session.started_boot_ns - session.started_wall_ns
        start, end = request.from_wall_ns + offset_ns, request.to_wall_ns + offset_ns
    start, end = max(0, start), min(FAR_NS, end)
    if end < session.started_boot_ns - _EARLIEST_NS:
        return None
    is_folding = request.pattern is not None and folds(session.root)
    return make_span(start, end, request.pattern, is_folding=is_folding)


def _own(session: Session, clock: Clock, end: float) -> FileLock | None:
    """Lock a session that is over; None for an active one, or after the deadline."""
    while session.is_over(clock):
        lock = session.try_own()
        if lock is not None or time.monotonic() >= end:
            return lock
        time.sleep(_LOOK_S)
    return None


def _unseal(home: Home, session: Session) -> list[str]:
    """Remove the session's episode and its other products; the note that names it goes last."""
    sealed = sealed_as(session)
    digests = () if sealed is None else sealed.digests
    removed = [name for digest in digests for name in remove_episode(home, digest)]
    for name in _UNDONE:
        (session.folder / name).unlink(missing_ok=True)
    return removed
