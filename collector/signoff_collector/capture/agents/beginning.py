"""Open the session that a hook found missing, and append the hook's line to its spool.

Run detached as `python -I -m … HOME ROOT SPOOL` with the line on standard input. The opt-in is
checked here as everywhere else (`Workspaces`); if it refuses, the hooks wait a minute before they
try again.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"agent-0-[0-9a-f]{8}\.spool")
_MAX_LINE: Final = 64 << 10


def begin(home_name: str, root: str, name: str, line: bytes) -> bool:
    """Open the session and append the line; return whether the opt-in allowed it.

    Raises:
        SignoffError: the home cannot be used, or there is no room.
    """
    from signoff_collector.capture.agents.hook import append
    from signoff_collector.capture.agents.hook_places import refusal_of
    from signoff_collector.capture.opt_in.workspaces import find_workspace
    from signoff_collector.capture.sessions.sessions import hold_workspace, sweep
    from signoff_collector.capture.sessions.starting_watcher import ensure_watcher
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.system.clock import SystemClock

    clock = SystemClock()
    home = resolve_home({"SIGNOFF_HOME": home_name})
    workspace = find_workspace(home, Path(root), clock=clock)
    if workspace is None or _NAME.fullmatch(name) is None or b"\n" in line:
        Path(refusal_of(home_name)).touch(mode=0o600)
        return False
    session, hold = hold_workspace(home, workspace, clock)
    try:
        ensure_watcher(session, home)
        append(os.fspath(session.folder / name), line)
    finally:
        hold.release()
    sweep(home, clock)
    return True


def main(words: list[str]) -> None:
    """Run `begin`; errors are swallowed, since nobody is there to read them."""
    from signoff_collector.system.hardening import harden

    harden()
    line = sys.stdin.buffer.read(_MAX_LINE)
    if len(words) == 3:
        with suppress(Exception):
            begin(words[0], words[1], words[2], line)


if __name__ == "__main__":
    main(sys.argv[1:])
