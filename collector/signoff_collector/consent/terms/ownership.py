"""Whose code an episode holds: what it was recorded under, else what a person said since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.capture.journal.control import SHARED
from signoff_collector.capture.opt_in.owners import Owners
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.sessions import list_sessions, sealed_as
from signoff_schemas.words import Owner

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from signoff_collector.consent.review_records import ReviewRecord
    from signoff_collector.own_files.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """What is known of the workspace that an episode comes from."""

    owner: Owner | None
    """None when nobody who may say it has said it: see `Workspaces.sharing_owner`."""
    workspace: str
    """A stable local name to derive the pseudonym from; never published."""
    was_shared: bool = False
    """Whether the editor was shared with somebody during the session (threat 25)."""


def ownership_of(home: Home, review: ReviewRecord) -> Ownership:
    """Return whose code a reviewed episode holds.

    What its session was sealed under stays, also when the session or the opt-in is gone. A lock
    that was put later holds too; what nobody had said by then, a person may say later.
    """
    for session in list_sessions(home):
        sealed = sealed_as(session)
        if sealed is not None and review.base_sha256 in sealed.digests:
            workspace = Workspaces(home).look_up(session.root).workspace
            return Ownership(
                owner=_owner(home, sealed.digests, session.root, session.started_wall_ns),
                workspace=workspace.identifier if workspace is not None else str(session.root),
                was_shared=any(
                    line.fields.get("reason") == SHARED for line in session.control_lines()
                ),
            )
    kept = Owners(home).recorded(review.base_sha256)
    if kept is None:
        return Ownership(owner=None, workspace=review.base_sha256)
    workspace = Workspaces(home).look_up(kept.root).workspace
    return Ownership(
        owner=_owner(home, (review.base_sha256,), kept.root, None),
        workspace=workspace.identifier if workspace is not None else str(kept.root),
    )


def _owner(home: Home, digests: Iterable[str], root: Path, started_ns: int | None) -> Owner | None:
    owners = Owners(home)
    kept = [one for one in map(owners.recorded, digests) if one is not None]
    said = {one.owner for one in kept}
    # without a word from when it was sealed, any lock since the session began counts
    now = Workspaces(home).sharing_owner(root, since_ns=None if kept else started_ns)
    if Owner.EMPLOYER in said or now is Owner.EMPLOYER:
        return Owner.EMPLOYER
    return now if None in said or not kept else kept[-1].owner
