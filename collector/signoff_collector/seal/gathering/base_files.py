"""Reads hashes and modes of changed files in the base commit, once, while gathering.

They tell a new file from a changed one, and let a tree that returns to the base get its old
number. No content is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.capture.git.git import Git

MAX_FILES: Final = 5_000
"""Beyond this nothing is looked up, so new and changed files cannot be distinguished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseFile:
    """A file of the base commit."""

    sha256: str
    """Hash of its bytes as stored in git."""
    mode: str


def read_base_files(
    git: Git, root: Path, commit: str, paths: Collection[str]
) -> dict[str, BaseFile | None]:
    """Return the files of a commit at paths of a workspace; None where there is no file.

    Args:
        git: of the repository that holds the workspace.
        root: real path of the workspace, the repository's top or below it.
        commit: object id.
        paths: relative to the workspace.
    """
    from signoff_collector.capture.git.git_contents import (
        FILE_MODES,
        folder_prefix,
        list_tree,
        read_objects,
    )

    if not 0 < len(paths) <= MAX_FILES:
        return {}
    try:
        prefix = folder_prefix(git, root)
        wanted = [prefix + path for path in sorted(paths)]
        entries = [e for e in list_tree(git, commit, wanted) if e.mode in FILE_MODES]
        found: dict[str, BaseFile | None] = dict.fromkeys(sorted(paths))
        contents = read_objects(git, [entry.object_id for entry in entries])
        for entry, (_, content) in zip(entries, contents, strict=True):
            path = entry.path.removeprefix(prefix)
            if path in found:
                sha256 = hashlib.sha256(content).hexdigest()
                found[path] = BaseFile(sha256=sha256, mode=entry.mode)
    except SignoffError:
        return {}
    return found


def read_held(
    git: Git, root: Path, paths: Collection[str], wanted: Collection[str]
) -> tuple[str, ...]:
    """Return those of the wanted contents that the repository has, or ever had, at the paths.

    Args:
        git: of the repository that holds the workspace.
        root: real path of the workspace.
        paths: in the workspace.
        wanted: SHA-256 of contents.
    """
    from signoff_collector.capture.git.git_contents import find_contents, folder_prefix

    if not 0 < len(paths) <= MAX_FILES:
        return ()
    try:
        found = find_contents(git, folder_prefix(git, root), paths, wanted)
        return tuple(sorted(sha256 for sha256, _ in found))
    except SignoffError:
        return ()
