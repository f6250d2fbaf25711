"""Machines inside of others: a container, which may be made anew, and Linux inside of Windows."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = Path("/")
_DRIVE: Final = re.compile(r"/mnt/[a-z](/|$)")
"""Where WSL mounts drives of Windows, unless `/etc/wsl.conf` says otherwise."""
_PROGRAMS: Final = (
    "mnt/*/Users/*/AppData/Local/Programs/{name}/bin/{program}",
    "mnt/*/Program Files/{name}/bin/{program}",
)
_EDITORS: Final = (
    ("Microsoft VS Code", "code"),
    ("Microsoft VS Code Insiders", "code-insiders"),
    ("VSCodium", "codium"),
    ("cursor", "cursor"),
    ("Windsurf", "windsurf"),
)
"""Folders of editors on Windows, as their installers name them, and their programs for WSL."""


def container_of(environ: Mapping[str, str] = os.environ, root: Path = ROOT) -> str | None:
    """Return which kind of container this is, or None."""
    if environ.get("CODESPACES"):
        return "codespace"
    if environ.get("REMOTE_CONTAINERS"):
        return "dev container"
    markers = (".dockerenv", "run/.containerenv")
    return "container" if any((root / marker).exists() for marker in markers) else None


def is_wsl(environ: Mapping[str, str] = os.environ, root: Path = ROOT) -> bool:
    """Say whether this is Linux inside of Windows."""
    if environ.get("WSL_DISTRO_NAME") or environ.get("WSL_INTEROP"):
        return True
    with contextlib.suppress(OSError):
        return b"microsoft" in (root / "proc/sys/kernel/osrelease").read_bytes().lower()
    return False


def is_on_windows(folder: Path, environ: Mapping[str, str] = os.environ) -> bool:
    """Say whether a folder of PATH is on a drive of Windows: its programs run there."""
    return _DRIVE.match(str(folder)) is not None and is_wsl(environ)


def editor_on_windows(environ: Mapping[str, str] = os.environ, root: Path = ROOT) -> Path | None:
    """Return the program of an editor of the family of VS Code on the Windows side of WSL.

    The account's own installation comes before one for all accounts.
    """
    if not is_wsl(environ, root):
        return None
    for pattern in _PROGRAMS:
        for name, program in _EDITORS:
            with contextlib.suppress(OSError):  # a drive that is gone, a folder of another account
                found = sorted(root.glob(pattern.format(name=name, program=program)))
                if found:
                    return found[0]
    return None
