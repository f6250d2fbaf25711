"""VS Code and its forks: our extension, which their own program installs; no settings of theirs."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from signoff_collector.installation.interface import ExtensionInstall, Found
from signoff_collector.installation.vscode.extension_record import ExtensionRecord
from signoff_collector.installation.vscode.vscode_forks import FORKS, find_fork, seen_version
from signoff_collector.installation.vscode.vsix import (
    build_vsix,
    extension_folder,
    licence_file,
    read_manifest,
)
from signoff_collector.system.home import resolve_home
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from signoff_collector.installation.account import Account


class VSCode:
    """VS Code 1.100 or newer, VSCodium, code-server, Cursor, Windsurf: all that are found."""

    name = "vscode"
    title = "VS Code"
    precision = (
        "each change with who caused it where VS Code tells, saves, views, selections, focus, "
        "diagnostics, command lines of its terminals"
    )
    next_step = "Reload the windows of VS Code (Developer: Reload Window) and open a file."

    def find(self, account: Account) -> Found | None:
        """Look for the editors' command-line programs; none is run."""
        programs = {fork: find_fork(fork, account) for fork in FORKS}
        here = {fork: program for fork, program in programs.items() if program is not None}
        if not here:
            return None
        extension = read_manifest(extension_folder()).id
        versions = {fork.title: seen_version(fork, account, extension) for fork in here}
        told = ", ".join(f"{version or 'none'} in {title}" for title, version in versions.items())
        return Found(program=next(iter(here.values())), detail=f"extension {told}")

    def changes(self, account: Account, launcher: Path) -> Sequence[ExtensionInstall]:
        """Return what each editor's list of extensions must become."""
        folder = extension_folder()
        manifest = read_manifest(folder)
        package = build_vsix(folder, launcher=launcher, licence=licence_file(folder))
        ours = hashlib.sha256(package).hexdigest()
        given = _given()
        found: list[ExtensionInstall] = []
        for fork in FORKS:
            program = find_fork(fork, account)
            if program is None:
                continue
            seen = seen_version(fork, account, manifest.id)
            is_ours = given.get(program) == ours and seen == manifest.version
            found.append(
                ExtensionInstall(
                    program=program,
                    title=fork.title,
                    extension=manifest.id,
                    before=seen,
                    version=manifest.version,
                    package=package,
                    is_needed=not is_ours and not _is_newer(seen, manifest.version),
                )
            )
        return found


def _given() -> Mapping[Path, str]:
    """Return the digest of the package that each editor got from us."""
    with contextlib.suppress(SignoffError):
        return {entry.program: entry.sha256 for entry in ExtensionRecord(resolve_home()).entries()}
    return {}


def _is_newer(seen: str | None, ours: str) -> bool:
    """Say whether an editor has a later release, which must not be put back."""
    with contextlib.suppress(InvalidVersion):
        return seen is not None and Version(seen) > Version(ours)
    return False
