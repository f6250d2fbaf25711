"""Connections of a node: who sends no request, or reads no answer, makes room for who does."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from asyncio import TimerHandle, Transport

HEAD_S: Final = 15.0
"""How long a connection may be open without a whole head of a request."""
UNREAD_S: Final = 30.0
"""How long an answer may wait for who asked for it to read on."""
LEAST_READ_BYTES: Final = 48 << 10
"""What has to be read of it meanwhile; between asyncio's two marks lies as much."""
MOST: Final = 1_000
"""Connections at once, below what a process may have open on any system we know."""


class PatientProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, with an end to waiting.

    uvicorn waits for ever for a first request, for the rest of a body that was answered already,
    and for somebody to read what they asked for; and counts such connections against those who do
    ask.
    """

    head_s = HEAD_S
    unread_s = UNREAD_S
    most = MOST
    waiting: TimerHandle | None = None
    """What ends this connection, while no request is in hand."""
    unread: TimerHandle | None = None
    """What looks whether an answer is read, while more of it is here than the system takes."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Begin to wait; where all places are taken, who waits longest without asking goes."""
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > self.most:
            waiting = [
                (one.waiting.when(), one)
                for one in self.connections
                if isinstance(one, PatientProtocol) and one.waiting is not None
            ]
            _, longest = min(waiting, key=itemgetter(0))  # at least this one waits
            longest.end()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop()
        self._is_read()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Begin to look whether the answer is read."""
        super().pause_writing()
        self._stop()  # also behind the last piece: who reads it is at work
        self._look(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Stop looking: enough was read."""
        super().resume_writing()
        self._is_read()
        self._wait()

    def handle_events(self) -> None:
        """Handle what came, and wait on where it was no request yet."""
        super().handle_events()
        self._wait()

    def on_response_complete(self) -> None:
        """Wait for the next request; nothing is kept of a body that nobody reads."""
        super().on_response_complete()
        self._wait()

    def _wait(self) -> None:
        is_at_work = bool(self.cycle) and not self.cycle.response_complete
        is_over = self.transport.is_closing() and not self.transport.get_write_buffer_size()
        if is_at_work or self.flow.write_paused or is_over:
            self._stop()
        elif self.waiting is None:
            self.waiting = self.loop.call_later(self.head_s, self.end)

    def _stop(self) -> None:
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None

    def _look(self, held: int) -> None:
        self.unread = self.loop.call_later(self.unread_s, self._look_again, held)

    def _look_again(self, held: int) -> None:
        now = self.transport.get_write_buffer_size()
        if held - now < LEAST_READ_BYTES:
            self.end()
        else:
            self._look(now)

    def _is_read(self) -> None:
        if self.unread is not None:
            self.unread.cancel()
            self.unread = None

    def end(self) -> None:
        """Close the connection at once: nobody asked anything on it, or reads what they asked."""
        self._stop()
        self._is_read()
        self.transport.abort()
