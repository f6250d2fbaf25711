"""VS Code and its forks: where their command-line programs are, what they have installed.

On the far side of a remote window (SSH, WSL, a container) there is no editor but its server, which
lies below the home folder; its own program installs too, whether a window is open or not. Where the
server lies elsewhere, `remote-cli` of an integrated terminal asks the window to.

Source: https://code.visualstudio.com/docs/configure/command-line ("Working with extensions"); run
against code-server 4.139.1 (VS Code 1.139.1) and the server that it is made of.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import read_regular
from signoff_collector.programs.children import run_child, search_program
from signoff_collector.system.far_sides import is_on_windows
from signoff_collector.system.processes import SYSTEM_FOLDERS
from signoff_collector.system.users import is_own
from signoff_schemas.errors import ChildFailedError, MissingProgramError, SignoffError
from signoff_schemas.untyped import fields_of, list_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

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

    server: str = ""
    """For the server of remote windows: its folder below the home folder."""

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
_SERVERS: Final = (
    ("code-server", "VS Code Server", ".vscode-server"),
    ("code-server-insiders", "VS Code Server Insiders", ".vscode-server-insiders"),
    ("code-server", "VS Code Server of the container", ".vscode-remote"),
    ("code-server-oss", "Code - OSS Server", ".vscode-server-oss"),
    ("codium-server", "VSCodium Server", ".vscodium-server"),
    ("cursor-server", "Cursor Server", ".cursor-server"),
    ("windsurf-server", "Windsurf Server", ".windsurf-server"),
)
SERVERS: Final = tuple(
    Fork(program=program, title=title, extensions=f"{folder}/extensions", server=folder)
    for program, title, folder in _SERVERS
)
LENT: Final = "remote-cli"
"""The folder of the programs that a window lends its terminals."""
_HOOK: Final = "VSCODE_IPC_HOOK_CLI"
"""Names the socket by which they speak to it."""


def find_editors(account: Account) -> dict[Fork, Path]:
    """Return the programs of all that are here: editors, servers, at last a window of neither."""
    found = {fork: find_fork(fork, account) for fork in (*FORKS, *SERVERS)}
    here = {fork: program for fork, program in found.items() if program is not None}
    return here if any(fork.server for fork in here) else here | _lent(account, here)


def find_fork(fork: Fork, account: Account) -> Path | None:
    """Return its program by absolute path, outside of work trees and workspaces (threat 1).

    On macOS it may be in the application alone, by its own name or as `code`. The programs that an
    editor lends its own terminals (`remote-cli`) speak to that editor only. Those on a drive of
    Windows, which WSL puts on PATH, install on Windows. Of the releases of a server the newest
    counts: they share their extensions.
    """
    if fork.server:
        return _search(fork.program, _server_folders(fork, account), system=())
    folders = [folder for folder in account.search_path if folder.name != LENT]
    found = _search(fork.program, [one for one in folders if not is_on_windows(one)])
    if found is not None or fork.bundle is None:
        return found
    inside = f"{fork.bundle}/Contents/Resources/app/bin"
    return account.bundled(f"{inside}/{fork.program}", f"{inside}/code")


def _server_folders(fork: Fork, account: Account) -> list[Path]:
    """Return where a server's releases keep their programs, newest first."""
    place = account.user / fork.server
    releases = [*place.glob("bin/*/bin"), *place.glob("cli/servers/*/server/bin")]
    dated: list[tuple[float, Path]] = []
    for folder in releases:
        with contextlib.suppress(OSError):
            dated.append((folder.stat().st_mtime, folder))
    return [folder for _, folder in sorted(dated, reverse=True)]


def standing_program(program: Path, account: Account) -> Path:
    """Return a program, or what has taken its place after the server it is of was updated."""
    for fork in SERVERS if not program.exists() else ():
        if program.is_relative_to(account.user / fork.server):
            return find_fork(fork, account) or program
    return program


def _lent(account: Account, here: Collection[Fork]) -> dict[Fork, Path]:
    """Return the program of this terminal's window, if that can be asked and is not known."""
    if _hook() is None:
        return {}
    for folder in account.search_path:
        for fork in FORKS if folder.name == LENT else ():
            program = _search(fork.program, [folder], system=())
            if program is not None and fork not in here:
                kept = [above / "extensions" for above in program.parents]
                place = next((one for one in kept if (one / "extensions.json").exists()), None)
                extensions = fork.extensions if place is None else str(place)
                title = f"{fork.title}, this window"
                return {replace(fork, title=title, extensions=extensions): program}
    return {}


def _hook() -> str | None:
    """Return the socket of this terminal's window: one of ours, not any file that is named."""
    named = os.environ.get(_HOOK, "")
    try:
        found = os.stat(named)  # noqa: PTH116  an empty name is no path
    except (OSError, ValueError):
        return None
    is_ours = stat.S_ISSOCK(found.st_mode) and is_own(found)
    return named if is_ours and named.startswith("/") else None


def _search(
    name: str, folders: Sequence[Path], *, system: Sequence[str] = SYSTEM_FOLDERS
) -> Path | None:
    path = os.pathsep.join(map(str, folders))
    environ = {**os.environ, "PATH": path}
    try:
        return search_program(name, environ=environ, folders=system)
    except MissingProgramError:
        return None


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

    It finds what lies beside it, such as the Node it runs on; its settings are the account's. To
    what a window lends, that window is named.
    """
    hook = _hook() if program.parent.name == LENT else None
    result = run_child(
        [program, *arguments],
        cwd=account.user,
        timeout_s=_LIMIT_S,
        extra_env={
            "HOME": str(account.user),
            "PATH": os.pathsep.join((*SYSTEM_FOLDERS, str(program.parent))),
            "XDG_CONFIG_HOME": str(account.config),
            "XDG_DATA_HOME": str(account.data),
            **({} if hook is None else {_HOOK: hook}),
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
