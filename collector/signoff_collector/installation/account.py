"""Whose editors are set up: the folders and the search path of one person's account."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from signoff_collector.system.abilities import is_apple
from signoff_collector.system.users import entry_of_account
from signoff_schemas.errors import RefusedError

_SYSTEM_FOLDERS: Final = ("/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin")
_APPLICATIONS: Final = Path("/Applications")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where a person's editors look for their settings."""

    user: Path
    """The home folder."""

    config: Path
    """`XDG_CONFIG_HOME`, else `~/.config`."""

    data: Path
    """`XDG_DATA_HOME`, else `~/.local/share`."""

    search_path: tuple[Path, ...]
    """Absolute entries of PATH, then the system's folders."""

    zsh: Path
    """`ZDOTDIR`, else the home folder."""

    shell: str
    """Its shell by name: what SHELL says, else what the system says; `bash` for any other."""

    nvim_name: str = "nvim"
    """`NVIM_APPNAME`."""

    applications: tuple[Path, ...] = ()
    """Where macOS keeps applications; an editor there may have nothing on PATH."""

    def bundled(self, *places: str) -> Path | None:
        """Return the first program at these places below a folder of applications; not run."""
        for place in places:
            for folder in self.applications:
                candidate = folder / place
                if candidate.is_file() and os.access(candidate, os.X_OK):
                    return candidate
        return None

    def program(self, *names: str) -> Path | None:
        """Return the first program of these names; it is not run."""
        for name in names:
            for folder in self.search_path:
                candidate = folder / name
                if candidate.is_file() and os.access(candidate, os.X_OK):
                    return candidate
        return None


def account_of(environ: Mapping[str, str] = os.environ) -> Account:
    """Return the account that the environment names.

    An `XDG_CONFIG_HOME` inside a repository is a repository's wish, not the person's (threat 1).

    Raises:
        RefusedError: there is no usable HOME, or settings would be written into a repository.
    """
    user = Path(environ.get("HOME", ""))
    if not user.is_absolute():
        raise RefusedError(
            "HOME is not set to an absolute path, and editors look there for their settings",
            hint="Set HOME to your home folder, then run it again.",
        )
    if not user.is_dir():
        raise RefusedError(
            f"the home folder {user} is not there", hint="Set HOME to your home folder."
        )
    named = Path(environ.get("XDG_CONFIG_HOME", ""))
    config = named if named.is_absolute() else user / ".config"
    _refuse_repository(config, user, "XDG_CONFIG_HOME")
    named = Path(environ.get("XDG_DATA_HOME", ""))
    data = named if named.is_absolute() else user / ".local" / "share"
    if named.is_absolute():
        _refuse_repository(data, user, "XDG_DATA_HOME")
    zsh = Path(environ.get("ZDOTDIR", ""))
    zsh = zsh if zsh.is_absolute() else user
    if zsh != user:
        _refuse_repository(zsh, user, "ZDOTDIR")
    entries = [Path(entry) for entry in environ.get("PATH", "").split(os.pathsep)]
    search_path = (*(e for e in entries if e.is_absolute()), *map(Path, _SYSTEM_FOLDERS))
    nvim_name = environ.get("NVIM_APPNAME", "")
    return Account(
        user=user,
        config=config,
        data=data,
        zsh=zsh,
        shell=_shell_of(environ),
        search_path=tuple(dict.fromkeys(search_path)),
        nvim_name=nvim_name if _is_plain_name(nvim_name) else "nvim",
        applications=(_APPLICATIONS, user / "Applications") if is_apple() else (),
    )


def _shell_of(environ: Mapping[str, str]) -> str:
    """Return the shell that a person types in; it decides only what is proposed unasked."""
    name = Path(environ.get("SHELL", "")).name
    if not name:
        entry = entry_of_account()
        name = "" if entry is None else Path(entry.shell).name
    return name if name in {"zsh", "fish"} else "bash"


def _is_plain_name(name: str) -> bool:
    return bool(name) and all(char.isalnum() or char in "-_" for char in name)


def _refuse_repository(config: Path, user: Path, name: str) -> None:
    """Refuse a configuration folder below a work tree that is not the home folder's own."""
    if config.is_relative_to(user) and config.parent == user:
        return
    for folder in config.parents:
        if folder == user:
            return
        if os.path.lexists(folder / ".git"):
            raise RefusedError(
                f"{name} is {config}, inside the repository {folder}",
                hint=f"Unset {name}, or run it outside of the repository's environment.",
            )
