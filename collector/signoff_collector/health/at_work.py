"""Checks of the session that goes on here: is recording complete, and if not, why?

They are cheap: counts are cached between looks, and files are read only if their times changed.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.files.watch_state import (
    COVERED_PAUSE_NS,
    SCAN_PAUSE_NS,
    WatchMode,
    read_watch_state,
)
from signoff_collector.health.interface import Check, Level, Reach, note, ok
from signoff_collector.health.places import disk
from signoff_collector.health.program import older_bridges
from signoff_collector.health.seals import seals
from signoff_collector.history.source_languages import LANGUAGES
from signoff_collector.own_files.private_files import read_regular, try_lock
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signoff_collector.capture.files.watch_state import WatchState
    from signoff_collector.capture.tallies.step_counts import StepCounts, WriterSeen
    from signoff_collector.health.interface import Line, Surroundings

UNWATCHED: Final = "unwatched"
"""Key of the problem that a bridge mends itself."""
SETTLING_NS: Final = 15 * 10**9
"""Time within which a change of a file is reported; a younger one is no problem yet."""
_STARTING_NS: Final = 30 * 10**9
"""Start-up time granted to a watcher."""
_ENOUGH_CHANGES: Final = 3
_MOST_FILES: Final = 200
_MOST_NAMED: Final = 3
_MOST_BYTES: Final = 1 << 20
_WATCHER_LOCK: Final = "watcher.lock"
_S: Final = 10**9
_TELLERS: Final = {
    WatchMode.INOTIFY: "Linux (inotify)",
    WatchMode.FSEVENTS: "macOS (FSEvents)",
    WatchMode.WINDOWS: "Windows",
}
_CALLED: Final = {"git": "the watcher of git", "files": "the watcher of files", "run": "`run`"}


def problems(around: Surroundings, reach: Reach) -> tuple[Line, ...]:
    """Return what is wrong here, as far as a front tells it, the most severe first."""
    found = (line for check in AT_WORK for line in check.lines(around))
    return tuple(line for line in found if line.level is not Level.OK and line.reach >= reach)


def _working(around: Surroundings) -> Line:
    session, counts = around.session, around.counts
    if session is None or counts is None:
        return ok("nothing is being recorded here now")
    last_ns = max(counts.last_ns.values(), default=session.started_boot_ns)
    steps = sum(counts.by_kind.values())
    return ok(
        f"{steps} steps in this session, the last {age(around.clock.boot_ns() - last_ns)} ago"
    )


def _killed(around: Surroundings) -> Iterator[Line]:
    """Name the writers that were killed and have no successor."""
    counts = around.counts
    for writer in () if counts is None else counts.writers:
        if counts is None or not writer.is_killed or _has_successor(writer, counts):
            continue
        called = writer.name if writer.source == "lsp" else _CALLED.get(writer.source, writer.name)
        ago = age(around.clock.boot_ns() - writer.last_ns)
        again = " Restart it to record again." if writer.source == "lsp" else ""
        yield note(
            f"the recording of {called} was cut off {ago} ago: its process was killed",
            f"What was written until then is kept.{again}",
            key=f"killed-{writer.writer_id}",
            reach=Reach.STATUS if writer.source == "run" else Reach.EDITORS,
        )


def _has_successor(writer: WriterSeen, counts: StepCounts) -> bool:
    """Return whether a later writer of the same kind took over; a gap covers the time between."""
    return any(
        (other.source, other.name) == (writer.source, writer.name)
        and other.is_at_work
        and other.last_ns >= writer.last_ns
        for other in counts.writers
    )


def watching(around: Surroundings) -> Line:
    """Say how changes on disk are noticed here."""
    session = around.session
    if session is None:
        return ok("no session here, so changes on disk are not watched")
    is_new = around.clock.boot_ns() - session.started_boot_ns < _STARTING_NS
    if not is_new and not _has_watcher(session.folder / _WATCHER_LOCK):
        return note(
            "git and changes on disk are not watched: the watcher has ended",
            "It starts again with the next editor, `signoff run` or `signoff note`.",
            key=UNWATCHED,
            reach=Reach.EDITORS,
        )
    state = read_watch_state(session)
    if state is None:
        return ok("the watcher has not reported yet")
    if state.mode in _TELLERS and not state.unwatched:
        return ok(how_watched(state))
    return note(
        state.reason or f"{state.unwatched:,} folders are not watched by the system",
        "Changes made outside an editor may be recorded late, or not at all.",
        key=f"watch-{state.mode.value}",
        reach=Reach.EDITORS,
    )


def how_watched(state: WatchState) -> str:
    """Say in a few words how changes on disk are noticed in a workspace."""
    folders = "1 folder" if state.directories == 1 else f"{state.directories:,} folders"
    if state.mode is WatchMode.NONE:
        return "changes on disk are not noticed"
    if state.mode is WatchMode.SCAN:
        return f"{folders} are compared in turn, some every {SCAN_PAUSE_NS / _S:g} s"
    fact = f"{_TELLERS[state.mode]} reports changes in {folders}"
    if state.unwatched:
        return f"{fact}; {state.unwatched:,} of them are compared in turn"
    if state.mode is WatchMode.INOTIFY:
        return fact
    return f"{fact}; some are compared every {COVERED_PAUSE_NS / _S:g} s, should it lose any"


def _has_watcher(path: Path) -> bool:
    with suppress(SignoffError):
        lock = try_lock(path, is_shared=True, is_created=False)
        if lock is None:
            return True
        lock.release()
    return False


def _languages(around: Surroundings) -> Iterator[Line]:
    """Name languages that change here one file at a time but that no editor ever reported."""
    session, counts = around.session, around.counts
    if session is None or counts is None or next(session.folder.glob("agent-*.spool"), None):
        return  # an agent saves files one by one too
    told = {suffix_of(document.path) for document in counts.documents}
    has_editor = any(writer.source == "lsp" for writer in counts.writers)
    for suffix, changes in sorted(counts.single_saves.items()):
        language = LANGUAGES.get(suffix)
        if language is None or suffix in told or changes < _ENOUGH_CHANGES:
            continue
        if has_editor:
            what = f"let your editor start `signoff lsp` for {language} too"
        else:
            what = "`signoff doctor` says which editors are set up"
        yield note(
            f"{language} files ({suffix}) changed on disk {changes} times, one alone each time, "
            "and no editor reported one",
            f"If a program such as `sed` changed them, nothing is wrong; if you edited them, "
            f"{what}.",
            key=f"language-{suffix}",
            reach=Reach.EDITORS,
        )


def _unexplained(around: Surroundings) -> Iterator[Line]:
    """Name files that differ from their last reported content."""
    session, counts = around.session, around.counts
    if session is None or counts is None:
        return
    known = _known(counts)
    newest = sorted(known, key=lambda path: known[path][0], reverse=True)[:_MOST_FILES]
    now_ns = around.clock.boot_ns()
    offset_ns = around.clock.wall_ns() - now_ns
    differing = sorted(
        path
        for path in newest
        if _has_changed(session.root / path, *known[path], offset_ns=offset_ns, now_ns=now_ns)
    )
    if differing:
        named = ", ".join(differing[:_MOST_NAMED])
        more = "" if len(differing) <= _MOST_NAMED else f" and {len(differing) - _MOST_NAMED} more"
        yield note(
            f"changed on disk without a step: {named}{more}",
            "Their text is taken from disk at the next save, commit or test run.",
            key="unexplained",
            reach=Reach.EDITORS,
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


def _lost(around: Surroundings) -> Iterator[Line]:
    counts = around.counts
    if counts is not None and counts.dropped:
        yield note(
            f"steps were lost {counts.dropped} time(s); each is recorded as a gap",
            "`signoff doctor` checks the disk and its free space.",
            key="dropped",
            reach=Reach.STATUS,
        )
    if counts is not None and counts.left_bytes:
        yield note(
            f"{counts.left_bytes} bytes of this session's journals cannot be read",
            "What was recorded before them is kept.",
            key="unreadable",
            reach=Reach.STATUS,
        )


def _clock_set(around: Surroundings) -> Iterator[Line]:
    counts = around.counts
    for at_ns, moved_ns in () if counts is None else counts.jumps:
        sign = "back" if moved_ns < 0 else "forward"
        ago = age(around.clock.boot_ns() - at_ns)
        yield note(
            f"the clock was set {sign} by {age(abs(moved_ns))} {ago} ago",
            "Times of steps are not affected; dates of commits and files may be.",
            key=f"clock-{at_ns}",
            reach=Reach.STATUS,
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


AT_WORK: Final = (
    Check(name="working", look=_working),
    Check(name="working", look=_killed),
    Check(name="watching", look=watching),
    Check(name="working", look=_languages),
    Check(name="working", look=_unexplained),
    Check(name="working", look=_lost),
    Check(name="disk", look=disk),
    Check(name="clock", look=_clock_set),
    Check(name="bridges", look=older_bridges),
    Check(name="seals", look=seals),
)
"""The part of the list that `status` and editors show, in their order."""
