"""How a desktop opens a file."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def start_file(path: Path) -> bool:
    """Open a file as the desktop does, where that is a call of the system; False elsewhere."""
    if sys.platform == "win32":
        os.startfile(path)  # noqa: S606  a file that we made
        return True
    return False


def openers(environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the programs that open a file as the desktop does; None without a desktop."""
    if sys.platform == "darwin":
        return ("open",)
    if sys.platform == "win32":
        return ()  # `start_file` does it
    return ("xdg-open",) if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY") else None
