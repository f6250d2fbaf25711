"""A journal of one source, created lazily with its first record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from signoff_collector.capture.journal.journal_frames import RecordKind
from signoff_collector.capture.journal.journal_writer import JournalWriter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.system.clock import Clock, Reading


class RecordJournal:
    """Appends records of any kind and keeps the session open meanwhile."""

    def __init__(self, session: Session, clock: Clock, source: str) -> None:
        """Take the session's lock.

        Raises:
            SessionOverError: it has ended.
        """
        self._session = session
        self._clock = clock
        self._source = source
        self._hold = session.hold()
        self._writer: JournalWriter | None = None

    def append_step(self, body: Mapping[str, object]) -> None:
        """Append one step; see `append`."""
        self.append(RecordKind.STEP, body)

    def append(self, kind: RecordKind, body: Mapping[str, object]) -> None:
        """Append one record.

        Raises:
            SignoffError: it cannot be written.
        """
        self._open().append_value(kind, body)
        self._hold.beat(self._clock.boot_ns())

    def append_clocks(self, *readings: Reading) -> None:
        """Append clock readings; they do not count as activity and keep no session alive.

        Raises:
            SignoffError: they cannot be written.
        """
        writer = self._open()
        for reading in readings:
            writer.append_clocks(reading)

    def _open(self) -> JournalWriter:
        if self._writer is None:
            self._writer = JournalWriter.create(
                self._session.folder, self._source, clock=self._clock
            )
        return self._writer

    def new_segment(self) -> None:
        """Close the current segment, so that `forget` can rewrite it."""
        if self._writer is not None:
            self._writer.new_segment()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()
        self._hold.release()
