"""Map a document's URI to its path, or to nothing.

The only place that decides which documents exist for the recorder: no other schemes (output panes,
git views, remote files), nothing inside `.git`, no swap and temporary files that editors write
while saving.
"""

from __future__ import annotations

import os.path
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.never_record import is_never_recorded
from signoff_collector.capture.opt_in.never_record_names import MESSAGES, TEMPORARIES
from signoff_collector.text.file_uris import path_of_uri

if TYPE_CHECKING:
    from collections.abc import Iterable

_PASSING: Final = tuple(pattern for group in TEMPORARIES for pattern in group)


def canonical_path(uri: str) -> Path | None:
    """Return the absolute, normalised path of a document that may be looked at, or None.

    Symbolic links are left alone: the workspace lookup follows them.
    """
    named = path_of_uri(uri)
    if named is None:
        return None
    path = Path(named)
    if len(path.parts) < 2 or _is_inside_git(path) or _is_passing(path):
        return None
    return path


def paths_of(uris: Iterable[object]) -> tuple[Path, ...]:
    """Return the paths of those URIs that name something which may be looked at."""
    found = (canonical_path(uri) for uri in uris if isinstance(uri, str))
    return tuple(path for path in found if path is not None)


def may_be_held(path: Path) -> bool:
    """Return whether a document's text may be held in memory (threat 8)."""
    return not is_never_recorded(path) and not is_never_recorded(Path(os.path.realpath(path)))


def is_commit_message(uri: str) -> bool:
    """Return whether an editor is used to write a message for git or a similar program."""
    return PurePath(uri.rpartition("/")[2]).name.upper() in MESSAGES


def _is_inside_git(path: Path) -> bool:
    return any(part.rstrip(". ").casefold() == ".git" for part in path.parts)


def _is_passing(path: Path) -> bool:
    name = path.name.casefold()
    return any(fnmatchcase(name, pattern) for pattern in _PASSING)
