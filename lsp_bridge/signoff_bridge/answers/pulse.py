"""Poll the control files twice a second while documents or sessions are open.

So a pause, a `forget` or an `enable` takes effect within a second although nobody types, and the
hot path need not check. A poll costs a few `stat` calls; without documents and sessions there is
none.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from signoff_bridge.answers.listing_stamp import listing_stamp
from signoff_bridge.recording.sharing import ask_for_sharing
from signoff_collector.workspaces.enabled_list import opt_in_stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_bridge.recording.recorder import Recorder
    from signoff_bridge.recording.recording import Recording
    from signoff_collector.capture.opt_in.workspaces import Workspace
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

PERIOD_S: Final = 0.5
_SLOW_LOOKS: Final = 20
"""Every so many polls the expensive checks run: session over, opt-in expired."""
_HEALTH_LOOKS: Final = 60
"""Interval of the health check in polls; the first comes after `_SLOW_LOOKS`."""
_COUNT_LOOKS: Final = 4
"""Interval in polls for new counts and a new listing, if a companion wants them."""
_SAVE_LOOKS: Final = 6
"""Interval in polls for saves that still wait for the change that explains them."""


class Pulse:
    """Thread that keeps a recorder up to date with its control files."""

    def __init__(
        self,
        recorder: Recorder,
        home: Home | None,
        clock: Clock,
        *,
        tell: Callable[[], None],
        announce: Callable[[], None],
        end: Callable[[list[tuple[Workspace, Session]]], None],
        check: Callable[[], None],
    ) -> None:
        """Take what to look after.

        `tell` is called on new states, `announce` on new opt-ins, `end` at every look with the
        sessions that ended since the last one, `check` twice a minute.
        """
        self._recorder = recorder
        self._tell = tell
        self._announce = announce
        self._end = end
        self._check = check
        self._states: tuple[object, ...] = ()
        self._told_records = 0
        self._told_listing: str | None = None
        self.tells_counts = False
        """Whether changed counts or a changed listing alone are reported."""
        self._home = home
        self._clock = clock
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._stamp = self._opt_in_stamp()
        self._looks = 0
        self._thread = threading.Thread(target=self._run, name="signoff-pulse", daemon=True)
        self._is_started = False
        self.failures = 0
        """How many polls raised."""

    def wake(self) -> None:
        """Start polling: a document was opened."""
        if not self._is_started:
            self._is_started = True
            self._thread.start()
        self._wake.set()

    def stop(self) -> None:
        """Stop polling."""
        self._stop.set()
        self._wake.set()

    def _run(self) -> None:
        while not self._stop.wait(PERIOD_S):
            if not self._has_work():
                self._wake.clear()
                self._wake.wait()
                continue
            try:
                self.look()
            except Exception:  # noqa: BLE001 the next look may do better (P7)
                self.failures += 1

    def _has_work(self) -> bool:
        """Return whether documents are open, or a session is held, which blocks its seal."""
        recorder = self._recorder
        with recorder.lock:
            held = any(recording.joined is not None for recording in recorder.recordings.all())
            return held or bool(recorder.documents)

    def look(self) -> None:
        """Apply what changed since the last poll."""
        stamp = self._opt_in_stamp()
        self._looks += 1
        is_slow = self._looks % _SLOW_LOOKS == 0
        recorder = self._recorder
        with recorder.lock:
            now_ns = self._clock.boot_ns()
            is_checked = stamp != self._stamp or is_slow
            if is_checked:
                self._stamp = stamp
                self._check_opt_ins()
            recorder.recordings.retry_where_room_is()
            ignored = recorder.take_ignored()
            for recording in recorder.recordings.all():
                self._obey(recording, now_ns)
                recording.tell_dropped(now_ns, ignored)
            if is_slow:
                self._end_what_is_over()
            if self._looks % _SAVE_LOOKS == 0:
                recorder.settle_saves()
            states = tuple(recording.standing for recording in recorder.recordings.all())
            has_changed, self._states = states != self._states, states
            if self.tells_counts and self._looks % _COUNT_LOOKS == 0:
                records = sum(recording.records for recording in recorder.recordings.all())
                has_changed |= records != self._told_records
                self._told_records = records
                has_changed |= self._is_listed_anew()
            ended = recorder.recordings.take_ended()
        if has_changed:
            self._tell()
        if is_checked:
            self._announce()
        self._end(ended)
        if self._looks % _HEALTH_LOOKS == _SLOW_LOOKS:
            self._check()

    def _is_listed_anew(self) -> bool:
        """Return whether `signoff list` prints something else than when it was last looked at."""
        if self._home is None:
            return False
        told, self._told_listing = self._told_listing, listing_stamp(self._home)
        return told != self._told_listing

    def _obey(self, recording: Recording, now_ns: int) -> None:
        recordings = self._recorder.recordings
        was_paused = recording.is_paused
        lines = recording.poll(self._clock)
        ask_for_sharing(recording, self._clock)
        joined, lane = recording.joined, recording.lane
        if lines:
            recording.tell_unseen()  # before a pause, not across it
        if joined is not None and joined.control.state.is_stopped:
            recordings.end_session(recording)
            return
        has_forgotten = lane is not None and any(line.verb == "forget" for line in lines)
        if has_forgotten and lane is not None:
            lane.cut()
            self._recorder.forget_reports()
        if recording.is_paused or not (was_paused or has_forgotten):
            return
        if lane is not None:
            recordings.anchor_all(recording, now_ns, is_behind_pause=was_paused)
        elif any(one and one.recording is recording for one in self._recorder.documents.values()):
            recordings.is_open(recording, now_ns)

    def _check_opt_ins(self) -> None:
        recordings = self._recorder.recordings
        for recording in recordings.all():
            found = recordings.workspace_of(recording.workspace.root)
            if found is None or found.identifier != recording.workspace.identifier:
                recordings.end(recording)
            else:
                recording.workspace = found
        recordings.place_again()

    def _end_what_is_over(self) -> None:
        for recording in self._recorder.recordings.all():
            if recording.is_over(self._clock):
                self._recorder.recordings.end_session(recording)

    def _opt_in_stamp(self) -> tuple[int, ...] | None:
        return None if self._home is None else opt_in_stamp(self._home)
