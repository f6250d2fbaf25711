"""List where a work tree differs from its HEAD, byte for byte: the content of a TREE record.

Git is asked which files differ; nothing is refreshed and no filter runs. Files that git converts
(line endings, filters) have other bytes on disk than in the commit although git reports them as
unchanged: they are found by their size.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.files.file_items import Allowance, FileItem
from signoff_collector.capture.files.file_table import (
    Known,
    git_id,
    is_same_stamp,
    known,
    mode_of,
    sha256_id,
)
from signoff_collector.capture.git.git import Git, find_repository, read_head
from signoff_collector.capture.git.git_repository import is_pipe
from signoff_schemas.errors import ChildFailedError, DamagedError, SignoffError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.capture.files.file_rules import FileRules
    from signoff_collector.capture.git.git_repository import Repository

MAX_ENTRIES: Final = 20_000
MAX_ASKED: Final = 40_000
"""Most files that the policy is queried about where there is no git, to bound memory."""
MAX_KEPT_FILES: Final = 5_000
MAX_KEPT_BYTES: Final = 64 << 20
MAX_COMMIT_FILES: Final = 100_000
"""For a larger commit the sizes are not compared."""
_MAX_REMEMBERED: Final = 20_000
_RACY_NS: Final = 20_000_000
_STATUS: Final = (
    "status", "--porcelain=v2", "-z", "--ignore-submodules=all", "--no-renames",
    "--untracked-files=all",
)  # fmt: skip
_FIELDS_BEFORE_PATH: Final = {b"1": 8, b"u": 10}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """One listing of a work tree."""

    head: str | None
    """The commit it is compared with; None without one: then every file differs."""
    items: list[FileItem]
    is_complete: bool
    """Whether every differing file that may be recorded is listed, with or without content."""
    contents: dict[str, bytes] = field(repr=False)
    """Path to content id, also of files that do not differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Committed:
    """One file of the commit."""

    object_id: str
    size_bytes: int


class TreeReader:
    """Lists one work tree repeatedly; unchanged files are served from a cache."""

    def __init__(self, root: Path, rules: FileRules) -> None:
        """Prepare the reader.

        Args:
            root: real path of the workspace.
            rules: what of it may be recorded.
        """
        self._root = root
        self._rules = rules
        self._git: Git | None = None
        self._seen: dict[str, tuple[Known, FileItem]] = {}
        self._commit: tuple[str, dict[str, _Committed]] | None = None

    def forget(self) -> None:
        """Clear the cache: stored blobs may have been removed."""
        self._seen.clear()

    def read(
        self,
        paths: Iterable[str],
        wall_ns: int,
        *,
        also: frozenset[str] = frozenset(),
        folders: Iterable[str] = (),
    ) -> Tree:
        """Return where the work tree differs from HEAD, or every file where there is no git.

        Args:
            paths: every file, relative to the workspace; used only without git.
            wall_ns: current wall-clock time.
            also: files to list although they may be unchanged or deleted.
            folders: every folder, as far as known; see `read_differing`.
        """
        repository = find_repository(self._root)
        if repository is None or repository.is_bare:
            some = frozenset(islice(paths, MAX_ASKED + 1))
            found = self._read_files(None, some | also, {}, wall_ns, also)
            return found if len(some) <= MAX_ASKED else replace(found, is_complete=False)
        if self._git is None or self._git.repository != repository:
            self._git = Git(self._root)
        try:
            head = _head(self._git, repository)
            differing = set(read_differing(self._git, self._root, folders))
        except SignoffError:
            return Tree(head=None, items=[], is_complete=False, contents={})
        committed = self._committed(self._git, head) if head is not None else {}
        differing |= set(self._converted(committed, differing))
        return self._read_files(head, differing | also, committed, wall_ns, also)

    def _committed(self, git: Git, head: str) -> dict[str, _Committed]:
        if self._commit is not None and self._commit[0] == head:
            return self._commit[1]
        try:
            found = _list_commit(git, self._root, head)
        except SignoffError:
            return {}
        self._commit = (head, found) if len(found) <= _MAX_REMEMBERED else None
        return found

    def _converted(self, committed: dict[str, _Committed], differing: set[str]) -> Iterator[str]:
        """Yield files that git reports as unchanged although their bytes differ from its blobs."""
        top = str(self._root)
        for path, file in committed.items():
            if path in differing:
                continue
            try:
                size_bytes = os.lstat(f"{top}/{path}").st_size
            except OSError:
                continue  # git did not report it as deleted: left out on purpose, or just gone
            if size_bytes != file.size_bytes:
                yield path

    def _read_files(
        self, head: str | None, paths: Iterable[str], committed: dict[str, _Committed],
        wall_ns: int, also: frozenset[str],
    ) -> Tree:  # fmt: skip
        allowed = sorted(self._rules.files(paths))
        allowance = Allowance(MAX_KEPT_FILES, MAX_KEPT_BYTES)
        is_complete = len(allowed) <= MAX_ENTRIES
        contents = {path: git_id(file.object_id) for path, file in committed.items()}
        items: list[FileItem] = []
        for path in allowed[:MAX_ENTRIES]:
            item = self._item(path, allowance, wall_ns)
            contents.pop(path, None)
            if item is None:
                is_complete = False
                continue
            if item.sha256 is not None:
                contents[path] = sha256_id(item.sha256)
            if item.sha256 is not None or head is not None or path in also:
                items.append(item)
        return Tree(head=head, items=items, is_complete=is_complete, contents=contents)

    def _item(self, path: str, allowance: Allowance, wall_ns: int) -> FileItem | None:
        """Return one file as it is, from the cache if unchanged; None when it cannot be read."""
        full = f"{self._root}/{path}"
        try:
            status = os.lstat(full)
        except OSError:
            return FileItem(path=path)
        mode = mode_of(status)
        if mode is None:
            return FileItem(path=path)
        seen = self._seen.get(path)
        if seen is not None and is_same_stamp(seen[0], known(status, mode)):
            return seen[1]
        data = allowance.read(full)
        if data is None:
            return None
        item = allowance.item(path, data)
        if item.content is not None and abs(wall_ns - data.changed_ns) > _RACY_NS:
            # The content is stored as a blob from now on, so the cache need not hold it.
            self._seen[path] = (data.value, _without_content(item))
        return item


def _without_content(item: FileItem) -> FileItem:
    return FileItem(path=item.path, sha256=item.sha256, size_bytes=item.size_bytes, mode=item.mode)


def read_differing(git: Git, root: Path, folders: Iterable[str] = ()) -> list[str]:
    """Return the files that git finds changed or untracked, relative to a folder of the work tree.

    Args:
        git: of the work tree.
        root: the folder.
        folders: those below it. With a pipe as one's `.gitignore` git would block until it is
            killed, so it is not asked.

    Raises:
        SignoffError: git failed, took too long or was not asked.
    """
    for folder in folders:
        path = root / folder / ".gitignore"
        if is_pipe(path):
            raise ChildFailedError(f"git is not asked here: {path} is a pipe or a device")
    prefix = _prefix(git, root)
    output = git.run(*_STATUS, "--", prefix) if prefix else git.run(*_STATUS)
    found: list[str] = []
    for entry in output.split(b"\0"):
        kind = entry[:1]
        fields = _FIELDS_BEFORE_PATH.get(kind)
        words = entry[2:].split(b" ", 0) if kind == b"?" else entry.split(b" ", fields or 0)
        if (kind != b"?" and fields is None) or len(words) != (fields or 0) + 1:
            continue
        is_submodule = kind == b"1" and entry[5:6] == b"S"
        if not is_submodule and not words[-1].endswith(b"/"):
            found.append(_below(os.fsdecode(words[-1]), prefix))
    return found


def _list_commit(git: Git, root: Path, head: str) -> dict[str, _Committed]:
    """Return the files of a commit with the sizes of their blobs; empty for a huge one.

    Raises:
        SignoffError: git failed, as where a partial clone lacks blobs.
    """
    prefix = _prefix(git, root)
    listed = ("ls-tree", "-r", "-l", "-z", "--full-tree", head)
    output = git.run(*listed, "--", prefix) if prefix else git.run(*listed)
    if output.count(b"\0") > MAX_COMMIT_FILES:
        return {}
    found: dict[str, _Committed] = {}
    for line in output.split(b"\0"):
        meta, _, path = line.partition(b"\t")
        words = meta.split()
        if len(words) == 4 and words[1] == b"blob" and words[3].isdigit():
            name = _below(os.fsdecode(path), prefix)
            found[name] = _Committed(object_id=words[2].decode(), size_bytes=int(words[3]))
    return found


def _prefix(git: Git, root: Path) -> str:
    """Return the workspace's path in the repository's work tree; empty for its top."""
    top = root if git.repository is None else git.repository.root
    place = root.relative_to(top).as_posix() if root.is_relative_to(top) else "."
    return "" if place == "." else place


def _below(path: str, prefix: str) -> str:
    return path.removeprefix(f"{prefix}/") if prefix else path


def _head(git: Git, repository: Repository) -> str | None:
    try:
        return read_head(repository).commit
    except DamagedError:
        asked = git.result("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return asked.stdout.decode("ascii", "replace").strip() or None
