"""Sessions for tests, without the opt-in around them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from signoff_collector.own_files.home import Home, resolve_home


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """As much of an enabled workspace as a session needs."""

    root: Path


def workspace(path: Path) -> Folder:
    """Make a folder and return it as a workspace."""
    path.mkdir(parents=True, exist_ok=True)
    return Folder(root=path.resolve())


def current_home() -> Home:
    """Return the test's own home, with its folders."""
    return resolve_home(os.environ).ensure()
