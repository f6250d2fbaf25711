"""Initial data of the page: the episode, the proposals, the plan."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from signoff_collector.capture.sessions.sessions import list_sessions, sealed_as
from signoff_collector.review.checking.naming import session_of
from signoff_collector.review.checking.unmasking import can_unmask
from signoff_schemas.errors import NotFoundError

if TYPE_CHECKING:
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.review.desk.base_file import BaseFile
    from signoff_collector.review.plan.stored_review import StoredReview


def review_row(home: Home, file: BaseFile) -> dict[str, object]:
    """Return the data about the episode that the page gets first."""
    try:
        session = session_of(home, file.sha256)
    except NotFoundError:
        session = None
    whole = file.whole
    return {
        "base_sha256": file.sha256,
        "name": file.path.name.removesuffix(".episode"),
        "sealed_from": None if session is None else session.id,
        "can_unmask": whole is not None and can_unmask(home, whole),
        "damage": file.damage,
        "session_grew": session is not None and _has_grown(home, session),
    }


def plan_row(stored: StoredReview) -> dict[str, object]:
    """Return a saved plan as JSON for the page."""
    return {
        "plan": stored.plan.model_dump(mode="json"),
        "revision": stored.revision,
        "can_undo": stored.can_undo,
        "parting": stored.now.parting.model_dump(mode="json"),
    }


def sealed_digests(home: Home, sha256: str) -> tuple[str, ...]:
    """Return the digests of a session's sealed episodes: unmasking makes another one of it."""
    with suppress(NotFoundError):
        sealed = sealed_as(session_of(home, sha256))
        if sealed is not None:
            return sealed.digests
    return (sha256,)


def _has_grown(home: Home, sealed: Session) -> bool:
    """Return whether the workspace has unsealed recordings newer than this episode."""
    return any(
        session.root == sealed.root
        and session.started_wall_ns > sealed.started_wall_ns
        and sealed_as(session) is None
        for session in list_sessions(home)
    )
