"""Read files of the work tree into disk items: content, digest, mode (docs/journal.md)."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.files.file_table import Known, known, mode_of
from signoff_collector.capture.journal.disk_contents import MAX_FILE_BYTES, MAX_TOTAL_BYTES
from signoff_collector.capture.sessions.blobs import add_blobs
from signoff_collector.system.files.opening import open_to_read

if TYPE_CHECKING:
    from signoff_collector.capture.sessions.sessions import Session

MAX_HASHED_BYTES: Final = 64 << 20
"""A larger file is not recorded; one above 8 MiB only with its digest."""
MAX_READ_BYTES: Final = 512 << 20
"""Most bytes that are read for one record."""
_PIECE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FileItem:
    """One file as it was read, or its deletion."""

    path: str
    """Relative to the workspace, with forward slashes."""
    sha256: str | None = None
    """SHA-256 of the bytes; None when the file does not exist."""
    size_bytes: int | None = None
    mode: str | None = None
    """As git writes it."""
    content: bytes | None = field(default=None, repr=False)
    """What is stored as a blob; None where it may not or need not be."""
    changed_ns: int | None = None
    """Wall-clock time of the file's last change (inode time); None when it is deleted."""
    gone_boot_ns: int | None = None
    """When the kernel told that it was deleted; None when it was not, or it did not tell."""

    @property
    def fields(self) -> dict[str, object]:
        """The disk item of a record."""
        return {
            "path": self.path,
            "sha256": self.sha256,
            "size_bytes": self.size_bytes,
            "mode": self.mode,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FileBytes:
    """The content of a path, and its index entry."""

    sha256: str
    size_bytes: int
    mode: str
    value: Known
    changed_ns: int
    """Wall-clock time of the last change to the file, from its file system."""
    data: bytes | None = field(default=None, repr=False)
    """The bytes; None where the file is too large to be kept in memory."""

    def git_name(self, length: int) -> str | None:
        """Compute the git object id of a blob of these bytes, without filters.

        Args:
            length: hex digits of the repository's object ids, 40 or 64.
        """
        if self.data is None:
            return None
        algorithm = "sha256" if length == 64 else "sha1"
        found = hashlib.new(algorithm, b"blob %d\0" % len(self.data), usedforsecurity=False)
        found.update(self.data)
        return found.hexdigest()


class Allowance:
    """The remaining budget of one record: bytes to read and to keep."""

    def __init__(self, files: int, kept_bytes: int = MAX_TOTAL_BYTES) -> None:
        """Begin a record.

        Args:
            files: most contents to keep.
            kept_bytes: most bytes of them together.
        """
        self._files = files
        self._kept_bytes = kept_bytes
        self._read_bytes = MAX_READ_BYTES

    def read(self, path: str) -> FileBytes | None:
        """Read a file, or the target of a link; None for anything else, too large or unreadable.

        Links are not followed, and pipes not waited for (threat 33).
        """
        try:
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):
                target = os.fsencode(Path(path).readlink())
                return _found(hashlib.sha256(target).hexdigest(), "120000", status, target)
            limit_bytes = min(MAX_HASHED_BYTES, self._read_bytes)
            if not stat.S_ISREG(status.st_mode) or status.st_size > limit_bytes:
                return None
            self._read_bytes -= status.st_size
            return _read_regular(path, limit_bytes)
        except (OSError, ValueError):
            return None

    def item(self, path: str, found: FileBytes) -> FileItem:
        """Build the item of a file; its content is included if the budget allows.

        Binary files are recorded by digest only.
        """
        data = found.data
        is_kept = data is not None and self._files > 0 and len(data) <= self._kept_bytes
        is_kept = is_kept and data is not None and b"\0" not in data
        if is_kept:
            self._files -= 1
            self._kept_bytes -= found.size_bytes
        return FileItem(
            path=path,
            sha256=found.sha256,
            size_bytes=found.size_bytes,
            mode=found.mode,
            content=data if is_kept else None,
            changed_ns=found.changed_ns,
        )


def _read_regular(path: str, limit_bytes: int) -> FileBytes | None:
    descriptor = open_to_read(path)
    try:
        status = os.fstat(descriptor)
        mode = mode_of(status)
        if mode is None or mode == "120000":
            return None
        digest = hashlib.sha256()
        pieces: list[bytes] | None = [] if status.st_size <= MAX_FILE_BYTES else None
        left = limit_bytes
        wanted = min(_PIECE_BYTES, max(status.st_size + 1, 4096))
        while piece := os.read(descriptor, wanted):
            left -= len(piece)
            if left < 0:
                return None
            digest.update(piece)
            if pieces is not None:
                pieces.append(piece)
            if len(piece) == status.st_size < wanted:
                break  # that is all of it: another read would only return nothing
    finally:
        os.close(descriptor)
    data = None if pieces is None or limit_bytes - left > MAX_FILE_BYTES else b"".join(pieces)
    return _found(digest.hexdigest(), mode, status, data, size_bytes=limit_bytes - left)


def _found(
    sha256: str, mode: str, status: os.stat_result, data: bytes | None, *, size_bytes: int = 0
) -> FileBytes:
    return FileBytes(
        sha256=sha256,
        size_bytes=size_bytes if data is None else len(data),
        mode=mode,
        value=known(status, mode),
        changed_ns=status.st_ctime_ns,
        data=data,
    )


def keep_items(session: Session, items: list[FileItem]) -> list[dict[str, object]]:
    """Store the contents as blobs of the session; return the items of a record.

    Raises:
        DiskFullError: there is no room.
    """
    add_blobs(
        session,
        {item.sha256: item.content for item in items if item.sha256 and item.content is not None},
    )
    return [item.fields for item in items]
