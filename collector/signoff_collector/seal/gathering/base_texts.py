"""Reads the session's files from the base commit, and whether that commit is public.

Read once, while gathering; stored with the journals and deleted with them.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import SignoffError
from signoff_schemas.words import Owner

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.capture.git.git import Git

MAX_COMMITS: Final = 2_000
"""Number of newest commits whose ids are recognised in outputs and messages."""
_MAX_FILES: Final = 2_000
_MAX_BYTES: Final = 8 << 20
_MAX_TOTAL_BYTES: Final = 32 << 20


def read_base_texts(git: Git, root: Path, commit: str, paths: Collection[str]) -> dict[str, bytes]:
    """Return the compressed contents of a commit at paths of a workspace.

    Left out are files on the never-record list, binary and too large files, symbolic links, and
    all files beyond a total of 32 MiB.

    Args:
        git: of the repository that holds the workspace.
        root: real path of the workspace.
        commit: object id.
        paths: relative to the workspace.
    """
    from signoff_collector.capture.git.git_contents import (
        FILE_MODES,
        LINK,
        folder_prefix,
        list_tree,
        read_objects,
    )
    from signoff_collector.capture.opt_in.never_record import is_never_recorded

    wanted = sorted(path for path in paths if not is_never_recorded(PurePosixPath(path)))
    if not 0 < len(wanted) <= _MAX_FILES:
        return {}
    found: dict[str, bytes] = {}
    try:
        prefix = folder_prefix(git, root)
        entries = [
            entry
            for entry in list_tree(git, commit, [prefix + path for path in wanted])
            if entry.mode in FILE_MODES and entry.mode != LINK
        ]
        total = 0
        contents = read_objects(git, [entry.object_id for entry in entries])
        for entry, (_, content) in zip(entries, contents, strict=True):
            total += len(content)
            if total > _MAX_TOTAL_BYTES:
                break
            if len(content) <= _MAX_BYTES and b"\0" not in content:
                found[entry.path.removeprefix(prefix)] = zlib.compress(content)
    except SignoffError:
        return {}
    return found


def unpacked(texts: Mapping[str, bytes]) -> dict[str, str]:
    """Decompress the result of `read_base_texts`; files that are not UTF-8 are left out."""
    found: dict[str, str] = {}
    for path, content in texts.items():
        try:
            found[path] = zlib.decompress(content).decode("utf-8").removeprefix("\ufeff")
        except (zlib.error, UnicodeDecodeError):
            continue
    return found


def is_declared_public(git: Git, commit: str | None, owner: Owner | None) -> bool:
    """Return whether a base commit counts as public.

    It does when the person declared the code open source, and a remote has the commit
    (docs/decisions/0013-public-base.md).
    """
    if commit is None or owner is not Owner.OPEN_SOURCE:
        return False
    try:
        refs = git.run("for-each-ref", "--count=1", f"--contains={commit}", "refs/remotes")
    except SignoffError:
        return False
    return bool(refs.strip())


def read_commits(git: Git) -> tuple[str, ...]:
    """Return the ids of the newest commits reachable from any ref or reflog."""
    try:
        said = git.run("rev-list", "--all", "--reflog", f"--max-count={MAX_COMMITS}")
    except SignoffError:
        return ()
    return tuple(sorted(said.decode("ascii", "replace").split()))
