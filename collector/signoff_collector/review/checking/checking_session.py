"""Collect the items to check in an episode, with the word list and notes of its session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.capture.sessions.seal_notes import to_check
from signoff_collector.review.checking.groups import Checking
from signoff_collector.review.checking.naming import session_of
from signoff_schemas.errors import NotFoundError

if TYPE_CHECKING:
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.review.applying.base_walk import BaseWalk


def begin_checking(home: Home, base_sha256: str, base: BaseWalk, key: str) -> Checking:
    """Return the `Checking` of a base episode.

    Args:
        home: where its session may still lie.
        base_sha256: of its file.
        base: the walk through it.
        key: of the review, in hexadecimal.
    """
    try:
        session = session_of(home, base_sha256)
    except NotFoundError:
        session = None
    return Checking(
        base.episode,
        key=bytes.fromhex(key),
        own_words=_own_words(session),
        residue=() if session is None else to_check(session),
        base=base,
    )


def _own_words(session: Session | None) -> frozenset[str]:
    from signoff_collector.seal.gathering.gathered import read_gathered

    gathered = None if session is None else read_gathered(session.folder)
    return frozenset() if gathered is None else frozenset(gathered.words.split())
