"""Wait until an editor really records its first change."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.journal import JournalStream, RecordKind
from signoff_collector.capture.journal.journal_follower import JournalFollower
from signoff_collector.capture.journal.journal_frames import method_in, time_in
from signoff_collector.capture.sessions.sessions import list_sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.capture.journal.journal_follower import Frames
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

LOOK_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStep:
    """A change that came from an editor."""

    session: Session
    editor: str
    changes: int


class StepWatch:
    """Polls for changes newer than its own creation; cheap while nothing grows."""

    def __init__(self, home: Home, clock: Clock) -> None:
        self._home = home
        self._clock = clock
        self._since_ns = clock.boot_ns()
        self._changes = JournalFollower(int, self._count)

    def wait(
        self, limit_s: float, *, pause: Callable[[float], None] = time.sleep
    ) -> FirstStep | None:
        """Return the first change within a limit, or None."""
        end_ns = self._clock.boot_ns() + int(limit_s * 1e9)
        while True:
            found = self.look()
            if found is not None or self._clock.boot_ns() >= end_ns:
                return found
            pause(LOOK_S)

    def look(self) -> FirstStep | None:
        """Read what grew since the last look."""
        active = [one for one in list_sessions(self._home) if not one.is_over(self._clock)]
        sessions = {path: session for session in active for path in session.journals}
        for path, journal in self._changes.look(sessions).items():
            if journal.state:
                header = JournalStream(path).header
                fields = {} if header is None else header.fields
                name, version = fields.get("editor"), fields.get("editor_version")
                editor = f"{name or 'an editor'} {version or ''}".strip()
                return FirstStep(session=sessions[path], editor=editor, changes=journal.state)
        return None

    def _count(self, changes: int, frames: Frames) -> int:
        """Add the changes since this watch began: a fold."""
        return changes + sum(
            kind == RecordKind.LSP
            and method_in(payload) == b"textDocument/didChange"
            and time_in(payload) >= self._since_ns
            for kind, payload in frames
        )
