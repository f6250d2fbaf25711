"""VS Code and its forks: where their command-line programs are, what they have installed.

Source: https://code.visualstudio.com/docs/configure/command-line ("Working with extensions"); run
against code-server 4.139.1 (VS Code 1.139.1).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.programs.children import run_child, search_program
from signoff_collector.system.private_files import read_regular
from signoff_collector.system.processes import SYSTEM_FOLDERS
from signoff_schemas.errors import ChildFailedError, MissingProgramError, SignoffError
from signoff_schemas.untyped import fields_of, list_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.installation.account import Account

_LIMIT_S: Final = 120.0
_MAX_BYTES: Final = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """One editor of this family."""

    program: str
    """Its command-line program."""

    title: str
    """As its makers write it."""

    extensions: str
    """Where it keeps extensions: below the home folder, or below `data/` of XDG_DATA_HOME."""

    bundle: str | None = None
    """Its application on macOS."""

    def extensions_folder(self, account: Account) -> Path:
        """Return where its extensions lie unless the person moved them."""
        if self.extensions.startswith("data/"):
            return account.data / self.extensions.removeprefix("data/")
        return account.user / self.extensions


FORKS: Final = (
    Fork(
        program="code",
        title="VS Code",
        extensions=".vscode/extensions",
        bundle="Visual Studio Code.app",
    ),
    Fork(
        program="code-insiders",
        title="VS Code Insiders",
        extensions=".vscode-insiders/extensions",
        bundle="Visual Studio Code - Insiders.app",
    ),
    Fork(
        program="codium",
        title="VSCodium",
        extensions=".vscode-oss/extensions",
        bundle="VSCodium.app",
    ),
    Fork(program="code-server", title="code-server", extensions="data/code-server/extensions"),
    Fork(
        program="cursor",
        title="Cursor",
        extensions=".cursor/extensions",
        bundle="Cursor.app",
    ),
    Fork(
        program="windsurf",
        title="Windsurf",
        extensions=".windsurf/extensions",
        bundle="Windsurf.app",
    ),
)


def find_fork(fork: Fork, account: Account) -> Path | None:
    """Return its program by absolute path, outside of work trees and workspaces (threat 1).

    On macOS it may be in the application alone, by its own name or as `code`. The programs that an
    editor lends its own terminals (`remote-cli`) speak to that editor only.
    """
    folders = [folder for folder in account.search_path if folder.name != "remote-cli"]
    path = os.pathsep.join(map(str, folders))
    try:
        return search_program(fork.program, environ={**os.environ, "PATH": path})
    except MissingProgramError:
        if fork.bundle is None:
            return None
        inside = f"{fork.bundle}/Contents/Resources/app/bin"
        return account.bundled(f"{inside}/{fork.program}", f"{inside}/code")


def seen_version(fork: Fork, account: Account, extension: str) -> str | None:
    """Return the version that the editor's own list names; no program is run.

    None where there is none, and where the list lies elsewhere or cannot be read.
    """
    path = fork.extensions_folder(account) / "extensions.json"
    try:
        parsed: object = json.loads(read_regular(path, max_bytes=_MAX_BYTES))
    except (SignoffError, ValueError, RecursionError):
        return None
    for row in list_of(parsed):
        fields = fields_of(row)
        identifier, version = fields.get("identifier"), fields.get("version")
        named = fields_of(identifier)
        if str(named.get("id")).lower() == extension.lower() and isinstance(version, str):
            return version
    return None


def installed_version(program: Path, account: Account, extension: str) -> str | None:
    """Ask the editor which version of an extension it has; None for none.

    Raises:
        SignoffError: it cannot be run, or fails.
    """
    said = _run(program, account, "--list-extensions", "--show-versions")
    for line in said.splitlines():
        name, _, version = line.strip().rpartition("@")
        if name.lower() == extension.lower():
            return version
    return None


def install(program: Path, account: Account, package: Path) -> None:
    """Let an editor install a `.vsix` file, over whatever version it has.

    Raises:
        SignoffError: it cannot be run, or fails.
    """
    _run(program, account, "--install-extension", str(package), "--force")


def uninstall(program: Path, account: Account, extension: str) -> None:
    """Let an editor take an extension out that it has.

    Raises:
        SignoffError: it cannot be run, or fails.
    """
    _run(program, account, "--uninstall-extension", extension)


def _run(program: Path, account: Account, *arguments: str) -> str:
    """Run an editor's program and return what it printed.

    It finds what lies beside it, such as the Node it runs on; its settings are the account's.
    """
    result = run_child(
        [program, *arguments],
        cwd=account.user,
        timeout_s=_LIMIT_S,
        extra_env={
            "HOME": str(account.user),
            "PATH": os.pathsep.join((*SYSTEM_FOLDERS, str(program.parent))),
            "XDG_CONFIG_HOME": str(account.config),
            "XDG_DATA_HOME": str(account.data),
        },
    )
    printed = result.stdout.decode("utf-8", "replace")
    if result.exit_code != 0:
        reason = _last_line(result.stderr.decode("utf-8", "replace"), printed)
        raise ChildFailedError(
            f"{program} {arguments[0]} ended with {result.exit_code}: {reason}",
            hint="Try it by hand in a terminal outside of the editor.",
        )
    return printed


def _last_line(*texts: str) -> str:
    lines: Sequence[str] = [line.strip() for text in texts for line in text.splitlines()]
    return next((line for line in lines if line), "it printed no reason")[:200]
