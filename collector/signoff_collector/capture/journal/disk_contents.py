"""Read files from disk and store them as blobs, so that sealing can compare and resync."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import open_regular
from signoff_schemas.errors import NotFoundError, SignoffError

if TYPE_CHECKING:
    from signoff_collector.capture.opt_in.policy import Policy

MAX_FILES: Final = 400
"""Most files of one step; any others are compared at their next save."""
MAX_FILE_BYTES: Final = 8 << 20
MAX_TOTAL_BYTES: Final = 32 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskContent:
    """One file of the workspace as it was read."""

    path: str
    """Relative to the workspace, with forward slashes."""
    content: bytes | None
    """None when the file does not exist."""
    mode: str | None
    """As git writes it: 100644 or 100755."""

    @property
    def sha256(self) -> str | None:
        """Of the content."""
        return None if self.content is None else hashlib.sha256(self.content).hexdigest()


def read_disk(
    root: Path, paths: Iterable[Path], policy: Policy, *, until_wall_ns: int | None = None
) -> tuple[DiskContent, ...]:
    """Read those files among `paths` that may be recorded, sorted by name.

    Files that the policy excludes, links, binary and large files are skipped, and so are files that
    changed after `until_wall_ns`: their content at that time can no longer be read.
    """
    wanted = sorted({path for path in paths if path.is_relative_to(root)})[:MAX_FILES]
    verdicts = policy.verdicts(wanted) if wanted else {}
    left_bytes = MAX_TOTAL_BYTES
    found: list[DiskContent] = []
    for path in wanted:
        if not verdicts[path].recorded:
            continue
        content = _read(root, path, min(MAX_FILE_BYTES, left_bytes))
        if until_wall_ns is not None and _changed_after(path, until_wall_ns):
            continue
        if content is not None:
            left_bytes -= len(content.content or b"")
            found.append(content)
    return tuple(found)


def _changed_after(path: Path, wall_ns: int) -> bool:
    """Whether a file, its mode or its name changed after a wall-clock time.

    Compares the inode's ctime, which no program can set. The kernel updates it with a granularity
    of 1 to 10 ms, so a change in the same tick counts as before.
    """
    try:
        return os.lstat(path).st_ctime_ns > wall_ns
    except OSError:
        return False


def _read(root: Path, path: Path, limit_bytes: int) -> DiskContent | None:
    name = path.relative_to(root).as_posix()
    try:
        descriptor = open_regular(path)
    except NotFoundError:
        return DiskContent(path=name, content=None, mode=None)
    except SignoffError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        try:
            mode = os.fstat(descriptor).st_mode
            data = file.read(limit_bytes + 1)
        except OSError:
            return None
    if len(data) > limit_bytes or b"\0" in data:
        return None
    return DiskContent(path=name, content=data, mode="100755" if mode & stat.S_IXUSR else "100644")
