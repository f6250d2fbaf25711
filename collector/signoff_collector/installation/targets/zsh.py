"""Zsh: a marked block at the end of `.zshrc`, in `ZDOTDIR` where that is set."""

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


class Zsh:
    """Zsh 5.4 or newer."""

    name = "zsh"
    title = "Zsh"
    precision = PRECISION
    next_step = "Open a new shell and run something in an enabled folder."

    def find(self, account: Account) -> Found | None:
        """Look for `zsh`."""
        return found_shell(self.name, account)

    def changes(self, account: Account, launcher: Path) -> Sequence[Change]:
        """Return what `.zshrc` becomes."""
        quoted = posix_quoted(launcher)
        lines = (
            f"if [[ -o interactive && -x {quoted} ]]; then\n"
            f'  eval "$({quoted} shell-init zsh 2>/dev/null)"\n'
            "fi"
        )
        return [with_lines(account.zsh / ".zshrc", lines)]
