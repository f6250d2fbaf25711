"""The watcher process: one per session, started by any writer, exits by itself.

The main thread watches git; a second thread watches the files (`file_recording`).

It exits when the session ends: stopped, idle for 45 minutes, 12 hours old, or deleted. It polls git
once more before that, so that a commit right before `signoff stop` is still seen.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.sessions.starting_watcher import try_watcher_lock
from signoff_collector.system.files.spelling import true_path
from signoff_schemas.errors import SessionOverError, SignoffError

if TYPE_CHECKING:
    from signoff_collector.capture.git.git import Git
    from signoff_collector.capture.git.git_watch import GitWatcher, Seen
    from signoff_collector.capture.journal.disk_contents import DiskContent
    from signoff_collector.capture.opt_in.policy import Policy
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

LOOK_PERIOD_S: Final = 0.5
"""Poll interval of the refs; one poll costs some 20 microseconds."""
_TICK_NS: Final = 10_000_000
"""File times have the resolution of the kernel's tick."""
_OVER_EVERY_LOOKS: Final = 40
_SOURCE: Final = "git"


def watch(home: Home, session: Session, clock: Clock, ending: Event | None = None) -> bool:
    """Watch until the session is over; return False when another watcher is running.

    Args:
        home: where sessions are.
        session: what to watch for.
        clock: where times come from.
        ending: once set, the watcher closes its journals and returns.

    Raises:
        SignoffError: the session's folder cannot be written any more.
    """
    lock = try_watcher_lock(session)
    if lock is None:
        return False
    from signoff_collector.capture.sessions.sessions import sweep

    with lock, suppress(SessionOverError):
        _Watch(home, session, clock, ending or Event()).run()
    sweep(home, clock)  # also when it was over at once: we held its lock for an instant
    return True


class _Watch:
    """The main loop of one watcher."""

    def __init__(self, home: Home, session: Session, clock: Clock, ending: Event) -> None:
        from signoff_collector.capture.files.file_recording import FileRecording
        from signoff_collector.capture.git.git_waking import GitWaker
        from signoff_collector.capture.git.git_watch import GitWatcher
        from signoff_collector.capture.journal.control import ControlReader
        from signoff_collector.capture.sessions.clock_watch import ClockWatch
        from signoff_collector.capture.sessions.record_journal import RecordJournal
        from signoff_collector.capture.tallies.touched_files import TouchedFiles

        self._home = home
        self._session = session
        self._clock = clock
        self._ending = ending
        self._clocks = ClockWatch(clock)
        self._control = ControlReader(session.control, clock)
        self._touched = TouchedFiles(session)
        self._quiet_ns = clock.boot_ns()
        self._watcher: GitWatcher = GitWatcher(true_path(session.root))
        self._waker = GitWaker()
        self._was_busy = False
        self._journal = RecordJournal(session, clock, _SOURCE)
        self._files = FileRecording(home, session, clock)
        self._files.has_git_moved = self._has_git_moved
        self._is_looking = False
        self._pauses = 0
        self._was_paused = False
        self._may_record = False
        self._active = str(session.folder / "active")

    def run(self) -> None:
        """Poll and wait until the session is over; then poll once more."""
        with self._journal:
            self._files.start()
            try:
                self._look_until_over()
            finally:
                self._files.stop()
                self._waker.close()

    def _look_until_over(self) -> None:
        self._begin()
        looks = 0
        while not self._is_over(is_thorough=looks % _OVER_EVERY_LOOKS == 0):
            self._look_once()
            looks += 1
            self._wait()
            self._look_at_clocks()
        self._look_once()

    def _wait(self) -> None:
        """Wait for git or the next poll; the full period while git commits continuously."""
        if self._was_busy:
            self._ending.wait(LOOK_PERIOD_S)
        else:
            self._waker.follow(self._watcher.repository)
            self._waker.wait(LOOK_PERIOD_S, self._ending)

    def _look_at_clocks(self) -> None:
        """Record between which two clock readings the machine slept, or the wall clock was set."""
        readings = self._clocks.look()
        if readings is not None and self._may_record:
            self._journal.append_clocks(*readings)

    def _is_over(self, *, is_thorough: bool) -> bool:
        from signoff_collector.capture.sessions.sessions import is_over

        self._may_record = self._obey()
        if self._ending.is_set():
            return True
        if self._control.state.is_stopped or not os.path.exists(self._active):  # noqa: PTH110  light
            return True
        return is_thorough and is_over(self._session, self._clock)

    def _obey(self) -> bool:
        """Follow new control requests; return whether recording is allowed now."""
        fresh = self._control.poll(is_forced=True)
        if any(line.verb == "forget" for line in fresh):
            self._journal.new_segment()
        self._pauses += sum(line.verb == "pause" for line in fresh)
        is_paused = self._control.state.is_paused(self._clock.boot_ns())
        self._was_paused |= is_paused or any(line.verb == "pause" for line in fresh)
        return not is_paused

    def _look_once(self) -> None:
        if not self._may_record:
            return
        begin_ns = self._clock.boot_ns()
        if self._was_paused:
            self._was_paused = False
            self._watcher.skip()
            self._note()
            self._quiet_ns = begin_ns
            return
        self._is_looking = True
        try:
            seen = self._watcher.look()
            self._was_busy = bool(seen.operations)
            if seen.operations:
                self._record(seen)
            elif seen.reading is not None:
                self._note()
        finally:
            self._is_looking = False
        if not self._watcher.is_waiting:
            self._quiet_ns = begin_ns

    def _has_git_moved(self) -> bool:
        """Whether a git operation may be followed by no `tell_now` yet; asked by another thread."""
        return self._is_looking or (self._may_record and self._watcher.has_moved)

    def _note(self) -> None:
        from signoff_collector.capture.sessions.git_seen import note_seen

        if self._watcher.known is not None:
            note_seen(self._session, self._watcher.known)

    def _record(self, seen: Seen) -> None:
        """Journal the steps of one poll; files are read first, before they change again.

        The steps are placed at the time of git's last write to its refs; changes on disk after that
        are placed behind them. For operations that write files after the refs, the steps come after
        the recorded changes.
        """
        from signoff_collector.capture.git.git import Git
        from signoff_collector.capture.git.git_watch import step_fields
        from signoff_collector.capture.journal.disk_contents import read_disk
        from signoff_collector.capture.sessions.blobs import keep
        from signoff_collector.system.clock import moment_of

        moment = moment_of(self._clock, seen.moved_wall_ns, after_boot_ns=self._quiet_ns - _TICK_NS)
        until = moment if seen.ends_with_refs else None
        told_ns = self._files.tell_now(until)
        self._is_looking = False
        t_boot_ns = self._clock.boot_ns() if moment is None else moment.t_boot_ns
        if until is None:
            t_boot_ns = max(t_boot_ns, told_ns)
        policy = self._policy()
        if policy is None or self._watcher.repository is None:
            return
        git = Git(self._watcher.repository.root)
        contents: tuple[DiskContent, ...] = ()
        if seen.may_have_changed_files:
            until_ns = None if until is None else until.t_wall_ns
            paths = self._paths_to_keep(git)
            contents = read_disk(self._watcher_root(), paths, policy, until_wall_ns=until_ns)
        bodies = step_fields(git, seen)
        if not self._obey() or self._was_paused:
            return
        bodies[-1]["disk"] = keep(self._session, contents)
        t_kind = "received" if moment is None else "event"
        for body in bodies:
            self._journal.append_step({"t_boot_ns": t_boot_ns, "t_kind": t_kind, **body})
        self._note()

    def _paths_to_keep(self, git: Git) -> tuple[Path, ...]:
        """Return the files that the session has touched, and those that differ from HEAD."""
        from signoff_collector.capture.git.git_facts import read_status

        touched, untold = self._touched.refresh(), self._files.untold(self._pauses)
        try:
            dirty = read_status(git, counts_untracked=False).tracked_paths
        except SignoffError:
            return touched
        return touched if untold is None else (*touched, *(p for p in dirty if p not in untold))

    def _watcher_root(self) -> Path:
        return true_path(self._session.root)

    def _policy(self) -> Policy | None:
        """Return the policy, or None when the workspace is not enabled any more."""
        from signoff_collector.capture.opt_in.policy import Policy
        from signoff_collector.capture.opt_in.workspaces import find_workspace

        workspace = find_workspace(self._home, self._session.root, clock=self._clock)
        return None if workspace is None else Policy.for_workspace(workspace)

    def _begin(self) -> None:
        """Journal the environment, and the git operations before this watcher started."""
        from signoff_collector.capture.runs.environment import (
            describe_environment,
            renew_environment,
        )
        from signoff_collector.capture.sessions.git_seen import unseen_steps

        self._obey()
        if self._was_paused:
            return
        fields = describe_environment(self._watcher_root(), environ={})
        renewed = renew_environment(self._session, fields)
        bodies = [] if renewed is None else [{"t_kind": "received", **renewed}]
        if self._watcher.known is not None:
            bodies += unseen_steps(self._session, self._watcher.known)
        for body in bodies:
            self._journal.append_step({"t_boot_ns": self._clock.boot_ns(), **body})
        self._note()
