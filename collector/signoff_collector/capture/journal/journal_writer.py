"""Append to a journal: one `write()` per record, synced on a background thread."""

from __future__ import annotations

import errno
import os
import secrets
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol, Self

from signoff_collector import __version__
from signoff_collector.capture.journal.journal_frames import (
    JOURNAL_VERSION,
    MAX_PAYLOAD_BYTES,
    RecordKind,
    encode_frame,
    pack_body,
)
from signoff_collector.own_files.private_files import open_new, storage_error, sync_folder
from signoff_collector.system.clock import Clock, Reading, read_clocks
from signoff_collector.system.files.descriptors import sync, sync_content, try_hold, write_all
from signoff_schemas.errors import SignoffError

SYNC_PERIOD_S: Final = 0.1
"""Seconds between syncs: the most that a power cut can lose."""

WALL_PERIOD_NS: Final = 60 * 10**9
BEAT_PERIOD_NS: Final = 5 * 10**9


class Hold(Protocol):
    """A resource that a writer holds while it is open: its session's `alive` lock."""

    def beat(self, t_boot_ns: int) -> None:
        """Note the time of the latest record."""
        ...

    def release(self) -> None:
        """Release the resource."""
        ...


class JournalWriter:
    """One writer's journal: one file, or several after segments were closed. Thread-safe.

    A record is handed over once `append` returned. From then on kill -9 loses nothing, and a power
    cut at most the last 100 ms. After a failure the writer is stopped; `failure` says why.
    """

    def __init__(
        self,
        folder: Path,
        writer: str,
        *,
        clock: Clock,
        header_fields: Mapping[str, object],
        hold: Hold | None,
    ) -> None:
        """Internal: call `create`."""
        self._folder = folder
        self._writer = writer
        self._clock = clock
        self._fields = dict(header_fields)
        self._hold = hold
        self._id = f"{writer}-{os.getpid()}-{secrets.token_hex(2)}"
        self._lock = threading.Lock()
        self._sync_lock = threading.Lock()
        self._descriptor = -1
        self._segment = -1
        self._size_bytes = 0
        self._index = 0
        self._next_wall_ns = 0
        self._next_beat_ns = 0
        self._is_dirty = False
        self._is_closed = False
        self._is_ended = False
        self._failure: SignoffError | None = None
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._syncer: threading.Thread | None = None

    @classmethod
    def create(
        cls,
        folder: Path,
        writer: str,
        *,
        clock: Clock,
        header_fields: Mapping[str, object] | None = None,
        hold: Hold | None = None,
    ) -> Self:
        """Create a journal in a session's folder; sync its directory entry and header.

        Args:
            folder: the session's folder.
            writer: the kind of writer, such as `lsp` or `git`; letters, digits and `_`.
            clock: where record times come from.
            header_fields: more fields of frame 0, such as `editor_pid` and `encoding`.
            hold: released when the journal is closed.

        Raises:
            DiskFullError: there is no room.
            SignoffError: the journal cannot be created.
        """
        if not writer.isidentifier() or not writer.isascii():
            raise ValueError(f"not a writer's name: {writer!r}")
        made = cls(folder, writer, clock=clock, header_fields=header_fields or {}, hold=hold)
        with made._lock:
            made._open_segment()
        return made

    @property
    def writer_id(self) -> str:
        """`<writer>-<pid>-<4hex>`: the name of this journal without segment and suffix."""
        return self._id

    @property
    def path(self) -> Path:
        """The segment that is being written."""
        return self._folder / f"{self._id}.{self._segment}.journal"

    @property
    def failure(self) -> SignoffError | None:
        """Why the writer stopped, or None while it works."""
        return self._failure

    @property
    def is_stopped(self) -> bool:
        """Whether nothing more can be appended."""
        return self._is_closed or self._failure is not None

    def append(self, kind: int, payload: bytes) -> None:
        """Append one record; it is in the file when this returns.

        Args:
            kind: a `RecordKind`.
            payload: the record's body as MessagePack.

        Raises:
            DiskFullError: there is no room; the writer is stopped, the file ends before it.
            SignoffError: it cannot be written, or the writer was stopped before.
        """
        now_ns = self._clock.boot_ns()
        with self._lock:
            if now_ns >= self._next_wall_ns:
                self._append_clock(now_ns)
            self._write_record(encode_frame(kind, payload), len(payload))
            if self._hold is not None and now_ns >= self._next_beat_ns:
                self._next_beat_ns = now_ns + BEAT_PERIOD_NS
                self._hold.beat(now_ns)
        if not self._is_dirty:
            self._is_dirty = True
            self._wake.set()

    def append_value(self, kind: int, value: object) -> None:
        """Append one record given as a value; see `append`."""
        self.append(kind, pack_body(value))

    def append_clocks(self, reading: Reading) -> None:
        """Append a clock reading, which may be older than the call; it does not count as activity.

        Raises:
            SignoffError: it cannot be written, or the writer was stopped before.
        """
        payload = pack_body(list(reading))
        with self._lock:
            self._write_record(encode_frame(RecordKind.CLOCK, payload), len(payload))

    def new_segment(self) -> Path:
        """Close the segment and open the next one; return the closed segment's path.

        Raises:
            SignoffError: it cannot be created; the writer is stopped.
        """
        with self._lock:
            self._refuse_if_stopped()
            closed = self.path
            self._open_segment()
            return closed

    def sync(self) -> None:
        """Block until everything appended so far would survive a power cut."""
        with self._lock:
            self._sync_now()

    def close(self) -> None:
        """Write the END record, sync, close and release the session; further calls do nothing."""
        with self._lock:
            if self._is_closed:
                return
            self._end("closed" if self._failure is None else "failed")
            self._is_closed = True
            self._stop.set()
            self._wake.set()
        if self._syncer is not None:
            self._syncer.join()
        self._sync_now()
        self._close_descriptor()
        if self._hold is not None:
            self._hold.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _refuse_if_stopped(self) -> None:
        if self._failure is not None:
            raise type(self._failure)(str(self._failure), hint=self._failure.hint)
        if self._is_closed:
            raise SignoffError(f"the journal {self._id} is closed")

    def _append_clock(self, now_ns: int) -> None:
        self._next_wall_ns = now_ns + WALL_PERIOD_NS
        payload = pack_body(list(read_clocks(self._clock)))
        self._write_record(encode_frame(RecordKind.CLOCK, payload), len(payload))

    def _write_record(self, frame: bytes, payload_bytes: int) -> None:
        if payload_bytes > MAX_PAYLOAD_BYTES:
            raise ValueError(f"a record of {payload_bytes} bytes; {MAX_PAYLOAD_BYTES} at most")
        self._refuse_if_stopped()
        self._write_frame(frame)
        self._index += 1

    def _write_frame(self, frame: bytes) -> None:
        """Write one frame in one call; after a short write truncate it and try once more."""
        try:
            for _ in range(2):
                written = os.write(self._descriptor, frame)
                if written == len(frame):
                    self._size_bytes += written
                    return
                self._undo_short_write()
        except OSError as error:
            self._fail(error)
        self._fail(OSError(errno.ENOSPC, "short write"))

    def _undo_short_write(self) -> None:
        """Truncate a torn frame; if that fails, start a new segment behind it."""
        try:
            os.ftruncate(self._descriptor, self._size_bytes)
        except OSError:
            self._open_segment()

    def _fail(self, error: OSError) -> None:
        failure = storage_error(error, self.path)
        self._failure = failure
        self._end("failed")
        raise failure from error

    def _end(self, reason: str) -> None:
        """Write the END record, best effort: its few bytes fit on most full disks."""
        if self._is_ended or self._descriptor < 0:
            return
        body = pack_body({"t_boot_ns": self._clock.boot_ns(), "reason": reason})
        frame = encode_frame(RecordKind.END, body)
        try:
            self._is_ended = os.write(self._descriptor, frame) == len(frame)
            if not self._is_ended:
                os.ftruncate(self._descriptor, self._size_bytes)
        except OSError:
            return

    def _open_segment(self) -> None:
        """Create the next segment, write its header, and sync both to disk."""
        if self._descriptor >= 0:
            self._sync_now()
            self._close_descriptor()
        self._segment += 1
        header = self._header()
        try:
            self._descriptor = open_new(self.path, os.O_WRONLY | os.O_APPEND)
            # Shared lock for as long as the segment is open: `forget` rewrites only segments that
            # no writer locks.
            try_hold(self._descriptor, is_shared=True)
            write_all(self._descriptor, header)
            sync(self._descriptor)
            sync_folder(self._folder)
        except OSError as error:
            self._drop_segment()
            self._fail(error)
        except SignoffError as error:
            self._drop_segment()
            self._failure = error
            raise
        self._size_bytes = len(header)
        self._start_syncer()

    def _drop_segment(self) -> None:
        """Remove a segment that holds no record."""
        if self._descriptor >= 0:
            self._close_descriptor()
            self.path.unlink(missing_ok=True)

    def _header(self) -> bytes:
        now_ns = self._clock.boot_ns()
        self._next_wall_ns = now_ns + WALL_PERIOD_NS
        fields = {
            **self._fields,
            "journal_version": JOURNAL_VERSION,
            "writer": self._writer,
            "writer_id": self._id,
            "segment": self._segment,
            "first_index": self._index,
            "tool_version": __version__,
            "boot_id": self._clock.boot_id(),
            "t_boot_ns": now_ns,
            "t_wall_ns": self._clock.wall_ns(),
            "asleep_ns": self._clock.asleep_ns(),
            "marks_end": True,
            "pid": os.getpid(),
        }
        return encode_frame(RecordKind.HEADER, pack_body(fields))

    def _start_syncer(self) -> None:
        if self._syncer is None:
            self._syncer = threading.Thread(
                target=self._sync_behind, name=f"sync {self._id}", daemon=True
            )
            self._syncer.start()

    def _sync_behind(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            self._wake.clear()
            self._sync_now()
            self._stop.wait(SYNC_PERIOD_S)

    def _sync_now(self) -> None:
        """Sync what was written; appends go on meanwhile."""
        with self._sync_lock:
            self._is_dirty = False
            if self._descriptor < 0:
                return
            try:
                sync_content(self._descriptor)
            except OSError as error:
                self._failure = storage_error(error, self.path)

    def _close_descriptor(self) -> None:
        with self._sync_lock:
            descriptor, self._descriptor = self._descriptor, -1
            if descriptor >= 0:
                os.close(descriptor)
