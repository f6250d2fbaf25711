"""Convert messages to records: tracks open documents and decides what is recorded.

`handle` is the hot path. It parses nothing twice, touches no text, and costs the same for every
size of document. Work on texts is done by `TextWork` on the work thread.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, cast

from signoff_bridge.protocol.addresses import canonical_path, is_commit_message, may_be_held
from signoff_bridge.protocol.encodings import member
from signoff_bridge.recording.documents import (
    PENDING_MESSAGES,
    Document,
    has_full_text,
    inserts_too_much,
    is_key,
)
from signoff_bridge.recording.events import Events
from signoff_bridge.recording.key_bursts import KeyBursts
from signoff_bridge.recording.recordings import Recordings
from signoff_bridge.recording.textwork import TextWork
from signoff_bridge.recording.unseen import gap_reason
from signoff_collector.capture.journal.journal_frames import RecordKind, pack_body
from signoff_collector.capture.opt_in.policy import MAX_OPEN_BYTES, Reason
from signoff_schemas import lsp_messages
from signoff_schemas.words import GapReason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from signoff_bridge.protocol.messages import Message
    from signoff_bridge.protocol.work import WorkQueue
    from signoff_bridge.recording.lane import Lane
    from signoff_bridge.recording.recording import Recording
    from signoff_bridge.recording.recordings import Voice
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock
    from signoff_collector.text.positions import Encoding

LARGEST_COMPANION_BYTES: Final = 1 << 20
_LSP: Final = int(RecordKind.LSP)


class Recorder:
    """What one bridge process records. `handle` is for one thread, the rest for any."""

    def __init__(self, home: Home | None, clock: Clock, work: WorkQueue, voice: Voice) -> None:
        self._clock = clock
        self._work = work
        self._voice = voice
        self.lock = threading.Lock()
        self.documents: dict[str, Document | None] = {}
        """Open documents by URI; None for excluded ones."""
        self._texts = TextWork(clock, work)
        self.recordings = Recordings(
            home=home,
            clock=clock,
            lock=self.lock,
            work=work,
            voice=voice,
            documents=self.documents,
            texts=self._texts,
        )
        self.events = Events(self.recordings, work, home, clock)
        self._unseen: dict[str, tuple[Path, GapReason, int]] = {}
        """Open but excluded documents, by URI."""
        self._bursts = KeyBursts()
        self._has_anchors = False
        self._asked: set[str] = set()
        self.ignored = 0
        """Number of invalid or oversized messages."""
        self._ignored_told = 0
        self.writes_messages = False
        """Whether this editor writes a commit message: then no questions are shown."""
        self._by_method: Mapping[str, Callable[[Message, dict[str, object], int], None]] = {
            "textDocument/didChange": self._change,
            "textDocument/didOpen": self._open,
            "textDocument/didSave": self._save,
            "textDocument/didClose": self._close,
            lsp_messages.HELLO: self._hello,
            lsp_messages.TEXT: self._text,
            lsp_messages.EVIDENCE: self._evidence,
            lsp_messages.VIEW: self._companion,
            lsp_messages.SELECT: self._companion,
            lsp_messages.FOCUS: self._companion,
            lsp_messages.DIAGNOSTICS: self._companion,
            lsp_messages.ASSIST: self._companion,
            lsp_messages.SEARCH: self._companion,
            lsp_messages.COMMAND: self._command,
            lsp_messages.SHARED: self._shared,
            "workspace/didCreateFiles": self._files,
            "workspace/didRenameFiles": self._files,
            "workspace/didDeleteFiles": self._files,
        }

    def take_ignored(self) -> int:
        """Return and reset the number of ignored messages."""
        fresh, self._ignored_told = self.ignored - self._ignored_told, self.ignored
        return fresh

    def introduce(self, encoding: Encoding, fields: Mapping[str, object]) -> None:
        """Apply the result of `initialize`; before the first document."""
        self._texts.encoding = encoding
        told = {"encoding": str(encoding), "closes_documents": True}
        self.recordings.header_fields = {**fields, **told}

    def takes(self, method: str) -> bool:
        """Return whether the recorder handles a notification."""
        return method in self._by_method

    def handle(self, message: Message) -> None:
        """Record one notification that `takes` accepts."""
        params = message.params
        if type(params) is not dict:
            self.ignored += 1
            return
        now_ns = self._clock.boot_ns()
        with self.lock:
            self._by_method[message.method or ""](
                message, cast("dict[str, object]", params), now_ns
            )

    def _change(self, message: Message, params: dict[str, object], now_ns: int) -> None:
        named = params.get("textDocument")
        changes = params.get("contentChanges")
        if type(named) is not dict or type(changes) is not list:
            self.ignored += 1
            return
        uri = cast("dict[str, object]", named).get("uri")
        if not isinstance(uri, str):
            self.ignored += 1
            return
        if uri not in self.documents:
            self._meet(uri, now_ns)
        document = self.documents[uri]
        if document is None or (document.is_decided and not document.is_kept):
            self._touch(uri, document, now_ns)
            return
        version = cast("dict[str, object]", named).get("version")
        if type(version) is int:
            document.version = version
        document.received_bytes += len(message.params_json)
        recording = document.recording
        if recording is not None and self.recordings.is_open(recording, now_ns):
            assert recording.lane is not None  # noqa: S101  is_open says so
            self._journal_change(message, recording.lane, document, changes, now_ns)
        else:
            document.changed_while_off = True
            document.pending.append(changes)
        is_long = len(document.pending) >= PENDING_MESSAGES or document.may_be_large
        if (is_long and document.pending) or document.mirror.is_doubtful:
            self._fold(document)

    def _journal_change(
        self, message: Message, lane: Lane, document: Document, changes: list[object], now_ns: int
    ) -> None:
        if document.may_be_large and inserts_too_much(changes):
            self._texts.write_grown(lane, document, None, b"", now_ns)
            return
        if has_full_text(changes):
            self._texts.write_difference(lane, document, changes, now_ns)
            return
        payload = pack_body([now_ns, message.method, message.params_json])
        if document.may_be_large:
            self._texts.write_grown(lane, document, changes, payload, now_ns)
        else:
            lane.append(_LSP, payload, document)
            document.pending.append(changes)
            if not is_key(changes):
                self._texts.write_reload(lane, document, now_ns)
        if document.has_saved:
            self._texts.write_late_save(lane, document)

    def _fold(self, document: Document) -> None:
        self._texts.fold(document)
        if document.mirror.is_doubtful and self._has_anchors and document.uri not in self._asked:
            self._asked.add(document.uri)
            self._voice.notify(lsp_messages.ANCHOR, {"uri": document.uri})

    def _open(self, message: Message, params: dict[str, object], now_ns: int) -> None:
        named = params.get("textDocument")
        uri, text = member(named, "uri"), member(named, "text")
        if not isinstance(uri, str) or not isinstance(text, str):
            self.ignored += 1
            return
        version, language = member(named, "version"), member(named, "languageId")
        self.writes_messages = self.writes_messages or is_commit_message(uri)
        document = self._document(
            uri, text, version if type(version) is int else 0,
            language if isinstance(language, str) else "",
        )  # fmt: skip
        self.documents[uri] = None
        if document is None:
            self._refuse(uri, len(text), now_ns)
            return
        recording = document.recording
        if recording is not None and self.recordings.is_open(recording, now_ns):
            assert recording.lane is not None  # noqa: S101  is_open says so
            payload = pack_body([now_ns, message.method, message.params_json])
            self._texts.write_opening(recording, recording.lane, document, payload, now_ns)
        else:
            document.changed_while_off = True
        self.documents[uri] = document

    def _meet(self, uri: str, now_ns: int) -> None:
        """Register a document whose `didOpen` was missed; its text is unknown."""
        document = self._document(uri, None, 0, "")
        self.documents[uri] = document
        if document is None:
            return
        document.mirror.is_doubtful = True
        recording = document.recording
        if recording is not None and self.recordings.is_open(recording, now_ns):
            assert recording.lane is not None  # noqa: S101  is_open says so
            self._texts.write_opening(recording, recording.lane, document, None, now_ns)

    def _document(self, uri: str, text: str | None, version: int, language: str) -> Document | None:
        path = canonical_path(uri)
        if path is None or not may_be_held(path):
            return None
        if text is not None and len(text) > MAX_OPEN_BYTES:
            return None
        document = Document(uri=uri, path=path, language=language[:100], version=version, text=text)
        document.recording = self.recordings.find(path)
        return document

    def _refuse(self, uri: str, size: int, now_ns: int) -> None:
        """Register an excluded document, with the reason."""
        path = canonical_path(uri)
        if path is not None:
            reason = GapReason.TOO_LARGE if may_be_held(path) else GapReason.PRIVATE
            self._unseen[uri] = (path, reason, size)
            self._touch(uri, None, now_ns)

    def _touch(self, uri: str, document: Document | None, now_ns: int) -> None:
        """Note activity in a document that is not recorded."""
        if document is not None:
            recording = document.recording
            reason = None if document.refusal is None else gap_reason(document.refusal)
        elif uri in self._unseen:
            path, reason, size = self._unseen[uri]
            recording = self.recordings.known(path)
            if recording is not None and reason is GapReason.TOO_LARGE:
                self._name(path, size, recording, now_ns)
        else:
            return
        if recording is None or reason is None or recording.lane is None:
            return  # without a session there is no gap to explain
        if recording.is_live(now_ns):
            recording.unseen.touch(uri, reason, now_ns)

    def _name(self, path: Path, size: int, recording: Recording, now_ns: int) -> None:
        """Name a file that is too large, once; on the work thread, since git may be asked."""
        unseen, policy = recording.unseen, recording.policy
        if unseen.begins_to_name(path):
            self._work.submit(lambda: unseen.too_large(path, size, policy, now_ns))

    def _save(self, _message: Message, params: dict[str, object], now_ns: int) -> None:
        uri = member(params.get("textDocument"), "uri")
        found = self._live(uri, now_ns)
        if found is None:
            document = self.documents.get(uri) if isinstance(uri, str) else None
            if document is not None:
                document.saved_while_off = True
                self._look_again(document, now_ns)
            return
        document, recording = found
        text = params.get("text")
        assert recording.lane is not None  # noqa: S101  _live says so
        self._texts.write_save(
            recording.lane, document, text if isinstance(text, str) else None, now_ns
        )

    def _look_again(self, document: Document, now_ns: int) -> None:
        """Record a document again that was too large and is saved small."""
        recording = document.recording
        if document.refusal is not Reason.TOO_LARGE or recording is None:
            return
        if self.recordings.is_open(recording, now_ns):
            assert recording.lane is not None  # noqa: S101  is_open says so
            self._texts.write_return(recording, recording.lane, document, now_ns)

    def _close(self, message: Message, params: dict[str, object], now_ns: int) -> None:
        self._release_keys(now_ns)
        uri = member(params.get("textDocument"), "uri")
        if not isinstance(uri, str):
            self.ignored += 1
            return
        found = self._live(uri, now_ns)
        known = self.documents.pop(uri, None)
        self._unseen.pop(uri, None)
        self._asked.discard(uri)
        if found is None:
            if known is not None:
                _leave_later(known)
            return
        document, recording = found
        lane = recording.lane
        assert lane is not None  # noqa: S101  _live says so
        if document.has_saved:
            self._texts.write_late_save(lane, document)
        lane.append(_LSP, pack_body([now_ns, message.method, message.params_json]), document)

    def _live(
        self, uri: object, now_ns: int, *, is_input: bool = True
    ) -> tuple[Document, Recording] | None:
        """Return a recorded document with its open recording, or None."""
        if not isinstance(uri, str):
            return None
        document = self.documents.get(uri)
        if document is None or (document.is_decided and not document.is_kept):
            if is_input:
                self._touch(uri, document, now_ns)
            return None
        recording = document.recording
        if recording is None or not self.recordings.is_open(recording, now_ns):
            return None
        return document, recording

    def forget_reports(self) -> None:
        """Let nothing be told any more of test runs that ended before now."""
        self._work.submit(self.events.reports.discard)

    def settle_saves(self) -> None:
        """Decide about saves whose change has not arrived. Called under the lock."""
        for document in self.documents.values():
            recording = document.recording if document is not None else None
            lane = recording.lane if recording is not None else None
            if document is not None and lane is not None and document.has_saved:
                self._texts.write_late_save(lane, document)

    def close_all(self, reason: str) -> None:
        """Close every document in the journal, since the editor ended. Called under the lock."""
        now_ns = self._clock.boot_ns()
        self._release_keys(now_ns)
        for document in self.documents.values():
            if document is not None:
                _leave_later(document)
        self.documents.clear()
        for recording in self.recordings.all():
            recording.tell_left(now_ns, reason)

    def _hello(self, message: Message, params: dict[str, object], now_ns: int) -> None:
        self._has_anchors = params.get("anchors") is True
        if len(message.params_json) > LARGEST_COMPANION_BYTES:
            self.ignored += 1
            return
        self.recordings.greeting = message.params_json
        self._for_all_open(message, now_ns)

    @property
    def holds_keys(self) -> bool:
        """Whether evidence of keys waits; `settle_keys` is due once nothing more comes."""
        return self._bursts.is_holding

    def settle_keys(self) -> None:
        """Write the key evidence that is held back."""
        with self.lock:
            self._release_keys(self._clock.boot_ns())

    def _release_keys(self, now_ns: int) -> None:
        for one in self._bursts.release():
            self._companion(one.message, one.params, now_ns)

    def _evidence(self, message: Message, params: dict[str, object], now_ns: int) -> None:
        certain = self._bursts.take(message, params)
        if certain is None:
            self._companion(message, params, now_ns)
            return
        for one in certain:
            self._companion(one.message, one.params, now_ns)

    def _companion(self, message: Message, params: dict[str, object], now_ns: int) -> None:
        if len(message.params_json) > LARGEST_COMPANION_BYTES:
            self.ignored += 1
            return
        uri = params.get("uri")
        if uri is None:
            self._for_all_open(message, now_ns)
            return
        found = self._live(uri, now_ns, is_input=message.method != lsp_messages.DIAGNOSTICS)
        if found is None:
            return
        document, recording = found
        assert recording.lane is not None  # noqa: S101  _live says so
        payload = pack_body([now_ns, message.method, message.params_json])
        recording.lane.append(int(RecordKind.COMPANION), payload, document)

    def _command(self, message: Message, params: dict[str, object], now_ns: int) -> None:
        is_small = len(message.params_json) <= LARGEST_COMPANION_BYTES
        if not is_small or not self.events.command(params, now_ns):
            self.ignored += 1

    def _shared(self, _message: Message, params: dict[str, object], _now_ns: int) -> None:
        is_active = params.get("active")
        if isinstance(is_active, bool):
            self.recordings.share(is_active=is_active)
        else:
            self.ignored += 1

    def _files(self, message: Message, params: dict[str, object], now_ns: int) -> None:
        is_small = len(message.params_json) <= LARGEST_COMPANION_BYTES
        if not is_small or not self.events.files(message.method or "", params, now_ns):
            self.ignored += 1

    def _for_all_open(self, message: Message, now_ns: int) -> None:
        payload = pack_body([now_ns, message.method, message.params_json])
        for recording in self.recordings.all():
            if recording.lane is not None and recording.is_live(now_ns):
                recording.tell_unseen()
                recording.lane.append(int(RecordKind.COMPANION), payload)

    def _text(self, _message: Message, params: dict[str, object], now_ns: int) -> None:
        uri, text, version = params.get("uri"), params.get("text"), params.get("version")
        document = self.documents.get(uri) if isinstance(uri, str) else None
        if document is None or not isinstance(text, str) or len(text) > MAX_OPEN_BYTES:
            return
        self._asked.discard(document.uri)
        if type(version) is int:
            document.version = version
        if document.refusal is Reason.TOO_LARGE:
            document.is_decided = False
        recording = document.recording
        is_open = recording is not None and self.recordings.is_open(recording, now_ns)
        self._texts.take_text(document, text)
        if recording is not None and is_open and recording.lane is not None:
            self._texts.write_anchor(recording, recording.lane, document, now_ns)


def _leave_later(document: Document) -> None:
    """Let the close of a document be told when recording goes on, or ends."""
    if document.recording is not None and (document.is_kept or not document.is_decided):
        document.recording.left.append(document)
