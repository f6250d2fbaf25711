"""List the files that a session has recorded so far: a watcher that starts later examines them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.capture.sessions.touched_files import TouchedFiles
from signoff_schemas.untyped import is_fields, list_of

if TYPE_CHECKING:
    from signoff_collector.capture.sessions.sessions import Session

MAX_PATHS: Final = 20_000
_LISTS: Final[dict[int, str]] = {RecordKind.FILES: "changed", RecordKind.TREE: "entries"}


def told_files(session: Session) -> frozenset[str]:
    """Return files recorded by earlier watchers and editors, relative to the workspace.

    Empty when no file watcher ran before: then there is no earlier state to compare with.
    """
    journals = [path for path in session.journals if path.name.startswith("files-")]
    if not journals:
        return frozenset()
    root = Path(os.path.realpath(session.root))
    found = {path.relative_to(root).as_posix() for path in TouchedFiles(session).refresh()}
    for journal in journals:
        for record in read_journal(journal).records:
            if record.kind in _LISTS:
                found |= _paths(record.fields.get(_LISTS[record.kind]))
    return frozenset(sorted(found)[:MAX_PATHS])


def _paths(listed: object) -> set[str]:
    items = list_of(listed)
    fields = [item for item in items if is_fields(item)]
    return {str(one["path"]) for one in fields if isinstance(one.get("path"), str)}
