"""The files that matter to a test run, looked at before and after it, within a time limit.

`git status` names what differs from HEAD, untracked files too; with HEAD itself and the index that
is the state of the whole work tree, read from a few files. What cannot be seen in time makes the
view incomplete, and the run's exactness `unknown`: the command never waits for it.
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
"""What a command may be kept waiting for the view before it."""
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
"""What runners write for themselves; it says nothing of the code that was tested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """The work tree at one moment, as far as it differs from HEAD."""

    contents: tuple[DiskContent, ...] = ()
    """Of touched and differing files that may be recorded."""
    marks: Mapping[str, tuple[object, ...]] = field(default_factory=dict[str, tuple[object, ...]])
    """Path to what tells its states apart: git's word, mode, and content or stamp."""
    head: str | None = None
    is_complete: bool = False
    """Whether everything that differs was seen."""

    def exactness(self, after: RunView) -> str:
        """Say whether what ran between both views ran on one known state."""
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
    """Read the view of now; `touched` files are read even where git sees no difference.

    `left_out` are files that do not count, such as the report the command writes.
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
    """Whether a path is what test runners and compilers write for themselves."""
    parts = PurePosixPath(name).parts
    return (
        not _CACHES.isdisjoint(parts)
        or name.endswith((".pyc", ".pyo"))
        or parts[-1:] in {(file,) for file in _CACHE_FILES}
        or parts[-1].startswith(".coverage.")
    )


def _mark(path: Path, state: bytes, sha256: str | None) -> tuple[object, ...]:
    """Return what changes when the file does: a link's target, a content's hash or a stamp."""
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
    """Return HEAD, and path to git's word on it (with mode and index id), of `status -z`."""
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
