"""VS Code and its forks: our extension, which their own program installs; no settings of theirs."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from signoff_collector.installation.interface import ExtensionInstall, Found
from signoff_collector.installation.vscode.extension_record import ExtensionRecord
from signoff_collector.installation.vscode.vscode_forks import (
    SERVERS,
    find_editors,
    seen_version,
    standing_program,
)
from signoff_collector.installation.vscode.vsix import (
    build_vsix,
    extension_folder,
    licence_file,
    read_manifest,
)
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.far_sides import ROOT, editor_on_windows
from signoff_schemas.errors import MissingProgramError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signoff_collector.installation.account import Account
    from signoff_collector.installation.vscode.vsix import Manifest


class VSCode:
    """VS Code 1.100 or newer and its forks, the servers of their remote windows: all found."""

    name = "vscode"
    title = "VS Code"
    precision = (
        "each change with who caused it where VS Code tells, saves, views, selections, focus, "
        "diagnostics, command lines of its terminals"
    )
    next_step = "Reload the windows of VS Code (Developer: Reload Window) and open a file."

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root
        """Where the drives of Windows are mounted."""

    def find(self, account: Account) -> Found | None:
        """Look for the editors' command-line programs; none is run."""
        here = find_editors(account)
        if not here:
            far = self._far_side(account)
            return None if far is None else Found(program=None, remark=str(far), is_used=False)
        extension = read_manifest(extension_folder()).id
        versions = {fork.title: seen_version(fork, account, extension) for fork in here}
        told = ", ".join(f"{version or 'none'} in {title}" for title, version in versions.items())
        return Found(program=next(iter(here.values())), detail=f"extension {told}")

    def changes(self, account: Account, launcher: Path) -> Sequence[ExtensionInstall]:
        """Return what each editor's list of extensions must become.

        Raises:
            MissingProgramError: there is only a far side of an editor, with nothing that installs.
        """
        here = find_editors(account)
        far = None if here else self._far_side(account)
        if far is not None:
            raise far
        manifest, package = our_package(launcher)
        ours = hashlib.sha256(package).hexdigest()
        given = _given(account)
        found: list[ExtensionInstall] = []
        for fork, program in here.items():
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

    def _far_side(self, account: Account) -> MissingProgramError | None:
        """Return what there is of an editor that runs on another machine, and what helps."""
        windows = editor_on_windows(root=self._root)
        if windows is not None:
            return MissingProgramError(
                f"the editor is on Windows ({windows}), and its part in WSL is not there yet",
                hint=f"Run `{windows.name} .` here once, then `signoff setup vscode` again.",
            )
        traces = [fork.title for fork in SERVERS if (account.user / fork.server).is_dir()]
        if not traces and "VSCODE_IPC_HOOK_CLI" not in os.environ:
            return None
        return MissingProgramError(
            f"{traces[0] if traces else 'a remote window of VS Code'} was here, and nothing of it "
            "can install an extension now"
        )


def our_package(launcher: Path) -> tuple[Manifest, bytes]:
    """Return our extension as editors install it.

    Raises:
        SignoffError: this installation lacks it.
    """
    folder = extension_folder()
    package = build_vsix(folder, launcher=launcher, licence=licence_file(folder))
    return read_manifest(folder), package


def _given(account: Account) -> Mapping[Path, str]:
    """Return the digest of the package that each editor got from us."""
    with contextlib.suppress(SignoffError):
        entries = ExtensionRecord(resolve_home()).entries()
        return {standing_program(entry.program, account): entry.sha256 for entry in entries}
    return {}


def _is_newer(seen: str | None, ours: str) -> bool:
    """Say whether an editor has a later release, which must not be put back."""
    with contextlib.suppress(InvalidVersion):
        return seen is not None and Version(seen) > Version(ours)
    return False
