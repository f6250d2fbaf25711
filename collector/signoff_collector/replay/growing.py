"""Follow a running session: rebuild the reel whenever something was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.replay.reel import Reel
from signoff_collector.seal.gathering.owning import choose_session
from signoff_collector.seal.live import recorded

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.own_files.home import Home


class Growth:
    """Detects growth of the journals of the newest session of a folder."""

    def __init__(self, home: Home, folder: Path) -> None:
        """Remember the present size of the session.

        Raises:
            NotFoundError: there is none.
        """
        self._session = choose_session(home, None, folder)
        self._known = self._state()

    def __call__(self) -> Reel | None:
        """Return a new reel, or None if nothing was added.

        Raises:
            SignoffError: it cannot be read.
        """
        state = self._state()
        if state == self._known or not state:
            return None
        reel = Reel(recorded(self._session))
        self._known = state
        return reel

    def _state(self) -> tuple[tuple[str, int], ...]:
        try:
            paths = sorted((*self._session.journals, *self._session.spools))
            return tuple((path.name, path.stat().st_size) for path in paths)
        except OSError:
            return ()  # a segment or the session was deleted meanwhile: retry at the next look
