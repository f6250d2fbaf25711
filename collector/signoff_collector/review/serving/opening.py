"""Open the redirect file in the browser; argv contains only its path (threat 32)."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from signoff_collector.programs.children import find_program, run_child
from signoff_schemas.errors import SignoffError

OPENERS: Final = ("open",) if sys.platform == "darwin" else ("xdg-open",)
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
_SHELL: Final = Path("/bin/sh")
_DETACH: Final = '"$@" </dev/null >/dev/null 2>&1 &'
"""Detach: a browser that was not running yet would keep the opener alive for hours."""


def no_display(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return why no browser can be opened here, or None if it can."""
    if any(environ.get(name) for name in _REMOTE):
        return "this terminal is on another machine than your browser (ssh)"
    if sys.platform != "darwin" and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return "there is no display here to open a page on"
    return None


def open_in_browser(path: Path, environ: Mapping[str, str] = os.environ) -> bool:
    """Start the desktop's opener on a file without waiting for it; False if there is none.

    Like every program, the opener is the one fixed by `setup`, or is searched in system folders,
    never in a workspace. BROWSER is ignored, because a workspace may set it (threat 1).
    """
    session = {name: environ[name] for name in _SESSION if environ.get(name)}
    for name in OPENERS:
        try:
            opener = find_program(name, environ=environ)
            run_child(
                [_SHELL, "-c", _DETACH, "sh", opener, path],
                cwd=Path("/"),
                timeout_s=20,
                extra_env=session,
            )
        except SignoffError:
            continue
        return True
    return False
