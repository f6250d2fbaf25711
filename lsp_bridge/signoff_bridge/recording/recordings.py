"""All workspaces of one bridge: opens sessions, applies control lines, handles failures.

Every method is called under the recorder's lock unless it says otherwise.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from signoff_bridge.recording.lane import Lane, close_quietly
from signoff_bridge.recording.recording import (
    COMPLAIN_NS,
    RETRY_NS,
    Joined,
    Recording,
    dropped_gap,
    has_room,
    join,
    leave,
    show_presence,
)
from signoff_collector.capture.journal.journal_frames import RecordKind, pack_body
from signoff_collector.capture.opt_in.workspaces import Place, Workspaces
from signoff_collector.capture.sessions.starting_watcher import ensure_watcher
from signoff_schemas import lsp_messages
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from threading import Lock

    from signoff_bridge.protocol.work import WorkQueue
    from signoff_bridge.recording.documents import Document
    from signoff_bridge.recording.lane import Writer
    from signoff_bridge.recording.textwork import TextWork
    from signoff_collector.capture.opt_in.workspaces import Workspace
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

_OURS: Final = (Place.ENABLED, Place.PAUSED)
_LAPSED: Final = (Place.EXPIRED, Place.OTHER_REMOTE)
_TOLD_NS: Final = 7 * 24 * 3600 * 10**9
"""Period after the end of an opt-in in which editors report it."""
_JOIN_LIMIT_S: Final = 5.0
_QUIET_NS: Final = 30 * 10**9
"""After such a pause the first event checks whether the session still exists."""


class Voice(Protocol):
    """Channel of the recorder to the person and the companion."""

    def show(self, text: str, *, is_warning: bool = False) -> bool:
        """Show one sentence; say whether it could be sent."""
        ...

    def notify(self, method: str, params: dict[str, object]) -> None:
        """Send a message to the companion."""
        ...


class Recordings:
    """The workspaces that have, or had, open documents here, and those of folders shown."""

    def __init__(
        self,
        *,
        home: Home | None,
        clock: Clock,
        lock: Lock,
        work: WorkQueue,
        voice: Voice,
        documents: Mapping[str, Document | None],
        texts: TextWork,
    ) -> None:
        self._home = home
        self._clock = clock
        self._lock = lock
        self._work = work
        self._voice = voice
        self._documents = documents
        self._texts = texts
        self._workspaces = Workspaces(home, clock) if home is not None else None
        self._by_root: dict[Path, Recording] = {}
        self._folders: tuple[Path, ...] = ()
        self._joining: list[threading.Thread] = []
        self._ended: list[tuple[Workspace, Session]] = []
        self._lapses: dict[Path, str] = {}
        """Lapsed opt-ins with their message."""
        self._told_lapses: set[Path] = set()
        self.header_fields: Mapping[str, object] = {}
        self.is_shared = False
        """Whether the editor is shared with somebody."""
        self.greeting: bytes | None = None
        """Params of the companion's `signoff/hello`; repeated in every new session."""

    def all(self) -> Iterable[Recording]:
        """Return every recording that has not ended, of shown folders too."""
        return tuple(self._by_root.values())

    def find(self, path: Path) -> Recording | None:
        """Return the recording of a path's workspace, or None where nothing is recorded."""
        workspace = self.workspace_of(path)
        if workspace is None:
            return None
        known = self._by_root.get(workspace.root)
        if known is None or known.workspace.identifier != workspace.identifier:
            known = Recording(workspace)
            known.is_shared = self.is_shared
            known.poll(self._clock)
            self._by_root[workspace.root] = known
        return known

    def show_folders(self, added: Iterable[Path], *, instead_of: Iterable[Path] = ()) -> None:
        """Take note which folders the editor shows: their workspaces count before a file is open.

        No session begins by that.
        """
        gone = set(instead_of)
        self._folders = (*(one for one in self._folders if one not in gone), *added)
        self.meet_folders()

    def meet_folders(self) -> None:
        """Look up the workspaces of the folders that the editor shows."""
        for folder in self._folders:
            self.find(folder)

    def known(self, path: Path) -> Recording | None:
        """Return the recording of a path's workspace, where some other document began one."""
        workspace = self.workspace_of(path)
        return None if workspace is None else self._by_root.get(workspace.root)

    def workspace_of(self, path: Path) -> Workspace | None:
        """Return the enabled workspace of a path, paused or not; None when it cannot be known."""
        if self._workspaces is None:
            return None
        try:
            finding = self._workspaces.look_up(path)
        except (SignoffError, OSError, ValueError):
            return None
        if finding.place in _LAPSED and finding.workspace is not None:
            self._note_lapse(finding.workspace, finding.fact)
        return finding.workspace if finding.place in _OURS else None

    def _note_lapse(self, workspace: Workspace, fact: str) -> None:
        """Store the message for a recently lapsed opt-in: shown once per process."""
        if self._clock.wall_ns() - workspace.expires_ns < _TOLD_NS:
            sentence = f"{fact} `signoff enable` there records again, `signoff disable` forgets it."
            self._lapses.setdefault(workspace.root, sentence)

    def share(self, *, is_active: bool) -> None:
        """Take note that the editor is, or is no longer, shared with somebody."""
        self.is_shared = is_active
        for recording in self.all():
            recording.is_shared = is_active
            if is_active:
                recording.tell_unseen()
                recording.is_paused = True  # else the next look of the pulse begins again

    def take_lapses(self) -> list[str]:
        """Return and clear the pending messages about lapsed opt-ins."""
        said = [text for root, text in self._lapses.items() if root not in self._told_lapses]
        self._told_lapses.update(self._lapses)
        return said

    def lapsed(self) -> list[str]:
        """Return the messages about opt-ins that lapsed and were not renewed, shown or not."""
        return [
            sentence for root, sentence in self._lapses.items() if self.workspace_of(root) is None
        ]

    def is_open(self, recording: Recording, now_ns: int) -> bool:
        """Return whether events are recorded now; opens a session if one is due."""
        if not recording.is_live(now_ns):
            return False
        silence_ns, recording.last_event_ns = now_ns - recording.last_event_ns, now_ns
        if recording.lane is None:
            return self._begin(recording, now_ns)
        if silence_ns > _QUIET_NS and recording.is_over(self._clock):
            self.end_session(recording)
            return self._begin(recording, now_ns)
        if recording.unseen.is_waiting:
            recording.tell_unseen()
        return not recording.lane.is_closed

    def _begin(self, recording: Recording, now_ns: int) -> bool:
        if self.workspace_of(recording.workspace.root) is None:
            return False  # disabled a moment ago; the pulse will end the recording
        lane = Lane(lambda error, writer: self._failed(recording, lane, error, writer))
        recording.lane = lane
        thread = threading.Thread(target=self._join, args=(recording, lane, now_ns), daemon=True)
        self._joining = [other for other in self._joining if other.is_alive()]
        self._joining.append(thread)
        thread.start()
        if self.greeting is not None:
            hello = pack_body([now_ns, lsp_messages.HELLO, self.greeting])
            lane.append(int(RecordKind.COMPANION), hello)
        if recording.trouble:
            lane.append(int(RecordKind.STEP), _lost_since(recording, now_ns))
        self.anchor_all(recording, now_ns)
        return True

    def _join(self, recording: Recording, lane: Lane, since_ns: int) -> None:
        """Open the session and the journal. On a thread of its own, without the lock."""
        assert self._home is not None  # noqa: S101  there would be no recording
        try:
            joined, writer = join(self._home, recording.workspace, self._clock, self.header_fields)
        except Exception as error:  # noqa: BLE001 whatever it is, the editor goes on (P7)
            self._after_failure(recording, lane, error)
            return
        with self._lock:
            if recording.lane is not lane:
                close_quietly(writer)
                self._work.submit(self.sweep)
                return
            recording.joined, recording.trouble = joined, ""
            recording.poll(self._clock)
            paused_ns = joined.control.state.paused_since_ns
            if recording.is_paused and paused_ns is not None and paused_ns <= since_ns:
                lane.drop_waiting()  # all of it came during a pause that we did not know of
        lane.start(writer)
        self._work.submit(lambda: self._settle_in(recording, joined))
        ensure_watcher(joined.session, self._home)

    def _settle_in(self, recording: Recording, joined: Joined) -> None:
        """Say that this bridge is at work. On the work thread, as `leave` is."""
        with self._lock:
            is_current = recording.joined is joined
        if is_current:
            show_presence(joined, recording.refused)

    def retry_where_room_is(self) -> None:
        """Let a workspace whose disk was full be tried again as soon as it is not."""
        now_ns = self._clock.boot_ns()
        for recording in self.all():
            is_waiting = recording.was_full and now_ns < recording.retry_at_ns
            if is_waiting and self._home is not None and has_room(self._home):
                recording.retry_at_ns = 0

    def anchor_all(
        self, recording: Recording, now_ns: int, *, is_behind_pause: bool = False
    ) -> None:
        """Write a full-text snapshot of every open document, from which replay can continue."""
        lane = recording.lane
        if lane is None:
            return
        recording.tell_left(now_ns)
        for document in self._documents.values():
            if document is None or document.recording is not recording:
                continue
            if not document.is_decided or document.is_kept:
                self._texts.write_anchor(
                    recording, lane, document, now_ns, is_behind_pause=is_behind_pause
                )

    def end_session(self, recording: Recording) -> None:
        """Leave the session; the next event opens another."""
        recording.tell_unseen()
        lane, joined = recording.lane, recording.joined
        recording.close_counts()
        recording.left.clear()
        recording.lane = recording.joined = None
        recording.poll(self._clock)
        if joined is not None:
            self._ended.append((recording.workspace, joined.session))
        if lane is not None:
            self._work.submit(lambda: leave(lane, joined))
            self._work.submit(self.sweep)

    def take_ended(self) -> list[tuple[Workspace, Session]]:
        """Return the sessions that ended since the last call, of workspaces that go on."""
        ended, self._ended = self._ended, []
        return [(w, session) for w, session in ended if w.root in self._by_root]

    def sweep(self) -> None:
        """Start a low-priority child that seals ended sessions. On the work thread."""
        from signoff_collector.capture.sessions.session_life import sweep

        if self._home is not None and self._home.exists:
            sweep(self._home, self._clock)

    def end(self, recording: Recording) -> None:
        """Stop recording a workspace: disabled, expired, or moved."""
        self.end_session(recording)
        recording.is_ended = True
        if self._by_root.get(recording.workspace.root) is recording:
            del self._by_root[recording.workspace.root]

    def place_again(self) -> None:
        """Look up every document's workspace anew, after the opt-ins changed."""
        now_ns = self._clock.boot_ns()
        self.meet_folders()
        for document in self._documents.values():
            if document is None:
                continue
            before, document.recording = document.recording, self.find(document.path)
            if document.recording is before:
                continue
            document.is_decided = document.is_kept = False
            after = document.recording
            document.changed_while_off = True
            if after is not None and after.lane is not None and after.is_live(now_ns):
                self._texts.write_anchor(after, after.lane, document, now_ns)
            elif after is not None:
                self.is_open(after, now_ns)

    def _failed(
        self, recording: Recording, lane: Lane, error: Exception, writer: Writer | None
    ) -> None:
        """Handle a broken journal. On any thread, maybe with the lane's lock: must not block."""

        def job() -> None:
            if writer is not None:
                close_quietly(writer)
            self._after_failure(recording, lane, error)

        self._work.submit(job)

    def _after_failure(self, recording: Recording, lane: Lane, error: Exception) -> None:
        """Suspend recording of a workspace and report it. Without the lock."""
        now_ns = self._clock.boot_ns()
        with self._lock:
            if recording.lane is not lane:
                return
            recording.close_counts()
            recording.lane, joined = None, recording.joined
            recording.joined = None
            is_new = not recording.trouble
            recording.trouble = str(error) or type(error).__name__
            if is_new:
                recording.trouble_since_ns = now_ns
            recording.retry_at_ns = now_ns + RETRY_NS
            recording.was_full = self._home is not None and not has_room(self._home)
            said_ns = recording.complained_at_ns
            is_new = is_new and (said_ns is None or now_ns - said_ns > COMPLAIN_NS)
            if is_new:
                recording.complained_at_ns = now_ns
            for document in self._documents.values():
                if document is not None and document.recording is recording:
                    document.changed_while_off = True
        lane.close()
        _take_away(joined)
        self._work.submit(self.sweep)
        if is_new:
            self._voice.show(
                f"Signoff stopped recording {recording.workspace.root.name}: {recording.trouble}. "
                "Your editor and files are not affected.",
                is_warning=True,
            )

    def finish(self) -> None:
        """Close every journal. Without the lock, after the work is done."""
        for thread in self._joining:
            thread.join(_JOIN_LIMIT_S)
        for recording in self.all():
            recording.tell_unseen()
            recording.tell_dropped(self._clock.boot_ns(), 0)
            leave(recording.lane, recording.joined)
            recording.lane = recording.joined = None
        with suppress(SignoffError, OSError):
            self.sweep()  # a session that was stopped a moment ago may have waited for us

    def describe(self) -> Sequence[dict[str, object]]:
        """Return the rows of `signoff/status`."""
        return [recording.describe() for recording in self.all()]


def _take_away(joined: Joined | None) -> None:
    if joined is not None:
        joined.presence.unlink(missing_ok=True)


def _lost_since(recording: Recording, now_ns: int) -> bytes:
    return dropped_gap(now_ns, duration_ns=max(0, now_ns - recording.trouble_since_ns))
