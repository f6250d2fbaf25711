"""Open the redirect file in the browser; argv contains only its path (threat 32)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from signoff_collector.programs.children import find_program, run_child
from signoff_collector.system.desktop import openers, start_file
from signoff_collector.system.processes import detached
from signoff_schemas.errors import SignoffError

_SESSION: Final = (
    "DBUS_SESSION_BUS_ADDRESS",
    "DESKTOP_SESSION",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_CURRENT_DESKTOP",
    "XDG_RUNTIME_DIR",
    "XDG_SESSION_TYPE",
)
"""Variables that a browser needs to find the desktop session; none names a program."""
_REMOTE: Final = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")


def no_display(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return why no browser can be opened here, or None if it can."""
    if any(environ.get(name) for name in _REMOTE):
        return "this terminal is on another machine than your browser (ssh)"
    if openers(environ) is None:
        return "there is no display here to open a page on"
    return None


def open_in_browser(path: Path, environ: Mapping[str, str] = os.environ) -> bool:
    """Start the desktop's opener on a file without waiting for it; False if there is none.

    Like every program, the opener is the one fixed by `setup`, or is searched in system folders,
    never in a workspace. BROWSER is ignored, because a workspace may set it (threat 1).
    """
    if start_file(path):
        return True
    session = {name: environ[name] for name in _SESSION if environ.get(name)}
    for name in openers(environ) or ():
        try:
            opener = find_program(name, environ=environ)
            run_child(
                detached([opener, path], is_quiet=False),
                cwd=Path(path.anchor),
                timeout_s=20,
                extra_env=session,
            )
        except SignoffError:
            continue
        return True
    return False
