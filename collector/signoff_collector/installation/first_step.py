"""Wait until an editor really records its first change."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.journal import JournalStream, RecordKind
from signoff_collector.capture.sessions.sessions import list_sessions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.system.clock import Clock
    from signoff_collector.system.home import Home

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
        self._sizes: dict[Path, int] = {}
        self._sizes = {path: path.stat().st_size for _, path in self._journals()}

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
        for session, path in self._journals():
            try:
                size = path.stat().st_size
            except OSError:
                continue
            if size == self._sizes.get(path, 0):
                continue
            self._sizes[path] = size
            found = self._changes_in(session, path)
            if found is not None:
                return found
        return None

    def _journals(self) -> list[tuple[Session, Path]]:
        return [
            (session, path)
            for session in list_sessions(self._home)
            if not session.is_over(self._clock)
            for path in session.journals
        ]

    def _changes_in(self, session: Session, path: Path) -> FirstStep | None:
        stream = JournalStream(path)
        changes = sum(
            record.kind == RecordKind.LSP
            and record.t_boot_ns >= self._since_ns
            and isinstance(record.body, list)
            and record.body[1:2] == ["textDocument/didChange"]
            for record in stream
        )
        if not changes:
            return None
        fields = {} if stream.header is None else stream.header.fields
        editor = f"{fields.get('editor') or 'an editor'} {fields.get('editor_version') or ''}"
        return FirstStep(session=session, editor=editor.strip(), changes=changes)
