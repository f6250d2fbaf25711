"""The watcher child: one per session, started by whichever writer opens it, gone by itself.

It ends when the session does: stopped, idle for 45 minutes, 12 hours old, or deleted. It looks once
more then, so that a commit right before `signoff stop` is not late.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from signoff_collector.capture.git_seen import note_start
from signoff_collector.private_files import FileLock, try_lock
from signoff_schemas.errors import SessionOverError, SignoffError

if TYPE_CHECKING:
    from signoff_collector.capture.disk_contents import DiskContent
    from signoff_collector.capture.git_watch import GitWatcher, Seen
    from signoff_collector.capture.journal_writer import JournalWriter
    from signoff_collector.capture.policy import Policy
    from signoff_collector.capture.sessions import Session
    from signoff_collector.clock import Clock
    from signoff_collector.home import Home

LOOK_PERIOD_S: Final = 0.5
"""How often the refs are looked at; a look costs some 20 microseconds."""
_LOCK_NAME: Final = "watcher.lock"
_OVER_EVERY_LOOKS: Final = 40
_SOURCE: Final = "git"


def ensure_watcher(session: Session, home: Home) -> bool:
    """Start the git watcher of a session unless it has one; return whether one was started.

    Detached, of low priority; never raises and never waits for the child. Costs one flock when a
    watcher is there already.
    """
    from signoff_collector.launching import launch_detached

    try:
        if (lock := _try_watcher_lock(session)) is None:
            return False
        lock.release()
        note_start(session)
        launch_detached(
            ["watch", session.id], cwd=home.root, extra_env={"SIGNOFF_HOME": str(home.root)}
        )
    except (SignoffError, OSError):
        return False
    return True


def _try_watcher_lock(session: Session) -> FileLock | None:
    return try_lock(session.folder / _LOCK_NAME)


def watch(home: Home, session: Session, clock: Clock) -> bool:
    """Watch until the session is over; return False when another watcher is at it.

    Raises:
        SignoffError: the session's folder cannot be written any more.
    """
    lock = _try_watcher_lock(session)
    if lock is None:
        return False
    from signoff_collector.capture.sessions import sweep

    with lock, suppress(SessionOverError):
        _Watch(home, session, clock).run()
    sweep(home, clock)  # also when it was over at once: we held it for an instant
    return True


class _Watch:
    """The loop of one watcher."""

    def __init__(self, home: Home, session: Session, clock: Clock) -> None:
        from signoff_collector.capture.control import ControlReader
        from signoff_collector.capture.git_watch import GitWatcher
        from signoff_collector.capture.touched_files import TouchedFiles

        self._home = home
        self._session = session
        self._clock = clock
        self._control = ControlReader(session.control, clock)
        self._touched = TouchedFiles(session)
        self._watcher: GitWatcher = GitWatcher(Path(os.path.realpath(session.root)))
        self._journal = StepJournal(session, clock, _SOURCE)
        self._was_paused = False
        self._may_record = False
        self._active = str(session.folder / "active")

    def run(self) -> None:
        """Look, pause, look again, until the session is over; then once more."""
        with self._journal:
            self._begin()
            looks = 0
            while not self._is_over(is_thorough=looks % _OVER_EVERY_LOOKS == 0):
                self._look_once()
                looks += 1
                time.sleep(LOOK_PERIOD_S)
            self._look_once()

    def _is_over(self, *, is_thorough: bool) -> bool:
        from signoff_collector.capture.sessions import is_over

        self._may_record = self._obey()
        if self._control.state.is_stopped or not os.path.exists(self._active):  # noqa: PTH110  light
            return True
        return is_thorough and is_over(self._session, self._clock)

    def _obey(self) -> bool:
        """Follow new requests; return whether something may be recorded now."""
        fresh = self._control.poll(is_forced=True)
        if any(line.verb == "forget" for line in fresh):
            self._journal.new_segment()
        is_paused = self._control.state.is_paused(self._clock.boot_ns())
        self._was_paused |= is_paused or any(line.verb == "pause" for line in fresh)
        return not is_paused

    def _look_once(self) -> None:
        if not self._may_record:
            return
        if self._was_paused:
            self._was_paused = False
            self._watcher.skip()
            self._note()
            return
        seen = self._watcher.look()
        if seen.operations:
            self._record(seen)
        elif seen.reading is not None:
            self._note()

    def _note(self) -> None:
        from signoff_collector.capture.git_seen import note_seen

        if self._watcher.known is not None:
            note_seen(self._session, self._watcher.known)

    def _record(self, seen: Seen) -> None:
        """Journal the steps of one look; files are read first, before anything else changes."""
        from signoff_collector.capture.disk_contents import keep, read_disk
        from signoff_collector.capture.git import Git
        from signoff_collector.capture.git_watch import step_fields

        t_boot_ns = self._clock.boot_ns()
        policy = self._policy()
        if policy is None or self._watcher.repository is None:
            return
        contents: tuple[DiskContent, ...] = ()
        if seen.may_have_changed_files:
            contents = read_disk(self._watcher_root(), self._touched.refresh(), policy)
        bodies = step_fields(Git(self._watcher.repository.root), seen)
        if not self._obey() or self._was_paused:
            return
        bodies[-1]["disk"] = keep(self._session, contents)
        for body in bodies:
            self._journal.append({"t_boot_ns": t_boot_ns, "t_kind": "received", **body})
        self._note()

    def _watcher_root(self) -> Path:
        return Path(os.path.realpath(self._session.root))

    def _policy(self) -> Policy | None:
        """Return the policy while the workspace is still enabled."""
        from signoff_collector.capture.policy import Policy
        from signoff_collector.capture.workspaces import find_workspace

        workspace = find_workspace(self._home, self._session.root, clock=self._clock)
        return None if workspace is None else Policy.for_workspace(workspace)

    def _begin(self) -> None:
        """Write the environment, and what git did before this watcher was there to see it."""
        from signoff_collector.capture.environment import describe_environment, note_environment
        from signoff_collector.capture.git_seen import unseen_steps

        self._obey()
        if self._was_paused:
            return
        fields = describe_environment(self._watcher_root(), environ={})
        bodies = (
            [{"t_kind": "received", **fields}] if note_environment(self._session, fields) else []
        )
        if self._watcher.known is not None:
            bodies += unseen_steps(self._session, self._watcher.known)
        for body in bodies:
            self._journal.append({"t_boot_ns": self._clock.boot_ns(), **body})
        self._note()


class StepJournal:
    """A journal of STEP records, made when the first one comes; holds the session meanwhile."""

    def __init__(self, session: Session, clock: Clock, source: str) -> None:
        """Hold the session.

        Raises:
            SessionOverError: it has ended.
        """
        self._session = session
        self._clock = clock
        self._source = source
        self._hold = session.hold()
        self._writer: JournalWriter | None = None

    def append(self, body: dict[str, object]) -> None:
        """Hand over one step.

        Raises:
            SignoffError: it cannot be written.
        """
        from signoff_collector.capture.journal_frames import RecordKind
        from signoff_collector.capture.journal_writer import JournalWriter

        if self._writer is None:
            self._writer = JournalWriter.create(
                self._session.folder, self._source, clock=self._clock
            )
        self._writer.append_value(RecordKind.STEP, body)
        self._hold.beat(self._clock.boot_ns())

    def new_segment(self) -> None:
        """Close what was written, so that `forget` can rewrite it."""
        if self._writer is not None:
            self._writer.new_segment()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()
        self._hold.release()
