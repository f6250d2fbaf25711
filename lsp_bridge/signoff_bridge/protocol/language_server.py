"""Run pygls on its own thread: lifecycle, commands, messages to the person.

Importing it takes most of the start-up time, so that happens while messages are read already; text
synchronisation never passes through it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from signoff_bridge.protocol.framing import frame
from signoff_bridge.protocol.messages import error_body, parse_message

if TYPE_CHECKING:
    from lsprotocol.types import MessageActionItem
    from pygls.lsp.server import LanguageServer

    from signoff_bridge.protocol.outbox import Outbox
    from signoff_bridge.protocol.services import Services


_INTERNAL_ERROR: Final = -32603


class LanguageServerThread:
    """Runs pygls; `feed` and `show` may be called from any thread, also before it is ready."""

    def __init__(self, outbox: Outbox, services: Services) -> None:
        self._outbox = outbox
        self._services = services
        self._lock = threading.Lock()
        self._early: list[bytes] = []
        self._reader: asyncio.StreamReader | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: LanguageServer | None = None
        self._thread = threading.Thread(target=self._run, name="signoff-lsp", daemon=True)
        self._is_hushed = False
        self.failure = ""
        """Class of the exception that ended the thread, if one did."""

    def start(self) -> None:
        """Begin importing and serving."""
        self._thread.start()

    def feed(self, body: bytes) -> None:
        """Pass one message to pygls."""
        with self._lock:
            has_failed = bool(self.failure)
            if not has_failed and (self._loop is None or self._reader is None):
                self._early.append(body)
                return
            loop, reader = self._loop, self._reader
        if has_failed or loop is None or reader is None:
            self._refuse(body)
        else:
            self._schedule(loop, reader, frame(body))

    def _refuse(self, body: bytes) -> None:
        """Answer a request in place of pygls, so that the editor does not wait."""
        message = parse_message(body)
        if message.has_id and message.method is not None:
            fact = f"Signoff cannot answer ({self.failure}); `signoff doctor` says more"
            self._outbox.send(error_body(message.id, _INTERNAL_ERROR, fact))

    def hush(self) -> None:
        """Suppress all further messages: the editor is quitting."""
        self._is_hushed = True

    def show(self, text: str, *, is_warning: bool = False) -> bool:
        """Show one sentence to the person (`window/showMessage`); False when nobody hears it."""
        if self._is_hushed:
            return False
        return self._call(lambda server: _show(server, text, is_warning=is_warning))

    def ask(self, text: str, choices: Sequence[str], answer: Callable[[str | None], None]) -> None:
        """Ask with buttons (`window/showMessageRequest`); the answer comes on pygls' thread."""
        if self._is_hushed:
            return
        self._call(lambda server: _ask(server, text, choices, answer))

    def notify(self, method: str, params: dict[str, object]) -> None:
        """Send a notification of our own."""
        self._call(lambda server: server.protocol.notify(method, params))

    def _call(self, action: Callable[[LanguageServer], None]) -> bool:
        with self._lock:
            loop, server = self._loop, self._server
        if loop is None or server is None:
            return False
        try:
            loop.call_soon_threadsafe(action, server)
        except RuntimeError:
            return False  # the loop has ended: there is nobody to tell
        return True

    @staticmethod
    def _schedule(
        loop: asyncio.AbstractEventLoop, reader: asyncio.StreamReader, data: bytes
    ) -> None:
        try:
            loop.call_soon_threadsafe(reader.feed_data, data)
        except RuntimeError:
            return

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 recording goes on without it (P7)
            with self._lock:
                self.failure = type(error).__name__
                self._loop = None
                early, self._early = self._early, []
            for body in early:
                self._refuse(body)

    async def _serve(self) -> None:
        from pygls.io_ import run_async

        from signoff_bridge.protocol.features import make_server

        server = make_server(self._services)
        server.protocol.set_writer(self._outbox)
        reader = asyncio.StreamReader()
        with self._lock:
            self._server, self._reader = server, reader
            self._loop = asyncio.get_running_loop()
            for body in self._early:
                reader.feed_data(frame(body))
            self._early.clear()
        await run_async(
            stop_event=threading.Event(),
            reader=reader,
            protocol=server.protocol,
            error_handler=server.report_server_error,
        )


def _show(server: LanguageServer, text: str, *, is_warning: bool) -> None:
    from lsprotocol.types import MessageType, ShowMessageParams

    kind = MessageType.Warning if is_warning else MessageType.Info
    server.window_show_message(ShowMessageParams(type=kind, message=text))


def _ask(
    server: LanguageServer,
    text: str,
    choices: Sequence[str],
    answer: Callable[[str | None], None],
) -> None:
    from lsprotocol.types import MessageActionItem, MessageType, ShowMessageRequestParams

    params = ShowMessageRequestParams(
        type=MessageType.Info,
        message=text,
        actions=[MessageActionItem(title=choice) for choice in choices],
    )

    def receive(item: MessageActionItem | None) -> None:
        title = getattr(item, "title", None)
        answer(title if isinstance(title, str) else None)

    server.window_show_message_request(params, receive)
