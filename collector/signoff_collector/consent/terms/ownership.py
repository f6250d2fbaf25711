"""Whose code an episode holds: what the developer said when enabling its workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.capture.journal.control import SHARED
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.sessions import list_sessions, sealed_as

if TYPE_CHECKING:
    from signoff_collector.consent.review_records import ReviewRecord
    from signoff_collector.system.home import Home
    from signoff_schemas.words import Owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """What is known of the workspace that an episode comes from."""

    owner: Owner | None
    """None when nobody who may say it has said it: see `Workspace.sharing_owner`.

    Also when the workspace is no longer enabled, or its session is gone.
    """
    workspace: str
    """A stable local name to derive the pseudonym from; never published."""
    was_shared: bool = False
    """Whether the editor was shared with somebody during the session (threat 25)."""


def ownership_of(home: Home, review: ReviewRecord) -> Ownership:
    """Return what the developer said about the workspace of a reviewed episode."""
    for session in list_sessions(home):
        sealed = sealed_as(session)
        if sealed is not None and review.base_sha256 in sealed.digests:
            workspace = Workspaces(home).look_up(session.root).workspace
            return Ownership(
                owner=workspace.sharing_owner if workspace is not None else None,
                workspace=workspace.identifier if workspace is not None else str(session.root),
                was_shared=any(
                    line.fields.get("reason") == SHARED for line in session.control_lines()
                ),
            )
    return Ownership(owner=None, workspace=review.base_sha256)
