"""Read trees and file contents from git's objects; no filter runs, nothing is checked out."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_schemas.errors import DamagedError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.capture.git.git import Git

LINK: Final = "120000"
FILE_MODES: Final = frozenset({"100644", "100755", "100664", LINK})
"""Modes of files and symbolic links; submodules have another."""
_PATHS_PER_CALL: Final = 500
_OBJECTS_PER_CALL: Final = 200


class TreeEntry(NamedTuple):
    """One entry of a commit's tree."""

    path: str
    """From the top of the repository; bytes that are not UTF-8 are escaped as Python does."""
    mode: str
    object_id: str


def list_tree(git: Git, revision: str, paths: Sequence[str] | None = None) -> list[TreeEntry]:
    """Return the entries of a commit: all of them, or those at some paths.

    Submodules are included, with their mode. One child process: with many paths the whole tree is
    listed and filtered.

    Raises:
        SignoffError: git fails, or has no such commit.
    """
    commit = f"{revision}^{{commit}}"
    if paths is None:
        return list(_entries(git.run("ls-tree", "-r", "-z", "--full-tree", commit)))
    if len(paths) > _PATHS_PER_CALL:
        wanted = frozenset(paths)
        every = _entries(git.run("ls-tree", "-r", "-z", "--full-tree", commit))
        return [entry for entry in every if entry.path in wanted]
    return list(_entries(git.run("ls-tree", "-z", "--full-tree", commit, "--", *paths)))


def _entries(listing: bytes) -> Iterator[TreeEntry]:
    for entry in listing.split(b"\0"):
        head, _, name = entry.partition(b"\t")
        if name:
            mode, _, object_id = head.decode("ascii").split(" ")
            yield TreeEntry(name.decode("utf-8", "surrogateescape"), mode, object_id)


def object_sizes(git: Git, object_ids: Iterable[str]) -> list[tuple[str, int]]:
    """Return each blob and its size in bytes, in order; missing objects are left out.

    Raises:
        SignoffError: git fails.
    """
    asked = "".join(f"{one}\n" for one in object_ids).encode()
    answer = git.run("cat-file", "--batch-check", stdin=asked) if asked else b""
    found: list[tuple[str, int]] = []
    for line in answer.decode("ascii", "replace").splitlines():
        object_id, _, rest = line.partition(" ")
        kind, _, size = rest.partition(" ")
        if kind == "blob" and size.isdigit():
            found.append((object_id, int(size)))
    return found


def missing_objects(git: Git, commit: str) -> set[str]:
    """Return the blobs of a commit that a partial clone never fetched; reading one would fail.

    Raises:
        SignoffError: git fails.
    """
    told = git.run("rev-list", "--objects", "--no-walk", "--missing=print", commit)
    return {line[1:].decode("ascii") for line in told.split(b"\n") if line.startswith(b"?")}


def read_objects(git: Git, object_ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the content of each object in turn; keeps some 200 in memory at a time.

    Raises:
        DamagedError: the repository lacks one.
        SignoffError: git fails.
    """
    wanted = list(object_ids)
    for start in range(0, len(wanted), _OBJECTS_PER_CALL):
        some = wanted[start : start + _OBJECTS_PER_CALL]
        yield from zip(some, _read(git, some), strict=True)


def _read(git: Git, object_ids: list[str]) -> Iterator[bytes]:
    answer = git.run("cat-file", "--batch", stdin="".join(f"{o}\n" for o in object_ids).encode())
    at = 0
    for object_id in object_ids:
        end = answer.find(b"\n", at)
        fields = answer[at:end].split(b" ")
        if end < 0 or len(fields) != 3 or fields[1] != b"blob":
            raise DamagedError(f"git has no file {object_id}", hint="Fetch the whole repository.")
        size = int(fields[2])
        yield answer[end + 1 : end + 1 + size]
        at = end + 1 + size + 1


def file_versions(git: Git, paths: Sequence[str]) -> dict[str, set[str]]:
    """Return the blobs that any commit, stash or reflog entry has at some paths.

    Args:
        git: of the repository.
        paths: from its top.

    Raises:
        SignoffError: git fails.
    """
    found: dict[str, set[str]] = {path: set() for path in paths}
    for start in range(0, len(paths), _PATHS_PER_CALL):
        some = paths[start : start + _PATHS_PER_CALL]
        log = git.run(
            "log", "--all", "--reflog", "-m", "--raw", "--no-abbrev", "--no-renames", "-z",
            "--format=", "--", *some,
        )  # fmt: skip
        for path, object_id in _raw_changes(log):
            if path in found:
                found[path].add(object_id)
    return found


def _raw_changes(log: bytes) -> Iterator[tuple[str, str]]:
    """Yield path and blob on either side of each change in the output of `log --raw -z`."""
    fields = iter(log.split(b"\0"))
    for head in fields:
        words = head.strip(b"\n").split(b" ")
        if len(words) != 5 or not words[0].startswith(b":"):
            continue
        path = next(fields, b"").decode("utf-8", "surrogateescape")
        for mode, object_id in ((words[0][1:], words[2]), (words[1], words[3])):
            if mode.decode() in FILE_MODES and object_id.strip(b"0"):
                yield path, object_id.decode("ascii")


def spellings(content: bytes) -> dict[str, bytes]:
    """Return the forms a blob may have on disk, by SHA-256: unchanged, or with CRLF ends."""
    found = {hashlib.sha256(content).hexdigest(): content}
    if b"\n" in content and b"\r" not in content:
        spelled = content.replace(b"\n", b"\r\n")
        found[hashlib.sha256(spelled).hexdigest()] = spelled
    return found


def folder_prefix(git: Git, folder: Path) -> str:
    """Return the path of a folder in its repository: empty, or with a trailing slash.

    Raises:
        NotFoundError: it is in no repository.
    """
    repository = git.repository
    if repository is None:
        raise NotFoundError(f"{folder} is not in a git repository")
    top, here = repository.root.resolve(), folder.resolve()
    below = here.relative_to(top).as_posix() if here.is_relative_to(top) else "."
    return "" if below == "." else f"{below}/"


def find_contents(
    git: Git, prefix: str, paths: Iterable[str], wanted: Collection[str]
) -> Iterator[tuple[str, bytes]]:
    """Yield SHA-256 and bytes of each wanted content that the repository ever had at some paths.

    Args:
        git: of the repository.
        prefix: of the folder that the paths are relative to, from `folder_prefix`.
        paths: where to look; any of them matches, since a file may have been moved.
        wanted: SHA-256 of contents.

    Raises:
        SignoffError: git fails, or lacks an object.
    """
    left = set(wanted)
    if not left:
        return
    versions = file_versions(git, sorted({prefix + path for path in paths}))
    for _, content in read_objects(git, sorted(set().union(*versions.values()))):
        for sha256, spelled in spellings(content).items():
            if sha256 in left:
                left.remove(sha256)
                yield sha256, spelled


class GitBase:
    """A commit, limited to one folder of the work tree, and the history of the repository."""

    def __init__(self, git: Git, prefix: str, revision: str) -> None:
        self._git = git
        self._prefix = prefix
        self._revision = revision
        self.submodules: tuple[str, ...] = ()
        """Paths of the commit's submodules; filled while `files` is read."""

    def files(self) -> Iterator[tuple[str, str, bytes]]:
        """Yield path, mode and content of every file of the commit.

        Raises:
            SignoffError: git fails, or has no such commit.
        """
        entries = [
            entry._replace(path=entry.path.removeprefix(self._prefix))
            for entry in list_tree(self._git, self._revision)
            if entry.path.startswith(self._prefix)
        ]
        files = [entry for entry in entries if entry.mode in FILE_MODES]
        self.submodules = tuple(e.path for e in entries if e.mode not in FILE_MODES)
        contents = read_objects(self._git, [entry.object_id for entry in files])
        for entry, (_, content) in zip(files, contents, strict=True):
            yield entry.path, entry.mode, content

    def find(self, paths: Iterable[str], wanted: Collection[str]) -> dict[str, bytes]:
        """Return those contents, by SHA-256, that the repository ever had at some paths.

        Raises:
            SignoffError: git fails.
        """
        return dict(find_contents(self._git, self._prefix, paths, wanted))
