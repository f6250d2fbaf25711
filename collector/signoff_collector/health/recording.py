"""Checks of recording: enabled folders, the current folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.capture.opt_in.workspaces import Place, Workspaces
from signoff_collector.health.interface import bad, note, ok
from signoff_collector.system.home import Home
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.health.interface import Line, Surroundings


def opt_ins(around: Surroundings) -> Line:
    """Say how many folders are enabled, and what is wrong with one of them."""
    home = around.home
    if not isinstance(home, Home):
        return bad("Signoff's home cannot be used: nothing is enabled", home.hint)
    try:
        workspaces = Workspaces(home, around.clock)
        found = workspaces.all()
        lapsed = [
            finding
            for workspace in found
            if (finding := workspaces.look_up(workspace.root)).place is not Place.ENABLED
        ]
        said = [
            words
            for workspace in found
            for words in workspace.announcements(around.clock.wall_ns())
        ]
    except SignoffError as error:
        return bad(str(error), error.hint)
    if not found:
        return note("no folder is enabled: nothing is recorded", "Run `signoff enable` in one.")
    if lapsed:
        return note(lapsed[0].fact, "See `signoff status` there.")
    if said:
        return note(said[0])
    return ok(f"{len(found)} enabled")


def here(around: Surroundings) -> Line:
    """Say whether the current folder is recorded."""
    home = around.home
    if not isinstance(home, Home):
        return bad("Signoff's home cannot be used: nothing is recorded here", home.hint)
    try:
        finding = Workspaces(home, around.clock).look_up(around.here)
    except SignoffError as error:
        return bad(str(error), error.hint)
    return ok(finding.fact)
