"""Connections of a node: who sends no request makes room for who does."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from asyncio import TimerHandle, Transport

HEAD_S: Final = 15.0
"""How long a connection may be open without a whole head of a request."""
MOST: Final = 1_000
"""Connections at once, below what a process may have open on any system we know."""


class PatientProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, with an end to waiting.

    uvicorn waits for ever for a first request, and for the rest of a body that was answered
    already; and counts such connections against those who do ask.
    """

    head_s = HEAD_S
    most = MOST
    waiting: TimerHandle | None = None
    """What ends this connection, while no request is in hand."""

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
        super().connection_lost(exc)

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
        if is_at_work or self.transport.is_closing():
            self._stop()
        elif self.waiting is None:
            self.waiting = self.loop.call_later(self.head_s, self.end)

    def _stop(self) -> None:
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None

    def end(self) -> None:
        """Close the connection at once: nobody asked anything on it."""
        self._stop()
        self.transport.abort()
