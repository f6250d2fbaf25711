"""Searches every session of this machine, newest first, reading as little as it can."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from signoff_collector.episode_files import SUFFIX
from signoff_collector.history.held_words import held_words
from signoff_collector.history.local_sessions import LocalSession, View, local_sessions
from signoff_collector.history.own_episode import OWN_NAME, keep_while_unchanged
from signoff_collector.history.searching import Hit, search_session
from signoff_collector.history.word_index import held_with, index_bytes
from signoff_collector.private_files import replace_private
from signoff_schemas.errors import NotFoundError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path, PurePosixPath

    from signoff_collector.clock import Clock
    from signoff_collector.history.held_words import HeldWords
    from signoff_collector.history.matcher import Matcher
    from signoff_collector.history.searchable import Searchable
    from signoff_collector.home import Home

INDEX_NAME: Final = "find.sqlite"
"""In the session's folder, beside what it indexes while raw history is kept."""
MASKED_SUFFIX: Final = ".find"
"""Beside a masked episode, whose session has no raw history any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One hit and the session it is in."""

    session: LocalSession
    hit: Hit

    @property
    def wall_ns(self) -> int:
        """When it was."""
        return self.session.wall_ns(self.hit.t_ns)


@dataclass(slots=True, kw_only=True)
class Search:
    """What is looked for, and in what."""

    matcher: Matcher
    kinds: frozenset[str] | None = None
    is_deleted_only: bool = False
    below: Path | None = None
    """Only in the workspaces around or below this folder."""
    path: PurePosixPath | None = None
    """Only in this file or folder of a workspace."""
    since_wall_ns: int = 0
    unreadable: list[str] = field(default_factory=list[str])
    """Sessions that could not be read, and why; filled while searching."""

    def run(self, home: Home, clock: Clock) -> Iterator[Found]:
        """Yield hits, the newest session first, the newest hit of each first."""
        for session in local_sessions(home, clock, below=self.below):
            try:
                hits = self._in(session)
            except (SignoffError, OSError) as error:
                self.unreadable.append(f"{session.id}: {error}")
                continue
            for hit in hits:
                found = Found(session=session, hit=hit)
                if self._wants(found):
                    yield found

    def _in(self, session: LocalSession) -> list[Hit]:
        held = None
        if session.view is not View.LIVE and _is_made(index_path(session), session):
            held = held_with(index_path(session), self.matcher.demands, self.kinds)
        if held is None:
            held = _kept(session)
        return search_session(held, self.matcher, kinds=self.kinds)

    def _wants(self, found: Found) -> bool:
        hit = found.hit
        if self.is_deleted_only and not hit.is_deleted:
            return False
        if self.path is not None and not (hit.path and _is_below(hit.path, self.path)):
            return False
        return found.wall_ns >= self.since_wall_ns


def ensure_index(session: LocalSession) -> Path:
    """Return the index of a session that is over, made now when it is not there.

    Where it cannot be written (a full disk) the path names no file.

    Raises:
        SignoffError: the session cannot be read.
    """
    path = index_path(session)
    if not _is_made(path, session):
        _kept(session)
    return path


def _kept(session: LocalSession) -> HeldWords:
    """Return what can be found in a session, and of one that is over also keep it."""
    held = held_words(opened(session))
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
    """Say whether the index is there and not older than the raw history it is of."""
    try:
        made_ns = path.stat().st_mtime_ns
        if session.view is View.RAW:
            return made_ns >= (session.session.folder / OWN_NAME).stat().st_mtime_ns
    except OSError:
        return False
    return True


def _keep_beside_episode(path: Path, data: bytes) -> None:
    """Write the index; whoever removes an episode does so before its index, so none is left."""
    replace_private(path, data)
    if not path.with_suffix(SUFFIX).is_file():
        path.unlink(missing_ok=True)


def index_path(session: LocalSession) -> Path:
    """Return where the index of a session lies.

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
    """Make what is missing to search sessions that are over; return how many were made.

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
    """Return a session, to be read part by part.

    Raises:
        SignoffError: it cannot be read.
    """
    from signoff_collector.episode.reader import EpisodeFile
    from signoff_collector.history.searchable import Searchable

    return Searchable(EpisodeFile(session.data))


def _is_below(path: str, place: PurePosixPath) -> bool:
    return path == str(place) or path.startswith(f"{place}/")
