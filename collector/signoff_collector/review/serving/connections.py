"""HTTP connections with a request timeout and a connection limit, without error pages.

Any process on the machine can connect. A slow request is cut off, and anything that is not HTTP
gets the same empty 404 as unknown paths.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import RequestResponseCycle

REQUEST_S: Final = 10.0
"""Timeout for a request, head and body, in seconds."""
MAX_CONNECTIONS: Final = 128
MAX_HEAD_BYTES: Final = 16 << 10
_NOTHING: Final = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class WatchedProtocol(H11Protocol):
    """One connection, closed when its request does not arrive in time."""

    _watch: asyncio.TimerHandle | None = None
    _waited_for: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timeout; refuse the connection above the limit."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
            return
        self._watch = self.loop.call_later(REQUEST_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timeout."""
        super().connection_lost(exc)
        if self._watch is not None:
            self._watch.cancel()

    def send_400_response(self, msg: str) -> None:
        """Answer invalid HTTP like an unknown path."""
        self.transport.write(_NOTHING)
        self.transport.close()

    def _look(self) -> None:
        """Close the connection if it still waits for the same request as at the last check."""
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first check
        is_arriving = cycle is None or (cycle.more_body and not cycle.response_complete)
        if is_arriving and cycle is self._waited_for:
            self.transport.abort()
            return
        self._waited_for = cycle if is_arriving else None
        self._watch = self.loop.call_later(REQUEST_S, self._look)
