"""How the files of a session are watched at present: one small file that other verbs read.

`watch.json` in the session's folder, written by the watcher whenever something about it changes;
`status` and `doctor` show its `reason` to the person, once and in their words.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from signoff_collector.system.private_files import read_regular, replace_private
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import is_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.capture.sessions.sessions import Session

FILE_NAME: Final = "watch.json"
_MAX_BYTES: Final = 64 << 10


class WatchMode(StrEnum):
    """How changes on disk are noticed."""

    INOTIFY = "inotify"
    """The kernel tells, at once."""
    SCAN = "scan"
    """Files are compared in turn, a few at a time: late, and what comes and goes is missed."""
    NONE = "none"
    """Not at all; `reason` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchState:
    """What the file watcher of a session can see."""

    mode: WatchMode
    directories: int = 0
    """Folders that are watched or compared."""
    unwatched: int = 0
    """Folders among them that the kernel does not watch: they are compared in turn."""
    reason: str | None = None
    """Why it is not all watched by the kernel, in words for a person; None when it is."""


def write_watch_state(session: Session, state: WatchState) -> None:
    """Replace what the session says about its watcher.

    Raises:
        SignoffError: it cannot be written.
    """
    data = json.dumps(asdict(state), indent=1, sort_keys=True).encode()
    replace_private(session.folder / FILE_NAME, data)


def read_watch_state(session: Session) -> WatchState | None:
    """Return how the session's files are watched, or None when no watcher has said so."""
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
