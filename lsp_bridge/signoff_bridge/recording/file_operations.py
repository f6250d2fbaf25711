"""Convert file operations of an editor to `create`, `rename` and `delete` steps (LSP 3.17).

The policy is applied to the old and the new path separately: a file renamed to a never-record name
counts as deleted, one renamed from such a name as created. Folders are left to the file watcher.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_bridge.protocol.addresses import canonical_path, may_be_held
from signoff_bridge.protocol.encodings import member
from signoff_collector.system.files.spelling import true_path
from signoff_schemas.untyped import is_items

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signoff_bridge.recording.recording import Recording

MOST_FILES: Final = 200
"""Limit per operation; the file watcher reports larger ones."""
_MEMBERS: Final[Mapping[str, tuple[str | None, str | None]]] = {
    "workspace/didCreateFiles": (None, "uri"),
    "workspace/didRenameFiles": ("oldUri", "newUri"),
    "workspace/didDeleteFiles": ("uri", None),
}
"""Notification to the JSON members with the path before and after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOperation:
    """An operation on one file."""

    method: str
    before: Path | None
    """Old path; None if there was none, or it may not be recorded."""
    after: Path | None

    def steps(self, recording: Recording, now_ns: int) -> Sequence[Mapping[str, object]]:
        """Return the step in one workspace; none where nothing may be told. On the work thread."""
        before = _named(self.before, recording)
        after = _named(self.after, recording)
        if after is not None and not _is_file(after):
            return ()
        told: dict[str, object]
        if after is not None:
            told = {"kind": "create", "path": str(after)}
            if before is not None:
                told |= {"kind": "rename", "old_path": str(before)}
        elif before is not None and not _is_folder(self.after):
            told = {"kind": "delete", "path": str(before)}
        else:
            return ()
        actor = {"class": "command", "basis": "observed", "evidence": [self.method]}
        return ({"t_boot_ns": now_ns, "t_kind": "event", "actor": actor, **told},)


def operations_in(method: str, params: Mapping[str, object]) -> Sequence[FileOperation] | None:
    """Parse a notification; None if it is invalid."""
    items = params.get("files")
    if not is_items(items):
        return None
    old, new = _MEMBERS[method]
    return [
        FileOperation(
            method=method,
            before=None if old is None else _path_of(member(item, old)),
            after=None if new is None else _path_of(member(item, new)),
        )
        for item in items[:MOST_FILES]
    ]


def _path_of(uri: object) -> Path | None:
    """Return the path of a URI; a symlink in the last component is not resolved."""
    path = canonical_path(uri) if isinstance(uri, str) else None
    if path is None or not may_be_held(path):
        return None
    return true_path(path.parent) / path.name


def _named(path: Path | None, recording: Recording) -> Path | None:
    """Return the path if it lies in the workspace and may be recorded."""
    if path is None or not path.is_relative_to(recording.workspace.root):
        return None
    return path if recording.policy.verdict(path).recorded else None


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False  # gone again, or it cannot be told


def _is_folder(path: Path | None) -> bool:
    return path is not None and path.is_dir()
