"""Queue of messages to the editor, written by a thread of its own.

An editor that does not read its pipe must not block the recorder.
"""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue

from signoff_bridge.protocol.framing import frame


class Outbox:
    """Queue of messages to the client."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="signoff-out", daemon=True)
        self._thread.start()

    def send(self, body: bytes) -> None:
        """Send one message body."""
        self._queue.put(frame(body))

    def write(self, data: bytes) -> None:
        """Send a message that has its header already (the interface pygls writes to)."""
        self._queue.put(data)

    def close(self) -> None:
        """Do nothing: the process closes its output when it ends (pygls calls this)."""

    def finish(self, limit_s: float) -> None:
        """Write the queued messages, within a time limit."""
        self._queue.put(None)
        self._thread.join(limit_s)

    def _run(self) -> None:
        while (data := self._queue.get()) is not None:
            view = memoryview(data)
            try:
                while view:
                    view = view[os.write(self._descriptor, view) :]
            except OSError:
                return  # nobody reads any more; the end of input will say so too
