"""The bridge process: reads the editor's messages until EOF, then closes the journals."""

from __future__ import annotations

import gc
import json
import os
import select
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_bridge.protocol.encodings import (
    agree,
    client_of,
    folders_of,
    is_lsp_mode,
    member,
    process_id_of,
)
from signoff_bridge.protocol.framing import FrameParser, Malformed
from signoff_bridge.protocol.language_server import LanguageServerThread
from signoff_bridge.protocol.messages import Message, error_body, parse_message
from signoff_bridge.protocol.outbox import Outbox
from signoff_bridge.recording.key_bursts import PATIENCE_MS
from signoff_collector.system.processes import ENDING
from signoff_schemas import lsp_messages
from signoff_schemas.errors import DamagedError
from signoff_schemas.untyped import is_fields, items_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_bridge.service import Service

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
NOT_INITIALIZED: Final = -32002
REPLACED: Final = (
    "Signoff was upgraded or removed while this editor ran, so it may record nothing here until "
    "you start the editor again."
)
"""Said once, and only where something failed: what is loaded goes on with what it records."""
_READ_BYTES: Final = 1 << 16
_PASSED_ON: Final = frozenset(
    {"initialized", "$/cancelRequest", "$/setTrace", "workspace/didChangeWorkspaceFolders"}
)
"""Notifications for pygls; the recorder gets these and all others, and takes what is its own."""
_ANSWER_LIMIT_S: Final = 2.0
_LEFT_BYTES: Final = 1 << 24
"""Limit of the input that is read after a signal; a live editor never stops sending."""


class Bridge:
    """One editor's connection."""

    def __init__(self, source: int, sink: int) -> None:
        self._source = source
        self._outbox = Outbox(sink)
        self._server = LanguageServerThread(self._outbox, self)
        self._service: Service | None = None
        self._parser = FrameParser()
        self._introduction: object = None
        self._is_initialized = False
        self._is_shut_down = False
        self._is_over = False
        self._is_finished = False
        self._was_quit: bool | None = None
        """Whether a person quit the editor, if its companion says so."""
        self.faults = 0
        """Messages whose handling raised; the editor is told only if `REPLACED` is why."""
        self._started_from = _own_files()
        self._is_told = False

    def run(self) -> int:
        """Serve until EOF or a signal; return the exit code."""
        wake = _wake_on_signals()
        self._server.start()
        poller = select.poll()
        poller.register(self._source, select.POLLIN)
        poller.register(wake, select.POLLIN)
        while not self._is_over:
            ready = poller.poll(self._patience_ms())
            if not ready and self._service is not None:
                self._service.settle_keys()
                continue
            if any(descriptor == wake for descriptor, _ in ready):
                self._read_what_is_left()
                break
            if not self._read_once():
                break
        self._server.hush()
        self._finish()
        self._outbox.finish(_ANSWER_LIMIT_S)
        return 0 if self._is_shut_down or not self._is_over else 1

    def _patience_ms(self) -> int | None:
        """Return the poll timeout until held key evidence must be written."""
        holds_keys = self._service is not None and self._service.holds_keys
        return PATIENCE_MS if holds_keys else None

    def _finish(self) -> None:
        """Close the journals, once."""
        if self._service is not None and not self._is_finished:
            self._is_finished = True
            self._service.finish(is_lost=self._is_lost())

    def _is_end_known(self) -> bool:
        """Return whether no message can follow that tells how the editor ended.

        lsp-mode kills its server right after `exit`, before that can be read.
        """
        return self._was_quit is not None or is_lsp_mode(self._introduction)

    def _is_lost(self) -> bool:
        """Say whether nobody quit the editor; one whose terminal was closed may end in order."""
        if self._was_quit is not None:
            return not self._was_quit
        return not (self._is_shut_down or self._is_over)

    def _read_once(self) -> int:
        """Read available input and return its length; 0 at EOF."""
        data = self._read()
        for item in self._parser.feed(data):
            self._take(item)
        return len(data)

    def _read_what_is_left(self) -> None:
        """Read the input sent before the signal: an editor sends messages, then ends us."""
        poller = select.poll()
        poller.register(self._source, select.POLLIN)
        left = _LEFT_BYTES
        while left > 0 and not self._is_over and poller.poll(0):
            size = self._read_once()
            left = left - size if size else 0

    def _read(self) -> bytes:
        try:
            return os.read(self._source, _READ_BYTES)
        except OSError:
            return b""

    def _take(self, item: bytes | Malformed) -> None:
        if isinstance(item, Malformed):
            self._outbox.send(error_body(None, PARSE_ERROR, item.fact))
            return
        try:
            message = parse_message(item)
        except DamagedError as error:
            self._outbox.send(error_body(None, PARSE_ERROR, str(error)))
            return
        try:
            self._dispatch(message, item)
        except Exception as error:  # noqa: BLE001 the connection goes on (P7)
            self.faults += 1
            self._explain(error)

    def _explain(self, error: Exception) -> None:
        """Say once why something failed, if our own files are gone or are others. On any thread."""
        is_replaced = isinstance(error, ImportError) or _own_files() != self._started_from
        if is_replaced and not self._is_told:
            self._is_told = self._server.show(REPLACED, is_warning=True)

    def _dispatch(self, message: Message, body: bytes) -> None:
        method = message.method
        if method is None:
            self._server.feed(body)
        elif message.has_id:
            self._request(method, message, body)
        elif method == "exit":
            self._is_over = True
        elif method == lsp_messages.QUIT:  # may come behind `shutdown`
            by_person = member(message.params, "by_person")
            self._was_quit = by_person if isinstance(by_person, bool) else None
        elif not self._is_initialized or self._is_shut_down:
            return
        elif method in _PASSED_ON:
            self._server.feed(body)
            self._recording_service().handle(message)
        elif method.startswith(("textDocument/", "signoff/", "workspace/did")):
            self._recording_service().handle(message)

    def _request(self, method: str, message: Message, body: bytes) -> None:
        if self._is_shut_down or (method == "initialize" and self._is_initialized):
            fact = "the server is shut down" if self._is_shut_down else "initialized already"
            self._outbox.send(error_body(message.id, INVALID_REQUEST, fact))
        elif method == "initialize":
            self._is_initialized = True
            self._introduction = message.params
            self._server.feed(_for_pygls(message))
        elif not self._is_initialized:
            self._outbox.send(error_body(message.id, NOT_INITIALIZED, "initialize comes first"))
        else:
            self._is_shut_down = method == "shutdown"
            if self._is_shut_down:
                self._server.hush()
                if self._is_end_known():
                    self._finish()
            self._server.feed(body)

    def _recording_service(self) -> Service:
        """Create the recorder lazily, after `initialize` has been answered."""
        if self._service is None:
            from signoff_bridge.service import Service

            gc.freeze()  # what is loaded by now stays: no need to look through it again
            name, version = client_of(self._introduction)
            fields: dict[str, object] = {
                "editor": name,
                "editor_version": version,
                "editor_pid": process_id_of(self._introduction) or os.getppid(),
            }
            self._service = Service(self._server, explain=self._explain)
            meant = agree(self._introduction).meant
            options = member(self._introduction, "initializationOptions")
            self._service.introduce(
                meant,
                fields,
                folders_of(self._introduction),
                shows_notices=member(options, "notices") is True,
            )
        return self._service

    def status(self) -> dict[str, object]:
        """Return the recording state. On pygls' thread."""
        answer = self._recording_service().status()
        if self._is_told:
            answer["problems"] = [*items_of(answer["problems"]), REPLACED]
        return answer

    def command(self, name: str, arguments: Sequence[object]) -> dict[str, object]:
        """Run the command `signoff.<name>`. On pygls' thread."""
        return self._recording_service().command(name, arguments)

    def captured(self, params: object) -> dict[str, object]:
        """Return the latest recorded entries. On pygls' thread."""
        return self._recording_service().captured(params)

    def terminal_environment(self) -> dict[str, object]:
        """Return the environment in which pytest reports its tests. On pygls' thread."""
        return self._recording_service().terminal_environment()


def _for_pygls(message: Message) -> bytes:
    """Return the `initialize` request without options and with our choice of encoding only.

    pygls takes the client's first choice; options may hold secrets (threat 16).
    """
    params = message.params
    if is_fields(params):
        fields = dict(params)
        fields.pop("initializationOptions", None)
        capabilities = member(params, "capabilities")
        general = member(capabilities, "general")
        if is_fields(capabilities) and is_fields(general):
            narrowed = {**general}
            if narrowed.get("positionEncodings"):
                narrowed["positionEncodings"] = [str(agree(params).answered)]
            fields["capabilities"] = {
                **capabilities,
                "general": narrowed,
            }
        params = fields
    request = {"jsonrpc": "2.0", "id": message.id, "method": message.method, "params": params}
    return json.dumps(request).encode("ascii")


def _own_files() -> tuple[int, int] | None:
    """Return what tells the files we were started from apart from those of another installation."""
    try:
        found = Path(__file__).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _wake_on_signals() -> int:
    """Write a byte to a pipe for each terminating signal, so that none is missed in `poll`."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in ENDING:
        signal.signal(number, lambda _number, _frame: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is meant for the editor
    return reading
