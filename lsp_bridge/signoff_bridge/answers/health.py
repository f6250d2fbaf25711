"""Periodic health check: problems are reported once, in the editor.

The checks are those of `signoff status`, every half minute. A watcher that ended is restarted
before its absence is reported. Reported problems are noted in the session's folder, so that only
one of two editors reports; companions get all of them with every `signoff/status`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol

from signoff_bridge.protocol.work import WorkQueue
from signoff_collector.capture.sessions.starting_watcher import ensure_watcher
from signoff_collector.own_files.private_files import create_private
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.health.interface import Line
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock


class Speaker(Protocol):
    """Shows messages to the person."""

    def show(self, text: str, *, is_warning: bool = False) -> bool:
        """Show one sentence; return whether it could be sent."""
        ...


class Health:
    """The problems of every session that this bridge writes to."""

    def __init__(
        self,
        home: Home,
        clock: Clock,
        work: WorkQueue,
        speaker: Speaker,
        *,
        tell: Callable[[], None],
    ) -> None:
        """Set the dependencies; `tell` is called when the set of problems changes."""
        self._home = home
        self._clock = clock
        self._work = work
        self._speaker = speaker
        self._tell = tell
        self._found: Mapping[Path, tuple[Line, ...]] = {}
        self._revived: set[str] = set()

    def texts(self) -> list[str]:
        """Return every problem found at the last check. Thread-safe."""
        found = self._found
        return [problem.sentence for root in sorted(found) for problem in found[root]]

    def look(self, sessions: Iterable[tuple[Path, Session]], *, may_speak: bool) -> None:
        """Check on the work thread; speak only if that disturbs nobody (no commit message)."""
        pairs = tuple(sessions)
        self._work.submit(lambda: self._look(pairs, may_speak=may_speak))

    def _look(self, sessions: tuple[tuple[Path, Session], ...], *, may_speak: bool) -> None:
        before = self.texts()
        self._found = {root: self._problems(session) for root, session in sessions}
        if may_speak:
            for root, session in sessions:
                for problem in self._found[root]:
                    self._say_once(root, session, problem)
        if self.texts() != before:
            self._tell()

    def _problems(self, session: Session) -> tuple[Line, ...]:
        from signoff_collector.health.at_work import UNWATCHED, problems
        from signoff_collector.health.interface import Reach, Surroundings

        around = Surroundings.of(session, self._home, self._clock, session.root)
        found = problems(around, Reach.EDITORS)
        if any(problem.key == UNWATCHED for problem in found) and self._revive(session):
            found = tuple(problem for problem in found if problem.key != UNWATCHED)
        return found

    def _revive(self, session: Session) -> bool:
        """Restart the watcher, once: one that crashes at start would be restarted forever."""
        if session.id in self._revived:
            return False
        self._revived.add(session.id)
        return ensure_watcher(session, self._home)

    def _say_once(self, root: Path, session: Session, problem: Line) -> None:
        mark = session.folder / f"told-{_short(problem.key)}"
        if mark.exists():
            return
        text = f"Signoff, {root.name}: {problem.sentence} {problem.hint}"
        if self._speaker.show(text, is_warning=True):
            try:
                create_private(mark, b"")
            except SignoffError:
                return


def _short(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:12]
