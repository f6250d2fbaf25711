"""The watcher process of a session, one look at a time: its own code, without its loop."""

from __future__ import annotations

import os
from threading import Event

from signoff_collector.capture.files.file_recording import SOURCE, FileRecording
from signoff_collector.capture.files.watch_process import _Watch
from signoff_collector.capture.sessions.record_journal import RecordJournal
from signoff_collector.capture.sessions.sessions import Session
from signoff_collector.own_files.home import Home
from signoff_collector.system.clock import Clock, Moment


class SteppedFiles(FileRecording):
    """The file watcher without its thread."""

    _own: RecordJournal

    def start(self) -> None:
        self._own = RecordJournal(self._session, self._clock, SOURCE)
        self.step()

    def step(self, *, is_forced: bool = False, until: Moment | None = None) -> None:
        self._step(self._own, is_forced=is_forced, until=until)

    def tell_now(self, until: Moment | None = None) -> int:
        self.step(is_forced=True, until=until)
        return self._told_ns

    def stop(self) -> None:
        self.step(is_forced=True)
        if self._has_begun and self._obey(self._own):
            self._record_tree(self._own, "end")
        self.leave()

    def leave(self) -> None:
        self._watcher.close()
        for descriptor in self._waker:
            os.close(descriptor)
        self._own.__exit__()


class Watching:
    """Git watcher and file watcher of one session."""

    def __init__(self, home: Home, session: Session, clock: Clock) -> None:
        self.session = session
        self._watch = _Watch(home, session, clock, Event())
        self._watch._journal.__enter__()
        self._watch._files.start()
        self._watch._begin()

    @property
    def files(self) -> SteppedFiles:
        files = self._watch._files
        assert isinstance(files, SteppedFiles)
        return files

    def look_at_files(self) -> None:
        self.files.step()

    def look_at_git(self) -> None:
        self._watch._is_over(is_thorough=False)
        self._watch._look_once()

    def end(self) -> None:
        """The session is over: look once more, and close the journals."""
        self.look_at_git()
        self._watch._files.stop()
        self._watch._waker.close()
        self._watch._journal.__exit__()
