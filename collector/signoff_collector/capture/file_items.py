"""Files of the work tree read into disk items: content, digest, mode (docs/journal.md)."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.disk_contents import MAX_FILE_BYTES, MAX_TOTAL_BYTES
from signoff_collector.capture.file_table import Known, known, mode_of

if TYPE_CHECKING:
    from signoff_collector.capture.sessions import Session

_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class FileItem:
    """One file as it was read, or as it is gone."""

    path: str
    """Relative to the workspace, with forward slashes."""
    sha256: str | None = None
    """Of the bytes; None when there is no such file."""
    size_bytes: int | None = None
    mode: str | None = None
    """As git writes it."""
    content: bytes | None = field(default=None, repr=False)
    """What is kept as a blob; None where it may not or need not be."""

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
    """What lay at a path, and how it is remembered."""

    data: bytes = field(repr=False)
    mode: str
    value: Known
    changed_ns: int
    """Time of day at which anything about the file last changed, as its file system says it."""

    @property
    def sha256(self) -> str:
        """Of the bytes."""
        return hashlib.sha256(self.data).hexdigest()

    def git_name(self, length: int) -> str:
        """Return what git would call a blob of these bytes, as they are and unfiltered.

        Args:
            length: hex digits of the repository's names, 40 or 64.
        """
        algorithm = "sha256" if length == 64 else "sha1"
        found = hashlib.new(algorithm, b"blob %d\0" % len(self.data), usedforsecurity=False)
        found.update(self.data)
        return found.hexdigest()


def read_bytes(path: str, limit_bytes: int = MAX_FILE_BYTES) -> FileBytes | None:
    """Read a file, or the target of a link; None for what is neither, too large or unreadable.

    Nothing is followed or waited for (THREATS 33).
    """
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            target = os.fsencode(Path(path).readlink())
            return _found(target, "120000", status)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit_bytes:
            return None
        return _read_regular(path, limit_bytes)
    except (OSError, ValueError):
        return None


def _read_regular(path: str, limit_bytes: int) -> FileBytes | None:
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        mode = mode_of(status)
        pieces: list[bytes] = []
        left = limit_bytes + 1
        while mode is not None and left > 0:
            piece = os.read(descriptor, min(left, max(status.st_size, 4096) + 1))
            if not piece:
                return _found(b"".join(pieces), mode, status)
            pieces.append(piece)
            left -= len(piece)
    finally:
        os.close(descriptor)
    return None


def _found(data: bytes, mode: str, status: os.stat_result) -> FileBytes:
    value = known(status, mode)
    return FileBytes(data=data, mode=mode, value=value, changed_ns=status.st_ctime_ns)


class Allowance:
    """How much content one record may still keep."""

    def __init__(self, files: int, total_bytes: int = MAX_TOTAL_BYTES) -> None:
        self._files = files
        self._left_bytes = total_bytes
        self.was_enough = True
        """False once something was not kept for want of room, or was binary."""

    def item(self, path: str, found: FileBytes, sha256: str | None = None) -> FileItem:
        """Make the item of a file; its content stays with it where there is room for it."""
        is_kept = self._files > 0 and len(found.data) <= self._left_bytes
        is_kept = is_kept and b"\0" not in found.data
        if is_kept:
            self._files -= 1
            self._left_bytes -= len(found.data)
        else:
            self.was_enough = False
        return FileItem(
            path=path,
            sha256=sha256 or found.sha256,
            size_bytes=len(found.data),
            mode=found.mode,
            content=found.data if is_kept else None,
        )


def keep_items(session: Session, items: list[FileItem]) -> list[dict[str, object]]:
    """Store what is to be kept as blobs of the session; return the items of a record.

    Raises:
        DiskFullError: there is no room.
    """
    for item in items:
        if item.content is not None:
            session.add_blob(item.content)
    return [item.fields for item in items]
