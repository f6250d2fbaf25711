"""What editors, shells and agents start, by absolute paths that an upgrade of Python leaves alone.

The launcher, the companion for Neovim and the hook of agents lie in `bin/` and `share/` of an
installation. Its packages lie in `lib/python3.X/`, which no settings of a person may name: they
would point at nothing once Signoff is installed again under another Python.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import signoff_collector
from signoff_schemas.errors import MissingProgramError

_COMPANIONS: Final = Path("share", "signoff-companions")
_AGENT_HOOK: Final = Path("capture", "agents", "hook_start.py")


def launcher_path() -> Path:
    """Return the `signoff` beside the Python that runs now, links not followed.

    Raises:
        MissingProgramError: it is not there.
    """
    path = Path(sys.executable).with_name("signoff")
    if not (path.is_file() and os.access(path, os.X_OK)):
        raise MissingProgramError(
            f"there is no launcher {path}",
            hint="Install Signoff (pipx install 'signoff[seal]', or make setup in its sources).",
        )
    return path


def neovim_companion() -> Path:
    """Return the folder to add to Neovim's runtime path: in the sources, else in `share/`.

    Raises:
        MissingProgramError: this installation lacks it.
    """
    sources = _package().parents[1] / "editor_extensions" / "neovim"
    for companion in (sources, _installed() / "neovim"):
        if (companion / "lua" / "signoff" / "init.lua").is_file():
            return companion
    raise MissingProgramError(
        f"the companion for Neovim is missing in {_installed()}", hint="Install Signoff again."
    )


def agent_hook() -> Path:
    """Return the file that agents start for their events: in `share/`, else in the sources."""
    installed = _installed() / _AGENT_HOOK.name
    is_source = (_package().parents[1] / "editor_extensions").is_dir()
    return _package() / _AGENT_HOOK if is_source or not installed.is_file() else installed


def _package() -> Path:
    return Path(signoff_collector.__file__).parent


def _installed() -> Path:
    return Path(sys.executable).parents[1] / _COMPANIONS
