"""Search every session of this machine, newest first, with a per-session index."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from signoff_collector.history.local_sessions import LocalSession, View, local_sessions
from signoff_collector.history.own_episode import OWN_NAME, keep_while_unchanged
from signoff_collector.history.search.current_files import CurrentFiles
from signoff_collector.history.search.kinds import TEXT_KIND
from signoff_collector.history.search.searchable_text import session_text
from signoff_collector.history.search.searching import (
    ANYWHERE,
    Hit,
    Scope,
    newest_first,
    search_session,
)
from signoff_collector.history.search.word_index import index_bytes, is_newest, search_index
from signoff_collector.kept.episode_files import SUFFIX
from signoff_collector.own_files.private_files import replace_private
from signoff_schemas.errors import NotFoundError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from signoff_collector.history.search.matcher import Matcher
    from signoff_collector.history.search.searchable import Searchable
    from signoff_collector.history.search.searchable_text import SessionText
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

INDEX_NAME: Final = "find.sqlite"
"""In the session's folder while raw history is kept."""
MASKED_SUFFIX: Final = ".find"
"""Beside a masked episode, once raw history is deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One hit and its session."""

    session: LocalSession
    hit: Hit

    @property
    def wall_ns(self) -> int:
        """When it was."""
        return self.session.wall_ns(self.hit.t_ns)


@dataclass(slots=True, kw_only=True)
class Search:
    """The query: what to search for, and where."""

    matcher: Matcher
    scope: Scope = ANYWHERE
    """Filter on the hits of each session."""
    below: Path | None = None
    """Only workspaces that contain this folder or lie below it."""
    since_wall_ns: int = 0
    is_deleted_only: bool = False
    """Only text that is no longer in its file."""
    has_every_line: bool = False
    """List every line with a hit, not only the first one per file with a count."""
    standing: Found | None = None
    """The newest hit in existing text, noted while only deleted text is listed."""
    unreadable: list[str] = field(default_factory=list[str])
    """Sessions that could not be read, and why; filled by `run`."""
    _live: dict[str, Searchable] = field(default_factory=dict[str, "Searchable"])
    """Running sessions by id, opened on demand."""

    def run(
        self,
        home: Home,
        clock: Clock,
        progress: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> Iterator[Found]:
        """Yield hits, newest session first, newest hit of each session first.

        `progress` is called with the number of searched sessions, and their total.
        """
        sessions = local_sessions(home, clock, below=self.below)
        goes_on = {one.root: one for one in reversed(sessions) if one.view is View.LIVE}
        now = CurrentFiles(lambda root, path: self._typed(goes_on.get(root), path))
        for number, session in enumerate(sessions):
            progress(number, len(sessions))
            if session.is_over_before(self.since_wall_ns):
                continue
            try:
                hits = self._in(session)
                if session.view is not View.LIVE:
                    hits = newest_first(now.as_it_is_now(session, hit) for hit in hits)
            except (SignoffError, OSError) as error:
                self.unreadable.append(f"{session.id}: {error}")
                continue
            hits = [hit for hit in hits if not hit.is_passed]
            for hit in hits if self.has_every_line else _first_lines(hits):
                found = Found(session=session, hit=hit)
                if found.wall_ns < self.since_wall_ns:
                    continue
                if hit.is_deleted or not self.is_deleted_only:
                    yield found
                else:
                    self.standing = self.standing or found

    def _in(self, session: LocalSession) -> list[Hit]:
        if session.view is View.LIVE:
            held = session_text(self._opened(session))
            return search_session(held, self.matcher, self.scope)
        if _is_made(index_path(session), session):
            hits = search_index(index_path(session), self.matcher, self.scope, has_passed=True)
            if hits is not None:
                return hits
        return search_session(_kept(session), self.matcher, self.scope, has_passed=True)

    def _opened(self, session: LocalSession) -> Searchable:
        if session.id not in self._live:
            self._live[session.id] = opened(session)
        return self._live[session.id]

    def _typed(self, session: LocalSession | None, path: str) -> str | None:
        """Return the unsaved text of a file in the running session."""
        if session is None:
            return None
        with suppress(SignoffError, OSError):
            searchable = self._opened(session)
            last = searchable.end[0]
            buffer = searchable.moments.hiding(path, last)
            return None if buffer is None else searchable.moments.buffer(path, buffer, last)
        return None


def _first_lines(hits: Iterable[Hit]) -> list[Hit]:
    """Return one hit per file for existing text, with the number of further lines."""
    standing: dict[str | None, list[Hit]] = {}
    for hit in hits:
        if _is_present(hit):
            standing.setdefault(hit.path, []).append(hit)
    first = {path: min(own, key=lambda hit: hit.line or 0) for path, own in standing.items()}
    return [
        replace(hit, more=len(standing[hit.path]) - 1) if _is_present(hit) else hit
        for hit in hits
        if not _is_present(hit) or hit is first[hit.path]
    ]


def _is_present(hit: Hit) -> bool:
    return hit.kind == TEXT_KIND and not hit.is_deleted


def ensure_index(session: LocalSession) -> Path:
    """Return the index of a finished session, built now if it is missing.

    If it cannot be written (a full disk), the path names no file.

    Raises:
        SignoffError: the session cannot be read.
    """
    path = index_path(session)
    if not _is_made(path, session):
        _kept(session)
    return path


def _kept(session: LocalSession) -> SessionText:
    """Return the searchable content of a session; for a finished one also store the index."""
    held = session_text(opened(session))
    with suppress(SignoffError, OSError):
        match session.view:
            case View.LIVE:
                pass
            case View.RAW:
                keep_while_unchanged(
                    index_path(session), session.session, lambda: index_bytes(held)
                )
            case View.MASKED:
                _keep_beside_episode(index_path(session), index_bytes(held))
    return held


def _is_made(path: Path, session: LocalSession) -> bool:
    """Return whether a current index exists that is not older than its raw history."""
    try:
        if not is_newest(path):
            return False
        made_ns = path.stat().st_mtime_ns
        if session.view is View.RAW:
            return made_ns >= (session.session.folder / OWN_NAME).stat().st_mtime_ns
    except OSError:
        return False
    return True


def _keep_beside_episode(path: Path, data: bytes) -> None:
    """Write the index; deleting an episode precedes deleting its index, so none is left over."""
    replace_private(path, data)
    if not path.with_suffix(SUFFIX).is_file():
        path.unlink(missing_ok=True)


def index_path(session: LocalSession) -> Path:
    """Return the path of a session's index.

    Raises:
        SignoffError: the session's episode is gone.
    """
    if session.view is View.MASKED:
        sealed = session.sealed_path
        if sealed is None:
            raise NotFoundError(f"the episode of session {session.id} is gone")
        return sealed.with_suffix(MASKED_SUFFIX)
    return session.session.folder / INDEX_NAME


def bring_up_to_date(home: Home, clock: Clock) -> int:
    """Build missing indexes of finished sessions; return how many were built.

    For the end of a sweep, so that a search need not wait. Never raises for one session.
    """
    made = 0
    for session in local_sessions(home, clock):
        with suppress(SignoffError, OSError):
            if session.view is not View.LIVE and not _is_made(index_path(session), session):
                ensure_index(session)
                made += 1
    return made


def opened(session: LocalSession) -> Searchable:
    """Return a session for reading part by part.

    Raises:
        SignoffError: it cannot be read.
    """
    from signoff_collector.episode.file.reader import EpisodeFile
    from signoff_collector.history.search.searchable import Searchable
    from signoff_collector.history.whole_parts import WholeParts

    if session.view is View.LIVE:
        return Searchable(WholeParts(session.episode))
    return Searchable(EpisodeFile(session.data))
