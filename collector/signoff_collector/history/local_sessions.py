"""List every session of this machine: as recorded if its raw history is kept, else as sealed.

Raw history is kept while the session runs and for 14 days after its end; later only the masked
episode is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.sessions.seal_notes import sealed_as
from signoff_collector.capture.sessions.session_folder import LONGEST_NS
from signoff_collector.capture.sessions.session_listing import list_sessions
from signoff_collector.history.own_episode import own_bytes
from signoff_schemas.errors import NotFoundError, SignoffError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.episode.content import Episode
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

_BREAK_NS: Final = 5 * 60 * 10**9
"""Margin added to the maximal length of a session."""
_CLOCK_NS: Final = 60 * 60 * 10**9
"""Margin for a wall clock that was set back."""


class View(StrEnum):
    """Form in which a session is available."""

    LIVE = "live"
    RAW = "raw"
    MASKED = "masked"


@dataclass(frozen=True, kw_only=True)  # no slots: cached properties need a dict
class LocalSession:
    """One session that can be opened."""

    session: Session
    view: View

    @property
    def id(self) -> str:
        """The session's id."""
        return self.session.id

    @property
    def root(self) -> Path:
        """Real path of its workspace, which may no longer exist."""
        return self.session.root

    @property
    def started_wall_ns(self) -> int:
        """When it began, in nanoseconds of the wall clock."""
        return self.session.started_wall_ns

    def wall_ns(self, t_ns: int) -> int:
        """Convert a time since the session's start to wall-clock time."""
        return self.session.started_wall_ns + t_ns

    def is_over_before(self, wall_ns: int) -> bool:
        """Return whether it ended before a time, judged by its start or its last record."""
        if self.started_wall_ns + LONGEST_NS + _BREAK_NS < wall_ns:
            return True
        return self.view is View.RAW and self._written_wall_ns + _CLOCK_NS < wall_ns

    @cached_property
    def _written_wall_ns(self) -> int:
        """Time of the last write to journals and spools; far in the future if unknown."""
        try:
            kept = (*self.session.journals, *self.session.spools)
            return max(path.stat().st_mtime_ns for path in kept)
        except (OSError, ValueError):
            return 1 << 62

    @property
    def sealed_path(self) -> Path | None:
        """Its masked episode, if the file exists."""
        sealed = sealed_as(self.session)
        return sealed.path if sealed is not None and sealed.path.is_file() else None

    @cached_property
    def episode(self) -> Episode:
        """The session as an episode.

        Raises:
            SignoffError: it cannot be read, or holds nothing.
        """
        from signoff_collector.episode.file.reader import read_episode

        if self.view is View.LIVE:
            from signoff_collector.seal.live import recorded

            return recorded(self.session, is_hashed=False)
        return read_episode(self.data)

    @cached_property
    def data(self) -> bytes:
        """The same as bytes; for raw history also cached in its folder.

        Raises:
            SignoffError: it cannot be read, or holds nothing.
        """
        from signoff_collector.episode.file.reader import read_bytes
        from signoff_collector.episode.file.upgrade import upgraded

        match self.view:
            case View.LIVE:
                from signoff_collector.episode.file.writer import write_episode
                from signoff_collector.seal.live import recorded

                return write_episode(recorded(self.session))
            case View.RAW:
                return own_bytes(self.session)
            case View.MASKED:
                path = self.sealed_path
                if path is None:
                    raise NotFoundError(f"the episode of session {self.id} is gone")
                return upgraded(read_bytes(path))


def local_sessions(home: Home, clock: Clock, *, below: Path | None = None) -> list[LocalSession]:
    """Return the sessions that can be opened, newest first.

    Args:
        home: where they are kept.
        clock: of this machine.
        below: only those of this workspace, of one that holds it, or of one inside it.
    """
    found: list[LocalSession] = []
    for session in list_sessions(home) if home.exists else ():
        if below is not None and not _is_near(session.root, below):
            continue
        view = _view(session, clock)
        if view is not None:
            found.append(LocalSession(session=session, view=view))
    return sorted(found, key=lambda one: (one.started_wall_ns, one.id), reverse=True)


def _is_near(root: Path, place: Path) -> bool:
    return root == place or root in place.parents or place in root.parents


def _view(session: Session, clock: Clock) -> View | None:
    try:
        if session.journals:
            return View.RAW if session.is_over(clock) else View.LIVE
        sealed = sealed_as(session)
    except (SignoffError, OSError):
        return None
    return View.MASKED if sealed is not None and sealed.path.is_file() else None
