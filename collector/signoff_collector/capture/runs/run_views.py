"""Snapshot the relevant files before and after a test run, within a time limit.

`git status` names what differs from HEAD, including untracked files; together with HEAD and the
index that is the state of the whole work tree, at the cost of reading few files. If it cannot be
completed in time, the snapshot is incomplete and the run's exactness `unknown`: the command never
waits for it.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.disk_contents import MAX_FILES, DiskContent, read_disk
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.capture.git.git import Git
    from signoff_collector.capture.opt_in.policy import Policy

BEFORE_S: Final = 0.25
"""Most time that a command is delayed by the snapshot before it."""
AFTER_S: Final = 2.0
_STATUS: Final = (
    "status", "--porcelain=v2", "-z", "--branch", "--ignore-submodules=all", "--no-renames",
    "--untracked-files=all",
)  # fmt: skip
_MAX_PATHS: Final = 20_000
_CACHES: Final = frozenset(
    {"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".tox", ".nox",
     "node_modules", ".gradle", ".nyc_output", ".jest", ".turbo"}
)  # fmt: skip
_CACHE_FILES: Final = (".coverage", "coverage.xml", "coverage.json", "lcov.info")
"""Files that runners write for their own use; they say nothing about the code under test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A snapshot of the work tree, as far as it differs from HEAD."""

    contents: tuple[DiskContent, ...] = ()
    """Content of touched and differing files that may be recorded."""
    marks: Mapping[str, tuple[object, ...]] = field(default_factory=dict[str, tuple[object, ...]])
    """Path to a fingerprint: git's status, mode, and content hash or stamp."""
    head: str | None = None
    is_complete: bool = False
    """Whether everything that differs was seen."""

    def exactness(self, after: RunView) -> str:
        """Compare two snapshots: did the command run on one known state?"""
        if not self.is_complete or not after.is_complete:
            return "unknown"
        is_same = (self.head, self.marks) == (after.head, after.marks)
        return "exact" if is_same else "raced"


def look(
    git: Git,
    root: Path,
    policy: Policy,
    *,
    touched: Iterable[Path] = (),
    limit_s: float,
    left_out: Iterable[Path] = (),
) -> RunView:
    """Take a snapshot; `touched` files are read even if git reports no difference.

    `left_out` are files to ignore, such as the report that the command writes.
    """
    end_s = time.monotonic() + limit_s
    paths = {path for path in touched if path.is_relative_to(root)}
    states: dict[str, bytes] = {}
    head: str | None = None
    is_complete = False
    try:
        head, states = _parse(git.run(*_STATUS, timeout_s=limit_s))
        is_complete = len(states) <= _MAX_PATHS
    except SignoffError:
        pass
    top = git.repository.root if git.repository is not None else root
    ignored = set(left_out)
    differing = {
        top / name: state
        for name, state in list(states.items())[:_MAX_PATHS]
        if not is_cache(name) and top / name not in ignored
    }
    is_in_time = time.monotonic() < end_s
    wanted = sorted(paths | set(differing) if is_in_time else paths)[:MAX_FILES]
    contents = read_disk(root, wanted, policy)
    is_whole = len(paths | set(differing)) <= MAX_FILES  # else which are read may vary
    digests = {root / item.path: item.sha256 for item in contents if is_whole}
    marks = {
        os.path.relpath(path, root): _mark(path, state, digests.get(path))
        for path, state in differing.items()
    }
    return RunView(
        contents=contents,
        marks=marks,
        head=head,
        is_complete=is_complete and is_in_time and time.monotonic() < end_s,
    )


def is_cache(name: str) -> bool:
    """Whether a path is a cache of test runners or compilers."""
    parts = PurePosixPath(name).parts
    return (
        not _CACHES.isdisjoint(parts)
        or name.endswith((".pyc", ".pyo"))
        or parts[-1:] in {(file,) for file in _CACHE_FILES}
        or parts[-1].startswith(".coverage.")
    )


def _mark(path: Path, state: bytes, sha256: str | None) -> tuple[object, ...]:
    """Return a fingerprint of a file: a link's target, a content hash or a stamp."""
    try:
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode):
            return state, "link", os.readlink(path)  # noqa: PTH115  kept as it is written
    except OSError:
        return state, "gone"
    is_program = bool(found.st_mode & stat.S_IXUSR)
    if sha256 is not None:
        return state, is_program, sha256
    return state, stat.S_IFMT(found.st_mode), is_program, found.st_size, found.st_mtime_ns


def _parse(output: bytes) -> tuple[str | None, dict[str, bytes]]:
    """Parse `status -z`: return HEAD, and path to git's status (with mode and blob id)."""
    head: str | None = None
    states: dict[str, bytes] = {}
    for entry in output.split(b"\0"):
        kind = entry[:1]
        if entry.startswith(b"# branch.oid "):
            head = entry[13:].decode("ascii", "replace")
        elif kind == b"?":
            states[entry[2:].decode("utf-8", "surrogateescape")] = b"?"
        elif kind in {b"1", b"u"}:
            words = entry.split(b" ", 8 if kind == b"1" else 10)
            states[words[-1].decode("utf-8", "surrogateescape")] = b" ".join(words[:-1])
    return head, states
