"""Single worker thread for jobs that must not delay the editor's messages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue


class WorkQueue:
    """FIFO job queue; an exception in a job affects only that job."""

    def __init__(self, explain: Callable[[Exception], None] = lambda _: None) -> None:
        """Make an empty queue; `explain` is called with what a job raised."""
        self._explain = explain
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="signoff-work", daemon=True)
        self._is_started = False
        self.failures = 0
        """How many jobs raised."""
        self.last_failure = ""
        """Class of the last exception, for `signoff doctor`."""

    def submit(self, job: Callable[[], None]) -> None:
        """Enqueue `job`."""
        if not self._is_started:
            self._is_started = True
            self._thread.start()
        self._jobs.put(job)

    def finish(self, limit_s: float) -> bool:
        """Run the queued jobs and stop; False if that exceeds the limit."""
        if not self._is_started:
            return True
        self._jobs.put(None)
        self._thread.join(limit_s)
        return not self._thread.is_alive()

    def drain(self, limit_s: float) -> bool:
        """Wait until all jobs submitted so far are done."""
        done = threading.Event()
        self.submit(done.set)
        return done.wait(limit_s)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except Exception as error:  # noqa: BLE001 no fault stops us (P7)
                self.failures += 1
                self.last_failure = type(error).__name__
                self._explain(error)
