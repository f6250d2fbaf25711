"""Which workspaces a control verb means: the one around a path, or all of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.sessions import list_sessions
from signoff_schemas.errors import NotFoundError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.capture.opt_in.workspaces import Workspace
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock


def add_path(parser: argparse.ArgumentParser) -> None:
    """Declare `[DIR]` and `--everywhere`."""
    parser.add_argument(
        "path",
        nargs="?",
        default=None,
        metavar="DIR",
        help="any path in a workspace; default: the current folder",
    )
    parser.add_argument("--everywhere", action="store_true", help="all workspaces")


def chosen_workspaces(
    home: Home, clock: Clock, arguments: argparse.Namespace
) -> tuple[Workspace, ...]:
    """Give the workspace of the named path or of the current folder; outside of any, all.

    Raises:
        NotFoundError: the named path is in none, or nothing is enabled at all.
    """
    workspaces = Workspaces(home, clock)
    everything = workspaces.all()
    if not arguments.everywhere:
        found = workspaces.look_up(Path(arguments.path or ".")).workspace
        if found is not None:
            return (found,)
        if arguments.path is not None:
            raise NotFoundError(
                f"{arguments.path} is not enabled", hint="`signoff status` lists what is."
            )
    if not everything:
        raise NotFoundError(
            "nothing is enabled, so nothing is recorded",
            hint="`signoff enable` records in a folder.",
        )
    return everything


def root_around(home: Home, clock: Clock, path: Path) -> Path | None:
    """Give the workspace's real path around a path, also when only its sessions are left."""
    workspace = Workspaces(home, clock).look_up(path).workspace
    if workspace is not None:
        return workspace.root
    real = path.resolve()
    roots = {session.root for session in list_sessions(home)}
    around = [root for root in roots if real.is_relative_to(root)]
    return max(around, key=lambda root: len(root.parts), default=None)
