"""Bash: a marked block at the end of `~/.bashrc`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.installation.targets.shells import (
    PRECISION,
    found_shell,
    posix_quoted,
    with_lines,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from signoff_collector.installation.account import Account
    from signoff_collector.installation.interface import Change, Found


class Bash:
    """Bash 4.4 or newer; an older one ignores the lines."""

    name = "bash"
    title = "Bash"
    precision = PRECISION
    next_step = "Open a new shell and run something in an enabled folder."

    def find(self, account: Account) -> Found | None:
        """Look for `bash`; a new account may have no start-up file yet."""
        return found_shell(self.name, account)

    def changes(self, account: Account, launcher: Path) -> Sequence[Change]:
        """Return what `.bashrc` becomes."""
        quoted = posix_quoted(launcher)
        lines = (
            f"if [ -x {quoted} ]; then\n"
            f'  case $- in *i*) eval "$({quoted} shell-init bash 2>/dev/null)" ;; esac\n'
            "fi"
        )
        return [with_lines(account.user / ".bashrc", lines)]
