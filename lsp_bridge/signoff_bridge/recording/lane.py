"""Ordered queue in front of a journal: records are written in event order.

Most records are ready at once and are written at once. Some need work first: a save is compared
with the disk, a full text is diffed, a policy is evaluated. Such a record reserves a slot; later
records wait in memory until the slot is filled.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from signoff_collector.capture.tallies.tally import step_of
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_bridge.recording.documents import Document

WAITING_RECORDS: Final = 20_000
WAITING_BYTES: Final = 32 << 20
"""Limit of queued bytes behind a slot; beyond it the slot is abandoned."""


class Writer(Protocol):
    """The methods of a journal writer that a lane uses."""

    def append(self, kind: int, payload: bytes) -> None:
        """Write one frame."""
        ...

    def new_segment(self) -> object:
        """Start another segment file."""
        ...

    def close(self) -> None:
        """Sync and close."""
        ...


class Entry(NamedTuple):
    """One queued record."""

    kind: int
    payload: bytes
    document: Document | None
    """Write it only if the policy admits this document."""


class Slot:
    """Reserved place of a record that is still being computed."""

    __slots__ = ("entries", "is_cut", "is_filled")

    def __init__(self, *, is_cut: bool = False) -> None:
        self.entries: Sequence[Entry] = ()
        self.is_filled = is_cut
        self.is_cut = is_cut


class Lane:
    """Ordered access to one journal, for several threads.

    An error of the writer closes the lane permanently; `on_failure` is then called once with the
    error and the writer to close. It must not block.
    """

    def __init__(self, on_failure: Callable[[Exception, Writer | None], None]) -> None:
        self._lock = threading.Lock()
        self._writer: Writer | None = None
        self._waiting: deque[Entry | Slot] = deque()
        self._waiting_bytes = 0
        self._on_failure = on_failure
        self._is_closed = False
        self.records = 0
        """Number of records written."""
        self.steps: Counter[str] = Counter()
        """Number of steps of each kind in them."""
        self.given_up = 0
        """Number of slots abandoned because too much was queued."""
        self._given_up_told = 0

    @property
    def is_closed(self) -> bool:
        """Whether the lane is closed."""
        return self._is_closed

    def start(self, writer: Writer) -> None:
        """Set the journal writer, and write what is queued."""
        with self._lock:
            if self._is_closed:
                writer.close()
                return
            self._writer = writer
            self._flush()

    def append(self, kind: int, payload: bytes, document: Document | None = None) -> None:
        """Write one record, or queue it behind an open slot."""
        with self._lock:
            if self._waiting or self._writer is None:
                self._wait(Entry(kind, payload, document))
            elif document is None or document.is_kept:
                self._write(kind, payload)

    def reserve(self) -> Slot:
        """Reserve the next place in the order; `fill` must follow."""
        slot = Slot()
        with self._lock:
            if not self._is_closed:
                self._waiting.append(slot)
        return slot

    def fill(self, slot: Slot, entries: Sequence[Entry] = ()) -> None:
        """Write the records of a slot, and those queued behind it."""
        with self._lock:
            slot.entries = entries
            slot.is_filled = True
            self._flush()

    def take_given_up(self) -> int:
        """Return and reset the number of abandoned slots."""
        with self._lock:
            fresh, self._given_up_told = self.given_up - self._given_up_told, self.given_up
        return fresh

    def drop_waiting(self) -> None:
        """Drop queued records: they arrived while recording is not allowed."""
        with self._lock:
            self._waiting.clear()
            self._waiting_bytes = 0

    def cut(self) -> None:
        """Start a new segment at this place in the order."""
        with self._lock:
            if not self._is_closed:
                self._waiting.append(Slot(is_cut=True))
                self._flush()

    def close(self) -> None:
        """Write what is ready and close the journal."""
        with self._lock:
            if self._is_closed:
                return
            for item in self._waiting:
                if isinstance(item, Slot):
                    item.is_filled = True
            self._flush()
            self._is_closed = True
            self._waiting.clear()
            writer, self._writer = self._writer, None
        if writer is not None:
            close_quietly(writer)

    def _wait(self, entry: Entry) -> None:
        if self._is_closed:
            return
        self._waiting.append(entry)
        self._waiting_bytes += len(entry.payload)
        if len(self._waiting) > WAITING_RECORDS or self._waiting_bytes > WAITING_BYTES:
            self._give_up()

    def _give_up(self) -> None:
        """Abandon the slots that block the queue."""
        if self._writer is None:
            self._fail(SignoffError("the journal did not open in time"))
            return
        for item in self._waiting:
            if isinstance(item, Slot) and not item.is_filled:
                item.is_filled = True
                self.given_up += 1
        self._flush()

    def _flush(self) -> None:
        waiting = self._waiting
        while waiting and self._writer is not None:
            item = waiting[0]
            if isinstance(item, Slot):
                if not item.is_filled:
                    return
                waiting.popleft()
                if item.is_cut:
                    self._cut_now()
                for entry in item.entries:
                    self._write_kept(entry)
            else:
                waiting.popleft()
                self._waiting_bytes -= len(item.payload)
                self._write_kept(item)

    def _write_kept(self, entry: Entry) -> None:
        if entry.document is None or entry.document.is_kept:
            self._write(entry.kind, entry.payload)

    def _write(self, kind: int, payload: bytes) -> None:
        writer = self._writer
        if writer is None:
            return
        try:
            writer.append(kind, payload)
        except (OSError, SignoffError, ValueError) as error:
            self._fail(error)
        else:
            self.records += 1
            name, count = step_of(kind, payload)
            if name is not None:
                self.steps[name] += count

    def _cut_now(self) -> None:
        if self._writer is None:
            return
        try:
            self._writer.new_segment()
        except (OSError, SignoffError) as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self._is_closed = True
        self._waiting.clear()
        self._waiting_bytes = 0
        writer, self._writer = self._writer, None
        self._on_failure(error, writer)


def close_quietly(writer: Writer) -> None:
    """Close a journal and ignore errors of the final sync."""
    try:
        writer.close()
    except (OSError, SignoffError):
        return
