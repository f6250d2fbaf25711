"""HTTP connections that cannot be held open by saying nothing, and that say nothing themselves.

Any process on the machine can connect. One that is slow with its request is cut off, and what
is no HTTP gets the empty answer that everything unknown gets.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import RequestResponseCycle

REQUEST_S: Final = 10.0
"""How long a request may take to arrive, head and body."""
MAX_CONNECTIONS: Final = 128
MAX_HEAD_BYTES: Final = 16 << 10
_NOTHING: Final = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class WatchedProtocol(H11Protocol):
    """One connection, ended when its request does not arrive in time."""

    _watch: asyncio.TimerHandle | None = None
    _waited_for: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, unless there are too many already."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
            return
        self._watch = self.loop.call_later(REQUEST_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        super().connection_lost(exc)
        if self._watch is not None:
            self._watch.cancel()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP as everything unknown is answered."""
        self.transport.write(_NOTHING)
        self.transport.close()

    def _look(self) -> None:
        """End the connection if the request it waits for is the one of the last look."""
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first
        is_arriving = cycle is None or (cycle.more_body and not cycle.response_complete)
        if is_arriving and cycle is self._waited_for:
            self.transport.abort()
            return
        self._waited_for = cycle if is_arriving else None
        self._watch = self.loop.call_later(REQUEST_S, self._look)
