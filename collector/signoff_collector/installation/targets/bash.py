"""Bash: a marked block at the end of `~/.bashrc`."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Final

from signoff_collector.installation.targets.shells import (
    PRECISION,
    found_shell,
    posix_quoted,
    with_lines,
)
from signoff_collector.programs.children import run_child, search_program
from signoff_collector.system.processes import SYSTEM_FOLDERS
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from signoff_collector.installation.account import Account
    from signoff_collector.installation.interface import Change, Found


_OLDEST: Final = (4, 4)
_VERSION: Final = re.compile(rb"version (\d+)\.(\d+)")
_LIMIT_S: Final = 10.0


class Bash:
    """Bash 4.4 or newer; an older one, such as the 3.2 of macOS, ignores the lines."""

    name = "bash"
    title = "Bash"
    precision = PRECISION
    next_step = "Open a new shell and run something in an enabled folder."

    def __init__(self, folders: Sequence[str] = SYSTEM_FOLDERS) -> None:
        """Prepare.

        Args:
            folders: where to look for the bash that is asked for its version, and nowhere else.
        """
        self._folders = folders

    def find(self, account: Account) -> Found | None:
        """Look for `bash`; a new account may have no start-up file yet."""
        found = found_shell(self.name, account)
        too_old = None if found is None else self._too_old(account)
        if found is None or too_old is None:
            return found
        return dataclasses.replace(found, remark=too_old, is_used=False, is_too_old=True)

    def _too_old(self, account: Account) -> str | None:
        """Say in one sentence that bash is too old and what to do, or None."""
        try:
            program = search_program(self.name, environ={}, folders=self._folders)
            said = run_child([program, "--version"], cwd=account.user, timeout_s=_LIMIT_S)
        except SignoffError:
            return None
        version = _VERSION.search(said.stdout)
        if version is None or (int(version[1]), int(version[2])) >= _OLDEST:
            return None
        return (
            f"{program} is bash {int(version[1])}.{int(version[2])}, too old to record command "
            "lines: install bash 4.4 or newer (`brew install bash`), or type in zsh"
        )

    def changes(self, account: Account, launcher: Path) -> Sequence[Change]:
        """Return what `.bashrc` becomes."""
        quoted = posix_quoted(launcher)
        lines = (
            f"if [ -x {quoted} ] && (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404 )); then\n"
            f'  case $- in *i*) eval "$({quoted} shell-init bash 2>/dev/null)" ;; esac\n'
            "fi"
        )
        return [with_lines(account.user / ".bashrc", lines)]
