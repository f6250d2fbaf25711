"""Facts that only git can tell: commits, counts of dirty files, the tree of the index."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from signoff_collector.capture.git.git import Git
from signoff_schemas.errors import SignoffError

MAX_INDEX_ENTRIES: Final = 50_000
"""With more entries the index tree is not computed."""
_MAX_MESSAGE: Final = 16_000
_ENCODING: Final = re.compile(
    r"(?i)iso-?8859-\d{1,2}|latin-?\d|cp-?\d+|windows-\d+|koi8-[ru]|euc[-_]?\w+|shift[-_]?jis|gb\w+|big5"
)
"""Allow-list of message encodings: Python has stranger codecs, some with side effects."""
_STATUS: Final = ("status", "--porcelain=v2", "-z", "--ignore-submodules=all", "--no-renames")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit, without its author."""

    parents: tuple[str, ...]
    tree: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTreeStatus:
    """Which files differ from HEAD."""

    staged: int = 0
    unstaged: int = 0
    untracked: int = 0
    conflicted: int = 0
    tracked_paths: tuple[Path, ...] = ()
    """Absolute paths of tracked files that differ."""

    @property
    def counts(self) -> dict[str, int]:
        """The `dirty` field of a step."""
        return {
            "staged": self.staged,
            "unstaged": self.unstaged,
            "untracked": self.untracked,
            "conflicted": self.conflicted,
        }


def read_commits(git: Git, object_ids: Iterable[str]) -> dict[str, Commit]:
    """Read the commits among these object ids, with one child; empty when git fails."""
    wanted = sorted(set(object_ids))
    if not wanted:
        return {}
    try:
        output = git.run("cat-file", "--batch", stdin="".join(f"{i}\n" for i in wanted).encode())
    except SignoffError:
        return {}
    commits: dict[str, Commit] = {}
    place = 0
    while (end := output.find(b"\n", place)) >= 0:
        words = output[place:end].split(b" ")
        place = end + 1
        if len(words) != 3 or not words[2].isdigit():
            continue
        size_bytes = int(words[2])
        if words[1] == b"commit":
            commits[words[0].decode()] = parse_commit(output[place : place + size_bytes])
        place += size_bytes + 1
    return commits


def parse_commit(content: bytes) -> Commit:
    """Parse a commit object; tolerates any content."""
    head, _, message = content.partition(b"\n\n")
    parents: list[str] = []
    tree, encoding = "", "utf-8"
    for line in head.split(b"\n"):
        name, _, value = line.partition(b" ")
        text = value.decode("ascii", "replace")
        if name == b"parent":
            parents.append(text)
        elif name == b"tree":
            tree = text
        elif name == b"encoding" and _ENCODING.fullmatch(text):
            encoding = text
    try:
        words = message.decode(encoding, "replace")
    except (LookupError, ValueError):
        words = message.decode("utf-8", "replace")
    return Commit(parents=tuple(parents), tree=tree, message=words[:_MAX_MESSAGE].rstrip("\n"))


def read_status(
    git: Git, *, counts_untracked: bool = True, timeout_s: float = 30.0
) -> WorkTreeStatus:
    """Return which files differ from HEAD; submodules are not entered.

    Looking for untracked files walks the whole work tree and can be skipped.

    Raises:
        SignoffError: git failed or took too long.
    """
    root = git.repository.root if git.repository is not None else Path()
    untracked = f"--untracked-files={'normal' if counts_untracked else 'no'}"
    return parse_status(git.run(*_STATUS, untracked, timeout_s=timeout_s), root)


def parse_status(output: bytes, root: Path) -> WorkTreeStatus:
    """Parse `git status --porcelain=v2 -z` without renames: one NUL-ended entry per path."""
    counts = dict.fromkeys(("staged", "unstaged", "untracked", "conflicted"), 0)
    paths: list[Path] = []
    for entry in output.split(b"\0"):
        kind = entry[:1]
        if kind == b"?":
            counts["untracked"] += 1
            continue
        if kind not in {b"1", b"u"}:
            continue
        states, fields = entry[2:4], 8 if kind == b"1" else 10
        if kind == b"u":
            counts["conflicted"] += 1
        else:
            counts["staged"] += states[:1] != b"."
            counts["unstaged"] += states[1:2] != b"."
        words = entry.split(b" ", fields)
        if len(words) > fields:
            paths.append(root / words[fields].decode("utf-8", "surrogateescape"))
    return WorkTreeStatus(tracked_paths=tuple(paths), **counts)


def work_tree_facts(git: Git, head: str | None) -> dict[str, object]:
    """Return `dirty`, `index_tree` and `merge_base` as of now; what fails is left out."""
    facts: dict[str, object] = {}
    try:
        status = read_status(git)
        facts["dirty"] = status.counts
        if not status.conflicted:
            facts["index_tree"] = _index_tree(git, head, is_head=not status.staged)
        base = git.result("merge-base", "HEAD", "@{upstream}")
        if base.exit_code == 0:
            facts["merge_base"] = base.stdout.decode("ascii", "replace").strip() or None
    except SignoffError:
        return facts
    return facts


def _index_tree(git: Git, head: str | None, *, is_head: bool) -> str | None:
    """Compute the id of the tree that a commit of the index would have; nothing is written.

    `git write-tree` would write objects into the repository, so the ids are computed here.
    """
    if is_head and head is not None:
        commit = read_commits(git, [head]).get(head)
        return commit.tree if commit is not None else None
    root = _Folder()
    listing = git.run("ls-files", "--stage", "-z").split(b"\0")
    if len(listing) > MAX_INDEX_ENTRIES:
        return None
    for line in listing:
        meta, _, path = line.partition(b"\t")
        words = meta.split(b" ")
        if len(words) == 3 and words[2] == b"0":
            root.put(path.split(b"/"), words[0], words[1])
    is_long = head is not None and len(head) == 64
    return root.object_id("sha256" if is_long else "sha1").hex()


@dataclass(slots=True)
class _Folder:
    """A tree object under construction."""

    files: dict[bytes, tuple[bytes, bytes]] = field(
        default_factory=dict[bytes, tuple[bytes, bytes]]
    )
    folders: dict[bytes, _Folder] = field(default_factory=dict[bytes, "_Folder"])

    def put(self, parts: list[bytes], mode: bytes, object_id: bytes) -> None:
        """Add one file below this folder."""
        if len(parts) == 1:
            self.files[parts[0]] = (mode, bytes.fromhex(object_id.decode()))
        else:
            self.folders.setdefault(parts[0], _Folder()).put(parts[1:], mode, object_id)

    def object_id(self, algorithm: str) -> bytes:
        """Compute git's id of this tree: entries in byte order, folders sorted as if with `/`."""
        entries = [
            (name, mode.lstrip(b"0"), object_id) for name, (mode, object_id) in self.files.items()
        ]
        entries += [
            (name + b"/", b"40000", folder.object_id(algorithm))
            for name, folder in self.folders.items()
        ]
        body = b"".join(
            mode + b" " + name.rstrip(b"/") + b"\0" + object_id
            for name, mode, object_id in sorted(entries)
        )
        return hashlib.new(
            algorithm, b"tree %d\0" % len(body) + body, usedforsecurity=False
        ).digest()
