"""Health check of a running session: is recording complete, and if not, why?

`status`, `doctor` and every bridge use it, so that all of them report the same. It is cheap: counts
are cached between checks, and files are read only if their times changed.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.history.source_languages import LANGUAGES
from signoff_collector.system.private_files import read_regular, try_lock
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.capture.sessions.step_counts import StepCounts, WriterSeen
    from signoff_collector.system.clock import Clock
    from signoff_collector.system.home import Home

SETTLING_NS: Final = 15 * 10**9
"""Time within which a change of a file is reported; a younger one is no problem yet."""
_STARTING_NS: Final = 30 * 10**9
"""Start-up time granted to a watcher."""
_ENOUGH_SAVES: Final = 3
_MOST_FILES: Final = 200
_MOST_NAMED: Final = 3
_MOST_BYTES: Final = 1 << 20
_WATCHER_LOCK: Final = "watcher.lock"
_S: Final = 10**9
_CALLED: Final = {"git": "the watcher of git", "files": "the watcher of files", "run": "`run`"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is not recorded, or not as well as it could be."""

    key: str
    """Identity of the problem: it is reported once per session."""
    text: str
    hint: str
    is_told: bool = True
    """Whether editors report it unasked; otherwise only `status` and `doctor` do."""


def find_problems(
    session: Session, counts: StepCounts, clock: Clock, home: Home
) -> tuple[Problem, ...]:
    """Return the problems of one session, the most severe first."""
    return (
        *_killed(counts, clock),
        *unwatched(session, clock),
        *_watch_state(session),
        *_not_routed(session, counts),
        *_unexplained(session, counts, clock),
        *_lost(counts),
        *_place(home),
        *_clock_set(counts, clock),
    )


def blocked_seals(home: Home, root: Path) -> tuple[Problem, ...]:
    """Return the earlier sessions of a workspace that could not be sealed."""
    from signoff_collector.capture.sessions.seal_notes import is_given_up, seal_failure, sealed_as
    from signoff_collector.capture.sessions.session_listing import list_sessions

    found: list[Problem] = []
    for session in list_sessions(home):
        failure = seal_failure(session) if session.root == root else None
        if failure is not None and sealed_as(session) is None and is_given_up(session):
            found.append(
                Problem(
                    key=f"blocked-{session.id}",
                    text=f"Session {session.id} could not be sealed: {failure.error}.",
                    hint=failure.hint or "`signoff status` says more.",
                )
            )
    return tuple(found)


def _killed(counts: StepCounts, clock: Clock) -> Iterator[Problem]:
    """Name the writers that were killed and have no successor."""
    for writer in counts.writers:
        if not writer.is_killed or _has_successor(writer, counts):
            continue
        called = writer.name if writer.source == "lsp" else _CALLED.get(writer.source, writer.name)
        ago = age(clock.boot_ns() - writer.last_ns)
        yield Problem(
            key=f"killed-{writer.writer_id}",
            text=f"The recording of {called} was cut off {ago} ago: its process was killed.",
            hint="What was written until then is kept. Restart it to record again."
            if writer.source == "lsp"
            else "What was written until then is kept.",
            is_told=writer.source != "run",
        )


def _has_successor(writer: WriterSeen, counts: StepCounts) -> bool:
    """Return whether a later writer of the same kind took over; a gap covers the time between."""
    return any(
        (other.source, other.name) == (writer.source, writer.name)
        and other.is_at_work
        and other.last_ns >= writer.last_ns
        for other in counts.writers
    )


def unwatched(session: Session, clock: Clock) -> Iterator[Problem]:
    """Say that nothing watches a session, once a watcher has had time to begin."""
    if clock.boot_ns() - session.started_boot_ns < _STARTING_NS:
        return
    with suppress(SignoffError):
        lock = try_lock(session.folder / _WATCHER_LOCK, is_shared=True, is_created=False)
        if lock is None:
            return
        lock.release()
    yield Problem(
        key="unwatched",
        text="Git and changes on disk are not watched: the watcher has ended.",
        hint="It starts again with the next editor, `signoff run` or `signoff note`.",
    )


def _watch_state(session: Session) -> Iterator[Problem]:
    from signoff_collector.capture.files.watch_state import WatchMode, read_watch_state

    state = read_watch_state(session)
    if state is None or (state.mode is WatchMode.INOTIFY and not state.unwatched):
        return
    yield Problem(
        key=f"watch-{state.mode.value}",
        text=state.reason or f"{state.unwatched:,} folders are not watched by the system.",
        hint="Changes made outside an editor may be seen late there, or not at all.",
    )


def _not_routed(session: Session, counts: StepCounts) -> Iterator[Problem]:
    """Name languages that are edited here but that no editor ever reported."""
    if next(session.folder.glob("agent-*.spool"), None) is not None:
        return  # an agent saves files one by one too
    told = {suffix_of(document.path) for document in counts.documents}
    has_editor = any(writer.source == "lsp" for writer in counts.writers)
    for suffix, saves in sorted(counts.single_saves.items()):
        language = LANGUAGES.get(suffix)
        if language is None or suffix in told or saves < _ENOUGH_SAVES:
            continue
        text = f"{language} files ({suffix}) were saved {saves} times and no editor told of one"
        if has_editor:
            hint = f"If you edited them, let your editor start `signoff lsp` for {language} too."
        else:
            hint = "If you edited them: `signoff doctor` says which editors are set up."
        yield Problem(key=f"language-{suffix}", text=f"{text}.", hint=hint)


def _unexplained(session: Session, counts: StepCounts, clock: Clock) -> Iterator[Problem]:
    """Name files that differ from their last reported content."""
    known = _known(counts)
    newest = sorted(known, key=lambda path: known[path][0], reverse=True)[:_MOST_FILES]
    offset_ns = clock.wall_ns() - clock.boot_ns()
    now_ns = clock.boot_ns()
    differing = sorted(
        path
        for path in newest
        if _has_changed(session.root / path, *known[path], offset_ns=offset_ns, now_ns=now_ns)
    )
    if differing:
        named = ", ".join(differing[:_MOST_NAMED])
        more = "" if len(differing) <= _MOST_NAMED else f" and {len(differing) - _MOST_NAMED} more"
        yield Problem(
            key="unexplained",
            text=f"Changed on disk without a step: {named}{more}.",
            hint="Their text is taken from disk at the next save, commit or test run.",
        )


def _known(counts: StepCounts) -> dict[str, tuple[int, str]]:
    """Return time and content hash of the last report of each file on disk."""
    known = {
        document.path: (document.last_ns, document.saved_sha256)
        for document in counts.documents
        if document.saved_sha256 is not None
    }
    for path, (t_ns, sha256) in counts.on_disk.items():
        if sha256 is None:
            known.pop(path, None)
        elif t_ns >= known.get(path, (0, ""))[0]:
            known[path] = (t_ns, sha256)
    return {path: told for path, told in known.items() if told[0] >= counts.moved_ns}


def _has_changed(path: Path, t_ns: int, sha256: str, *, offset_ns: int, now_ns: int) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    changed_ns = found.st_ctime_ns - offset_ns
    if changed_ns <= t_ns + SETTLING_NS or changed_ns > now_ns - SETTLING_NS:
        return False
    try:
        content = read_regular(path, max_bytes=_MOST_BYTES)
    except SignoffError:
        return False
    return hashlib.sha256(content).hexdigest() != sha256


def _lost(counts: StepCounts) -> Iterator[Problem]:
    if counts.dropped:
        yield Problem(
            key="dropped",
            text=f"Steps were lost {counts.dropped} time(s); each is said as a gap.",
            hint="`signoff doctor` looks at disk and room.",
            is_told=False,
        )


def _place(home: Home) -> Iterator[Problem]:
    from signoff_collector.system.file_systems import file_system_of, will_be_gone

    going = will_be_gone(home.root, file_system_of(home.root))
    if going is not None:
        yield Problem(
            key="place",
            text=f"The history does not stay: {going}.",
            hint="Mount a volume there, or set SIGNOFF_HOME to a folder on a disk that stays.",
        )


def _clock_set(counts: StepCounts, clock: Clock) -> Iterator[Problem]:
    for at_ns, moved_ns in counts.jumps:
        sign = "back" if moved_ns < 0 else "forward"
        yield Problem(
            key=f"clock-{at_ns}",
            text=f"The clock was set {sign} by {age(abs(moved_ns))} "
            f"{age(clock.boot_ns() - at_ns)} ago.",
            hint="Times of steps are not affected; dates of commits and files may be.",
            is_told=False,
        )


def age(duration_ns: int) -> str:
    """Say a length of time in one unit, as a person would."""
    seconds = max(0, duration_ns) // _S
    if seconds < 100:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 100 * 60 else f"{seconds // 3600} h"


def suffix_of(path: str) -> str:
    """Return the suffix of a name, lower case, with its point."""
    return os.path.splitext(path)[1].lower()  # noqa: PTH122  no Path for each of many names
