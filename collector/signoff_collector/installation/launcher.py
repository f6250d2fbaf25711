"""The program that editors start, and the companion that ships with it, by absolute paths."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import signoff_collector
from signoff_schemas.errors import MissingProgramError

_COMPANION: Final = Path("editor_extensions", "neovim")


def launcher_path() -> Path:
    """Return the `signoff` beside the Python that runs now, links not followed.

    Raises:
        MissingProgramError: it is not there.
    """
    path = Path(sys.executable).with_name("signoff")
    if not (path.is_file() and os.access(path, os.X_OK)):
        raise MissingProgramError(
            f"there is no launcher {path}",
            hint="Install Signoff (pipx install signoff, or make setup in its sources).",
        )
    return path


def neovim_companion() -> Path:
    """Return the folder to add to Neovim's runtime path: beside the package, or in the sources.

    Raises:
        MissingProgramError: this installation lacks it.
    """
    package = Path(signoff_collector.__file__).parent
    for folder in (package, package.parents[1]):
        companion = folder / _COMPANION
        if (companion / "lua" / "signoff" / "init.lua").is_file():
            return companion
    raise MissingProgramError(
        f"the companion for Neovim is missing beside {package}", hint="Install Signoff again."
    )
