"""Checks of recording: enabled folders, the current folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.capture.opt_in.workspaces import Place, Workspaces
from signoff_collector.health.interface import note, ok

if TYPE_CHECKING:
    from signoff_collector.health.interface import Line, Surroundings


def opt_ins(around: Surroundings) -> Line:
    """Say how many folders are enabled, and what is wrong with one of them."""
    workspaces = Workspaces(around.needed_home, around.clock)
    found = workspaces.all()
    if not found:
        return note("no folder is enabled: nothing is recorded", "Run `signoff enable` in one.")
    for workspace in found:
        finding = workspaces.look_up(workspace.root)
        if finding.place is not Place.ENABLED:
            return note(finding.fact, "See `signoff status` there.")
    for workspace in found:
        for words in workspace.announcements(around.clock.wall_ns()):
            return note(words)
    return ok(f"{len(found)} enabled")


def here(around: Surroundings) -> Line:
    """Say whether the current folder is recorded."""
    return ok(Workspaces(around.needed_home, around.clock).look_up(around.here).fact)
