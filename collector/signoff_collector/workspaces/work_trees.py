"""Find the work tree that contains a path, by looking at `.git` only: no program runs.

A repository's claim to belong to another one is not trusted: a linked work tree counts as such only
when the repository it names points back at it.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from signoff_collector.system.files.opening import open_to_read

_MAX_POINTER_BYTES: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTree:
    """One checked-out work tree."""

    root: Path
    """Real path of its top folder."""

    common_dir: Path | None
    """Real path of the git directory, or None where it cannot be trusted or read."""

    shares_repository: bool
    """Whether the opt-in of `common_dir`'s other work trees applies here too."""


def work_tree_at(folder: Path) -> WorkTree | None:
    """Return the work tree whose top is exactly this real path, if there is one."""
    marker = folder / ".git"
    try:
        mode = os.lstat(marker).st_mode
    except OSError:
        return None
    if stat.S_ISDIR(mode):
        return WorkTree(root=folder, common_dir=marker, shares_repository=True)
    if stat.S_ISREG(mode):
        return _pointed(folder, marker)
    return WorkTree(root=folder, common_dir=None, shares_repository=False)


def work_tree_of(path: Path) -> WorkTree | None:
    """Return the innermost work tree that contains this real path."""
    for folder in (path, *path.parents):
        found = work_tree_at(folder)
        if found is not None:
            return found
    return None


def _pointed(folder: Path, marker: Path) -> WorkTree:
    """Resolve a `.git` file: a linked work tree, a submodule, or a separate git directory."""
    line = read_small(marker)
    opaque = WorkTree(root=folder, common_dir=None, shares_repository=False)
    if line is None or not line.startswith(b"gitdir: "):
        return opaque
    git_dir = _resolved(folder, line[len(b"gitdir: ") :])
    if git_dir is None:
        return opaque
    common = read_small(git_dir / "commondir")
    if common is None:
        return WorkTree(root=folder, common_dir=git_dir, shares_repository=False)
    common_dir = _resolved(git_dir, common)
    back = read_small(git_dir / "gitdir")
    is_linked = (
        common_dir is not None
        and git_dir.parent == common_dir / "worktrees"
        and back is not None
        and _resolved(git_dir, back) == marker
    )
    return WorkTree(root=folder, common_dir=common_dir, shares_repository=is_linked)


def _resolved(base: Path, raw: bytes) -> Path | None:
    line = raw.rstrip(b"\r\n")
    if not line or b"\0" in line:
        return None
    return Path(os.path.realpath(base / os.fsdecode(line)))


def read_small(path: Path, max_bytes: int = _MAX_POINTER_BYTES) -> bytes | None:
    """Read a small regular file without following a link or blocking on a pipe, else None."""
    content = _start_of(path, max_bytes + 1)
    return None if content is None or len(content) > max_bytes else content


def read_first_line(path: Path) -> bytes | None:
    """Read the first line of a file, as `read_small` does; at most 4 KiB of it."""
    content = _start_of(path, _MAX_POINTER_BYTES)
    return None if content is None else content.partition(b"\n")[0]


def _start_of(path: Path, limit: int) -> bytes | None:
    try:
        descriptor = open_to_read(path)
    except (OSError, ValueError):
        return None
    try:
        is_regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return os.read(descriptor, limit) if is_regular else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def file_stamp(path: Path | str) -> tuple[int, ...] | None:
    """Return a stamp that changes when a file does, or None when there is none."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def steps_up(folder: str, top: str) -> list[str]:
    """Return a folder and its parents up to `top`; empty when it is not below that."""
    steps: list[str] = []
    while folder != top:
        steps.append(folder)
        above = os.path.dirname(folder)  # noqa: PTH120  pathlib costs ten times as much
        if above == folder:
            return []
        folder = above
    return [*steps, top]
