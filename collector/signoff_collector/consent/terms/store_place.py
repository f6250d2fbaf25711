"""Where a folder may not be a store: nothing of ours is ever written into a recorded folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.consent.terms.audience import folder_of
from signoff_schemas.errors import RefusedError

if TYPE_CHECKING:
    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock


def refuse_store_in_workspace(home: Home, audience: Audience, clock: Clock) -> None:
    """Refuse a folder that lies in an enabled workspace, also a paused or expired one.

    Raises:
        RefusedError: it does.
    """
    if not audience.startswith("file://"):
        return
    folder = folder_of(audience)
    workspaces = Workspaces(home, clock)
    roots = [workspace.root for workspace in workspaces.all()]
    linked = workspaces.look_up(folder).workspace
    if linked is not None:
        roots.append(linked.root)
    for root in roots:
        if folder.is_relative_to(root):
            raise RefusedError(
                f"the store {folder} lies in {root}, which is recorded",
                hint="Name a folder outside of every recorded workspace.",
            )
