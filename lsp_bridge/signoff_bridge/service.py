"""The recorder with its environment: home, work thread, pulse, commands, prompts."""

from __future__ import annotations

import os
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from signoff_bridge.answers.captured_list import (
    CapturedList,
    answer,
    last_task,
    sessions_of,
)
from signoff_bridge.answers.health import Health
from signoff_bridge.answers.listing_stamp import listing_stamp
from signoff_bridge.answers.prompts import Prompts
from signoff_bridge.answers.pulse import Pulse
from signoff_bridge.protocol.addresses import paths_of
from signoff_bridge.protocol.encodings import member, uris_in
from signoff_bridge.protocol.work import WorkQueue
from signoff_bridge.recording.recorder import Recorder
from signoff_bridge.recording.terminal_reports import DESCRIPTION
from signoff_collector import __version__
from signoff_collector.capture.journal.control import PRIVATE
from signoff_collector.capture.journal.journal_frames import RecordKind, pack_body
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_collector.workspaces.enabled_list import FOREVER_NS
from signoff_schemas import lsp_messages
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from signoff_bridge.protocol.language_server import LanguageServerThread
    from signoff_bridge.protocol.messages import Message
    from signoff_collector.capture.opt_in.workspaces import Workspace
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.text.positions import Encoding

_ABOUT_DOCUMENTS: Final = frozenset(
    {"textDocument/didSave", "textDocument/didClose", lsp_messages.EVIDENCE, lsp_messages.VIEW,
     lsp_messages.SELECT, lsp_messages.FOCUS, lsp_messages.DIAGNOSTICS, lsp_messages.ASSIST,
     lsp_messages.SEARCH, lsp_messages.TEXT}
)  # fmt: skip
_FINISH_LIMIT_S: Final = 10.0
_LONGEST_WORDS: Final = 10_000
_LONGEST_TASK: Final = 400
_MINUTE_NS: Final = 60 * 10**9


class Service:
    """Everything that the bridge does besides speaking LSP."""

    def __init__(
        self, server: LanguageServerThread, *, explain: Callable[[Exception], None] = lambda _: None
    ) -> None:
        """Begin to work; `explain` is called with what a job raised, on its thread."""
        self._server = server
        self._clock = SystemClock()
        self._work = WorkQueue(explain)
        self._home, self._refusal = _home()
        self._recorder = Recorder(self._home, self._clock, self._work, server)
        self._pulse = Pulse(
            self._recorder,
            self._home,
            self._clock,
            tell=self._tell_state,
            announce=self._announce,
            end=self._after_end,
            check=self.check_health,
        )
        self._health = (
            None
            if self._home is None
            else Health(self._home, self._clock, self._work, server, tell=self._tell_state)
        )
        self._prompts = Prompts(self._home, self._clock, self._work, server)
        self._captured = CapturedList()
        self._tasks: dict[str, str] = {}
        """The task that was stated last in each session, masked."""
        self._has_companion = False
        self._has_refused = False
        self._work.submit(self._recorder.recordings.sweep)

    def introduce(
        self,
        encoding: Encoding,
        fields: Mapping[str, object],
        folders: Sequence[object],
        *,
        shows_notices: bool,
    ) -> None:
        """Apply the result of `initialize`.

        Args:
            encoding: of positions.
            fields: what the session's header says of the editor.
            folders: URIs of those the editor shows.
            shows_notices: whether the companion shows problems and announcements by itself.
        """
        self._prompts.is_patient = shows_notices
        self._recorder.introduce(encoding, fields)
        self._recorder.recordings.show_folders(paths_of(folders))

    def handle(self, message: Message) -> None:
        """Record one notification if it is relevant."""
        recorder = self._recorder
        method = message.method
        if method == "textDocument/didChange":
            recorder.handle(message)
            if self._prompts.is_patient:
                self._after_edit(message)
        elif method == lsp_messages.REVIEWING:
            self._see_review(message.params)
        elif method == "workspace/didChangeWorkspaceFolders":
            self._change_folders(message.params)
        elif method is not None and recorder.takes(method):
            recorder.handle(message)
            if method == "textDocument/didOpen":
                self._after_open()
            elif method == "textDocument/didSave":
                self._after_edit(message)
            elif method == lsp_messages.HELLO:
                self._greet(message.params)
            elif method not in _ABOUT_DOCUMENTS:
                self._pulse.wake()  # a session may go on without a document

    @property
    def holds_keys(self) -> bool:
        """Whether `settle_keys` is due once nothing has come for a while."""
        return self._recorder.holds_keys

    def settle_keys(self) -> None:
        """Write the key evidence that was held back."""
        self._recorder.settle_keys()

    def _greet(self, params: object) -> None:
        self._has_companion = True
        self._prompts.has_review = member(params, "reviews") is True
        self._pulse.tells_counts = member(params, "counts") is True
        self._tell_state()

    def _change_folders(self, params: object) -> None:
        event = member(params, "event")
        added, removed = (paths_of(uris_in(member(event, name))) for name in ("added", "removed"))
        with self._recorder.lock:
            self._recorder.recordings.show_folders(added, instead_of=removed)
        self._tell_state()

    def _see_review(self, params: object) -> None:
        """Note that a review was opened, for workspaces with open documents only."""
        named = member(params, "root")
        with self._recorder.lock:
            roots = [recording.workspace.root for recording in self._recorder.recordings.all()]
        for root in roots:
            if os.fspath(root) == named:
                self._prompts.see_review(root)

    def _after_open(self) -> None:
        self._pulse.wake()
        if self._prompts.is_patient:
            return  # the status of the companion says it
        if self._refusal and not self._has_refused:
            self._has_refused = True
            self._server.show(f"Signoff records nothing: {self._refusal}", is_warning=True)
        for workspace in self._may_be_told():
            self._prompts.meet(workspace)
        self._tell_lapses()

    def _after_edit(self, message: Message) -> None:
        """Say what waited for the person to be at work, where we are patient."""
        if not self._prompts.is_patient or self._recorder.writes_messages:
            return
        uri = member(member(message.params, "textDocument"), "uri")
        document = self._recorder.documents.get(uri) if isinstance(uri, str) else None
        if document is not None and document.recording is not None:
            self._prompts.meet(document.recording.workspace)

    def _announce(self) -> None:
        """Announce new and expiring opt-ins while documents are open."""
        for workspace in self._may_be_told():
            self._prompts.announce(workspace)
        self._tell_lapses()

    def _tell_lapses(self) -> None:
        """Report lapsed opt-ins, unless a commit message is being written."""
        if self._recorder.writes_messages or self._prompts.is_patient:
            return
        with self._recorder.lock:
            lapses = self._recorder.recordings.take_lapses()
        for sentence in lapses:
            self._server.show(f"Signoff: {sentence}", is_warning=True)

    def _may_be_told(self) -> tuple[Workspace, ...]:
        """Return the workspaces with open documents; none while a commit message is written."""
        if self._recorder.writes_messages:
            return ()
        with self._recorder.lock:
            return tuple(one.workspace for one in self._recorder.recordings.all())

    def _after_end(self, ended: list[tuple[Workspace, Session]]) -> None:
        """Ask about sessions that ended while the editor goes on, once they are sealed."""
        if not self._recorder.writes_messages:
            self._prompts.look_at(ended)

    def check_health(self) -> None:
        """See on the work thread what does not work, and say what was not said before."""
        if self._health is None:
            return
        with self._recorder.lock:
            sessions = [
                (recording.workspace.root, recording.joined.session)
                for recording in self._recorder.recordings.all()
                if recording.joined is not None
            ]
        may_speak = not (self._recorder.writes_messages or self._prompts.is_patient)
        self._health.look(sessions, may_speak=may_speak)

    def _problems(self, rows: Sequence[Mapping[str, object]]) -> list[str]:
        """Return what does not work, in words; empty when all is well."""
        stopped = [f"{row['root']}: {row['trouble']}" for row in rows if row.get("trouble")]
        found = [] if self._health is None else self._health.texts()
        lapsed: list[str] = []
        if self._prompts.is_patient:
            with self._recorder.lock:
                lapsed = self._recorder.recordings.lapsed()
        return [*([self._refusal] if self._refusal else []), *stopped, *lapsed, *found]

    def status(self) -> dict[str, object]:
        """Return the answer to `signoff/status`."""
        with self._recorder.lock:
            self._recorder.recordings.meet_folders()
            recordings = self._recorder.recordings
            rows = list(recordings.describe())
            said = [one.workspace.announcements(self._clock.wall_ns()) for one in recordings.all()]
        for row in rows:
            if task := self._tasks.get(str(row["session"])):
                row["task"] = task
        states = {str(row["state"]) for row in rows}
        if self._refusal:
            reason = self._refusal
        elif not rows:
            reason = "Neither an open folder nor an open file is in an enabled workspace."
        else:
            reason = ", ".join(sorted(states))
        return {
            "recording": "recording" in states,
            "reason": reason,
            "problems": self._problems(rows),
            "announcements": sorted({sentence for each in said for sentence in each}),
            "workspaces": rows,
            "steps": _sum(row["steps"] for row in rows),
            "listed": "" if self._home is None else listing_stamp(self._home),
            "version": __version__,
        }

    def captured(self, params: object) -> dict[str, object]:
        """Return the answer to `signoff/captured`. Reads journals: not for pygls' own thread."""
        with self._recorder.lock:
            sessions = sessions_of(self._recorder.recordings.all(), member(params, "uri"))
        listed = self._captured.newest(sessions)
        return answer(listed, params, mask=lambda: self._mask_in(sessions))

    def _mask_in(self, sessions: Iterable[Session]) -> Callable[[str], str]:
        """Learn the values that are secret in any of these workspaces; return what masks them."""
        from signoff_collector.capture.runs.run_recording import mask_of

        assert self._home is not None  # noqa: S101  there would be no session
        home = self._home
        masks = [mask_of(home, root) for root in {session.root for session in sessions}]

        def mask(text: str) -> str:
            for mask_text in masks:
                text = mask_text(text)
            return text

        return mask

    def terminal_environment(self) -> dict[str, object]:
        """Return the answer to `signoff/terminalEnvironment`."""
        with self._recorder.lock:
            is_recording = self._is_recording()
            reports = self._recorder.events.reports
            variables = reports.variables(os.environ, is_recording=is_recording)
        return {"variables": variables, "description": DESCRIPTION}

    def _is_recording(self) -> bool:
        return any(one.is_live(self._clock.boot_ns()) for one in self._recorder.recordings.all())

    def command(self, name: str, arguments: Sequence[object]) -> dict[str, object]:
        """Do what `signoff.<name>` stands for; return the status after it, or what was done."""
        if name == "forget":
            return self._forget(arguments)
        if name in ("pause", "private"):
            self._pause(_minutes(arguments), reason=name)
        elif name == "resume":
            self._pause(None, is_resume=True)
        elif name == "stop":
            self._stop()
        elif name == "status":
            self._pulse.look()  # without a document nobody looked
            self.check_health()
        elif name in {"task", "note"}:
            self._say(name, " ".join(str(word) for word in arguments)[:_LONGEST_WORDS].strip())
        return self.status()

    def _forget(self, arguments: Sequence[object]) -> dict[str, object]:
        """Erase a span as `signoff forget` does. On a thread of its own: it waits for writers."""
        from signoff_bridge.answers.forget_command import forget_span, request_of

        with self._recorder.lock:
            workspaces = [one.workspace for one in self._recorder.recordings.all()]
        roots = tuple(os.fspath(workspace.root) for workspace in workspaces)
        request = request_of(arguments, roots, self._clock)
        if self._home is None or request is None:
            return {"error": "nothing was erased: no session or time was named"}
        return forget_span(self._home, self._clock, request)

    def _pause(
        self, minutes: float | None, *, reason: str = "pause", is_resume: bool = False
    ) -> None:
        """Pause or resume every workspace of this bridge, as the verbs do."""
        if self._home is None:
            return
        with self._recorder.lock:
            recordings = tuple(self._recorder.recordings.all())
            joined = [recording.joined for recording in recordings if recording.joined is not None]
        until_ns: int | None = None
        fields: dict[str, str] = {}
        if not is_resume:
            until_ns = FOREVER_NS
            if minutes is not None:
                duration_ns = int(minutes * _MINUTE_NS)
                until_ns = self._clock.wall_ns() + duration_ns
                fields = {"until": str(self._clock.boot_ns() + duration_ns)}
            if reason == PRIVATE:
                fields["reason"] = PRIVATE
        identifiers = {recording.workspace.identifier for recording in recordings}
        Workspaces(self._home, self._clock).set_pause(identifiers, until_ns)
        for item in joined:
            item.session.ask("resume" if is_resume else "pause", clock=self._clock, fields=fields)
        self._pulse.look()

    def _stop(self) -> None:
        """End the session of every workspace of this bridge, as `signoff stop` does."""
        from signoff_collector.capture.sessions.session_life import end_session
        from signoff_collector.capture.sessions.session_listing import active_session

        if self._home is None:
            return
        with self._recorder.lock:
            roots = [recording.workspace.root for recording in self._recorder.recordings.all()]
        for root in roots:
            session = active_session(self._home, root, self._clock)
            if session is not None:
                session.ask("stop", clock=self._clock)
                end_session(self._home, session)
        self._pulse.look()

    def _say(self, kind: str, text: str) -> None:
        if not text:
            return
        now_ns = self._clock.boot_ns()
        own = {"origin": "person", "stated": "during"} if kind == "task" else {"stated": "live"}
        payload = pack_body(
            {"t_boot_ns": now_ns, "t_kind": "event", "kind": kind, "text": text, **own}
        )
        told: list[Session] = []
        with self._recorder.lock:
            for recording in self._recorder.recordings.all():
                if self._recorder.recordings.is_open(recording, now_ns) and recording.lane:
                    recording.lane.append(int(RecordKind.STEP), payload)
                    told += [] if recording.joined is None else [recording.joined.session]
        if kind == "task":
            for session in told:
                self._tasks[session.id] = self._mask_in([session])(text)[:_LONGEST_TASK]

    def _learn_task(self, session: Session) -> None:
        """Find the task of a session that goes on, whoever stated it. On the work thread."""
        task = last_task(self._captured.newest([session]))
        if task:
            self._tasks[session.id] = self._mask_in([session])(task)
            self._tell_state()

    def _tell_state(self) -> None:
        with self._recorder.lock:
            joined = [one.joined for one in self._recorder.recordings.all()]
        for session in (one.session for one in joined if one is not None):
            if session.id not in self._tasks:
                self._tasks[session.id] = ""
                self._work.submit(partial(self._learn_task, session))
        with self._recorder.lock:
            self._recorder.events.reports.follow(is_recording=self._is_recording())
        if self._has_companion:
            self._server.notify(lsp_messages.STATE, self.status())

    def finish(self, *, is_lost: bool = False) -> None:
        """Write what is left and close the journals.

        Args:
            is_lost: the editor went without a word: killed, or its terminal was closed.
        """
        self._pulse.stop()
        with self._recorder.lock:
            self._recorder.settle_saves()
            self._recorder.close_all("lost" if is_lost else "ended")
        self._work.finish(_FINISH_LIMIT_S)
        self._recorder.events.reports.close()
        self._recorder.recordings.finish()


def _home() -> tuple[Home | None, str]:
    try:
        return resolve_home(os.environ), ""
    except (SignoffError, OSError) as error:
        return None, str(error)


def _sum(counts: Iterable[object]) -> dict[str, int]:
    """Return the steps of all workspaces together."""
    total: Counter[str] = Counter()
    for count in counts:
        total.update(cast("dict[str, int]", count))
    return dict(sorted(total.items()))


def _minutes(arguments: Sequence[object]) -> float | None:
    first = arguments[0] if arguments else None
    return first if isinstance(first, int | float) and 0 < first < 1 << 20 else None
