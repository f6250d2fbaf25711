"""One session: a folder that every source of one workspace writes into (docs/journal.md)."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from signoff_collector import __version__
from signoff_collector.capture.journal.control import (
    ControlLine,
    append_control,
    control_state,
    read_control,
)
from signoff_collector.capture.journal.journal_writer import JournalWriter
from signoff_collector.own_files.home import Home
from signoff_collector.own_files.private_files import (
    FileLock,
    make_private_folder,
    read_regular,
    replace_private,
    storage_error,
    sync_folder,
    try_lock,
)
from signoff_collector.system.clock import Clock
from signoff_collector.system.files.descriptors import write_at
from signoff_schemas.errors import (
    DamagedError,
    NotFoundError,
    RefusedError,
    SessionOverError,
    SignoffError,
)
from signoff_schemas.session_ids import SESSION_ID
from signoff_schemas.untyped import fields_of

SESSION_VERSION: Final = 1
IDLE_NS: Final = 45 * 60 * 10**9
"""A session ends when no writer recorded a step for this long."""
LONGEST_NS: Final = 12 * 3600 * 10**9
_SHARE_TRIES: Final = 25
_SHARE_PAUSE_S: Final = 0.004
_MAX_SESSION_JSON: Final = 1 << 20
_MAX_BLOB_BYTES: Final = 64 << 20
_BEAT: Final = struct.Struct("<Q")
_ID_SHAPE: Final = re.compile(SESSION_ID)
_BLOB_SHAPE: Final = re.compile(r"[0-9a-f]{64}")


class EndReason(StrEnum):
    """Why a session is over."""

    CLOSED = "closed"
    REBOOT = "reboot"
    STOPPED = "stopped"
    LONGEST = "longest"
    IDLE = "idle"


class HasRoot(Protocol):
    """Protocol of what a session needs of an enabled workspace."""

    @property
    def root(self) -> Path:
        """Its real, absolute path."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """All recording in one workspace, from its first step until it ends."""

    id: str
    """`<utc>-<8hex>`, also the name of the folder."""
    folder: Path
    root: Path
    """The workspace's real path."""
    started_boot_ns: int
    started_wall_ns: int
    boot_id: str
    tool_version: str
    fields: Mapping[str, object]
    """Everything in session.json."""

    @property
    def control(self) -> Path:
        """The file with control requests to all writers."""
        return self.folder / "control"

    @property
    def alive(self) -> Path:
        """Lock file, held shared by every writer; contains the time of the last record."""
        return self.folder / "alive"

    @property
    def blobs(self) -> Path:
        """The folder of stored file contents, named by SHA-256."""
        return self.folder / "blobs"

    @property
    def is_active(self) -> bool:
        """Whether new writers may join; False before the session is sealed."""
        return (self.folder / "active").exists()

    @property
    def journals(self) -> list[Path]:
        """Every segment of every writer, sorted by both; not `gathered.journal`, sealing's own."""
        return sorted(self.folder.glob("*-*.journal"), key=_segment_key)

    @property
    def spools(self) -> list[Path]:
        """Every spool, written by sources outside our processes."""
        return sorted(self.folder.glob("*.spool"))

    def last_activity_ns(self, clock: Clock) -> int:
        """Return when something was last recorded (boot time, with a resolution of 5 s)."""
        latest = max(self.started_boot_ns, self._last_beat_ns())
        offset_ns = clock.wall_ns() - clock.boot_ns()
        for spool in self.spools:
            try:
                latest = max(latest, min(spool.stat().st_mtime_ns - offset_ns, clock.boot_ns()))
            except OSError:
                continue
        return latest

    def _last_beat_ns(self) -> int:
        try:
            data = read_regular(self.alive, max_bytes=_BEAT.size)
        except SignoffError:
            return 0
        return int(_BEAT.unpack(data)[0]) if len(data) == _BEAT.size else 0

    def is_over(self, clock: Clock) -> bool:
        """Whether a writer must leave this session and join the next one."""
        return self.end_reason(clock) is not None

    def end_reason(self, clock: Clock) -> EndReason | None:
        """Return why the session is over, or None while it is active."""
        now_ns = clock.boot_ns()
        if not self.is_active:
            return EndReason.CLOSED
        if self.boot_id != clock.boot_id() or now_ns < self.started_boot_ns:
            return EndReason.REBOOT
        if control_state(self.control_lines()).is_stopped:
            return EndReason.STOPPED
        if now_ns - self.started_boot_ns >= LONGEST_NS:
            return EndReason.LONGEST
        return EndReason.IDLE if now_ns - self.last_activity_ns(clock) >= IDLE_NS else None

    def control_lines(self) -> list[ControlLine]:
        """Return every control request so far."""
        return read_control(self.control)

    def is_paused(self, clock: Clock) -> bool:
        """Say whether nothing may be recorded now."""
        return control_state(self.control_lines()).is_paused(clock.boot_ns())

    def ask(
        self, verb: str, *, clock: Clock, fields: Mapping[str, str] | None = None
    ) -> ControlLine:
        """Append a control request to all writers: pause, resume, forget, stop or disable."""
        return append_control(self.control, verb, clock=clock, fields=fields)

    def join(
        self,
        writer: str,
        *,
        clock: Clock,
        header_fields: Mapping[str, object] | None = None,
    ) -> JournalWriter:
        """Create a journal in this session; the session cannot be sealed until it is closed.

        Raises:
            SessionOverError: it ended; open the workspace's next session.
            DiskFullError: there is no room.
        """
        hold = self.hold()
        try:
            return JournalWriter.create(
                self.folder, writer, clock=clock, header_fields=header_fields, hold=hold
            )
        except BaseException:
            hold.release()
            raise

    def hold(self) -> SessionHold:
        """Keep the session from being sealed, for a source that writes no journal.

        Raises:
            SessionOverError: it ended.
        """
        lock = self._share_alive()
        if not self.is_active:
            lock.release()
            raise SessionOverError(f"session {self.id} has ended")
        return SessionHold(lock)

    def _share_alive(self) -> FileLock:
        """Take the shared lock; retries, since `has_writers` holds the lock for an instant."""
        for _ in range(_SHARE_TRIES):
            lock = self._try_alive(is_shared=True)
            if lock is not None:
                return lock
            time.sleep(_SHARE_PAUSE_S)
        raise SessionOverError(f"session {self.id} is being sealed")

    def _try_alive(self, *, is_shared: bool) -> FileLock | None:
        try:
            return try_lock(self.alive, is_shared=is_shared, is_created=False)
        except SignoffError as error:
            raise SessionOverError(f"session {self.id} is gone: {error}") from error

    def has_writers(self) -> bool:
        """Whether some process holds the session's lock."""
        lock = self._try_alive(is_shared=False)
        if lock is not None:
            lock.release()
        return lock is None

    def is_owned(self) -> bool:
        """Whether a process holds the lock exclusively: it seals the session, or forgets in it."""
        lock = self._try_alive(is_shared=True)
        if lock is not None:
            lock.release()
        return lock is None

    def try_own(self) -> FileLock | None:
        """Take the exclusive lock that gathering and sealing need; None while writers hold it.

        A session that was locked exclusively once is over: nobody can join it afterwards.
        """
        lock = self._try_alive(is_shared=False)
        if lock is not None:
            (self.folder / "active").unlink(missing_ok=True)
        return lock

    def add_blob(self, data: bytes) -> str:
        """Store content as a blob and return its SHA-256 in hex; existing blobs are not rewritten.

        Raises:
            DiskFullError: there is no room.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.blobs / sha256
        if not path.exists():
            make_private_folder(self.blobs)
            replace_private(path, data)
        return sha256

    def read_blob(self, sha256: str) -> bytes:
        """Read a blob that `add_blob` stored.

        Raises:
            NotFoundError: there is none of that name.
            DamagedError: its content does not match its name.
        """
        if not _BLOB_SHAPE.fullmatch(sha256):
            raise NotFoundError(f"not the name of a blob: {sha256!r}")
        data = read_regular(self.blobs / sha256, max_bytes=_MAX_BLOB_BYTES)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DamagedError(f"blob {sha256} of session {self.id} has other content")
        return data

    def kept_blob(self, sha256: str) -> bytes | None:
        """Read a blob; None where it was not stored or is damaged.

        Nothing was stored of a bulk change: for that case this costs one look-up of the name.
        """
        if not os.path.lexists(f"{self.folder}/blobs/{sha256}"):
            return None
        try:
            return self.read_blob(sha256)
        except SignoffError:
            return None


class SessionHold:
    """A shared lock on a session's `alive` file, which also notes activity."""

    def __init__(self, lock: FileLock) -> None:
        self._lock = lock

    def beat(self, t_boot_ns: int) -> None:
        """Note the time of a record; a lost note only shortens the idle timeout."""
        try:
            write_at(self._lock.descriptor, _BEAT.pack(max(0, t_boot_ns)), 0)
        except OSError:
            return

    def release(self) -> None:
        """Release the lock, so that the session can be sealed once no other writer holds it."""
        self._lock.release()


def create_session(
    home: Home, root: Path, *, clock: Clock, fields: Mapping[str, object] | None = None
) -> Session:
    """Create a session's folder atomically, and return the session.

    Raises:
        RefusedError: the home lies inside the workspace.
        DiskFullError: there is no room.
    """
    if home.lies_inside(root):
        raise RefusedError(
            f"the home {home.root} lies inside the workspace {root}",
            hint="Set SIGNOFF_HOME to a folder outside the workspace.",
        )
    stamp = datetime.fromtimestamp(clock.wall_ns() // 10**9, UTC).strftime("%Y%m%dT%H%M%SZ")
    session_id = f"{stamp}-{secrets.token_hex(4)}"
    body: dict[str, object] = {
        **(fields or {}),
        "session_version": SESSION_VERSION,
        "id": session_id,
        "root": os.fsencode(root).decode("utf-8", "surrogateescape"),
        "started_boot_ns": clock.boot_ns(),
        "started_wall_ns": clock.wall_ns(),
        "boot_id": clock.boot_id(),
        "tool_version": __version__,
    }
    fresh = home.sessions / f".new-{session_id}"
    folder = home.sessions / session_id
    try:
        make_private_folder(fresh)
        for name, data in (
            ("session.json", json.dumps(body, indent=1, sort_keys=True).encode()),
            ("active", b""),
            ("alive", _BEAT.pack(clock.boot_ns())),
            ("control", b""),
        ):
            replace_private(fresh / name, data)
        fresh.rename(folder)
    except OSError as error:
        _remove(fresh)
        raise storage_error(error, folder) from error
    except SignoffError:
        _remove(fresh)
        raise
    sync_folder(home.sessions)
    return read_session(folder)


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def read_session(folder: Path) -> Session:
    """Read the session in a folder.

    Raises:
        NotFoundError: there is none.
        DamagedError: its session.json is invalid.
    """
    if not _ID_SHAPE.fullmatch(folder.name):
        raise NotFoundError(f"there is no session {folder.name}")
    data = read_regular(folder / "session.json", max_bytes=_MAX_SESSION_JSON)
    try:
        parsed: object = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"{folder / 'session.json'} is not JSON") from error
    fields = fields_of(parsed)
    return Session(
        id=folder.name,
        folder=folder,
        root=Path(_text(fields, "root", folder)),
        started_boot_ns=_number(fields, "started_boot_ns", folder),
        started_wall_ns=_number(fields, "started_wall_ns", folder),
        boot_id=_text(fields, "boot_id", folder),
        tool_version=_text(fields, "tool_version", folder),
        fields=fields,
    )


def _text(fields: Mapping[str, object], name: str, folder: Path) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or "\0" in value:
        raise DamagedError(f"{folder / 'session.json'} has no {name}")
    return value


def _number(fields: Mapping[str, object], name: str, folder: Path) -> int:
    value = fields.get(name)
    if type(value) is not int:
        raise DamagedError(f"{folder / 'session.json'} has no {name}")
    return value


def _segment_key(path: Path) -> tuple[str, int]:
    writer, _, segment = path.name.removesuffix(".journal").rpartition(".")
    return writer, int(segment) if segment.isascii() and segment.isdigit() else 0
