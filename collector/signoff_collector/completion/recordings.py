"""The ids that a verb can be given, with what a person knows them by: when, and where."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.sessions.sessions import list_sessions, sealed_as
from signoff_collector.kept.episode_files import episode_paths
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signoff_collector.completion.answering import Offer
    from signoff_collector.own_files.home import Home

MOST: Final = 50
"""So many are offered, the newest first: nobody reads more."""


def recordings(home: Home, kind: str) -> Sequence[Offer]:
    """Return the ids of a kind: `episode`, `session`, or `recording` for both; writes nothing."""
    try:
        return list(_recordings(home, kind))
    except (SignoffError, OSError):
        return ()


def _recordings(home: Home, kind: str) -> Iterator[Offer]:
    sessions = list_sessions(home)
    if kind != "session":
        yield "last", "the newest episode"
        if kind == "episode":
            yield "live", "the session that is going on here"
        roots = {
            found.path.stem: session.root.name
            for session in sessions
            if (found := sealed_as(session)) is not None
        }
        aged = sorted((-path.stat().st_mtime_ns, path) for path in episode_paths(home))
        for written_ns, path in aged[:MOST]:
            named = f" {roots[path.stem]}" if path.stem in roots else ""
            yield path.stem, f"episode{named}, written {_said(-written_ns)}"
    newest = sorted(sessions, key=lambda one: one.started_wall_ns, reverse=True)
    for session in newest[:MOST]:
        yield session.id, f"session {session.root.name}, begun {_said(session.started_wall_ns)}"


def _said(wall_ns: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(wall_ns / 1e9))
