"""Store how the files of a session are being watched, in a small file that other verbs read.

The watcher writes `watch.json` in the session's folder whenever its state changes; `status` and
`doctor` show its `reason` to the person.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import read_regular, replace_private
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import is_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.capture.sessions.sessions import Session

FILE_NAME: Final = "watch.json"
_MAX_BYTES: Final = 64 << 10
SCAN_PAUSE_NS: Final = 500_000_000
"""Pause between two parts of the folders that are compared in turn."""
COVERED_PAUSE_NS: Final = 5_000_000_000
"""The same where the system tells of changes and this only finds what it lost."""


class WatchMode(StrEnum):
    """How changes on disk are detected."""

    INOTIFY = "inotify"
    """Linux reports them at once, folder by folder."""
    FSEVENTS = "fsevents"
    """MacOS reports them, and now and then files are compared, since it may lose some."""
    WINDOWS = "windows"
    """So does Windows (ReadDirectoryChangesW)."""
    SCAN = "scan"
    """Folders are scanned in turn: changes are found late, and short-lived files are missed."""
    NONE = "none"
    """Not at all; `reason` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchState:
    """What the file watcher of a session can see."""

    mode: WatchMode
    directories: int = 0
    """Number of folders that are watched or scanned."""
    unwatched: int = 0
    """Number of folders of which the system reports nothing: they are scanned in turn."""
    reason: str | None = None
    """Why the system does not report everything, as shown to the person; None when it does."""


def write_watch_state(session: Session, state: WatchState) -> None:
    """Write the watch state of a session.

    Raises:
        SignoffError: it cannot be written.
    """
    data = json.dumps(asdict(state), indent=1, sort_keys=True).encode()
    replace_private(session.folder / FILE_NAME, data)


def read_watch_state(session: Session) -> WatchState | None:
    """Read how the session's files are watched; None when no watcher has written it."""
    try:
        parsed: object = json.loads(read_regular(session.folder / FILE_NAME, max_bytes=_MAX_BYTES))
    except (SignoffError, ValueError, RecursionError):
        return None
    return _state(parsed) if is_fields(parsed) else None


def _state(fields: Mapping[str, object]) -> WatchState | None:
    mode, reason = fields.get("mode"), fields.get("reason")
    if mode not in {item.value for item in WatchMode}:
        return None
    return WatchState(
        mode=WatchMode(str(mode)),
        directories=_count(fields.get("directories")),
        unwatched=_count(fields.get("unwatched")),
        reason=reason if isinstance(reason, str) else None,
    )


def _count(value: object) -> int:
    return value if type(value) is int and value > 0 else 0
