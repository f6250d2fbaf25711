"""Fish: one file of ours in its `conf.d`; `config.fish` stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.installation.targets.shells import PRECISION, found_shell, with_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from signoff_collector.installation.account import Account
    from signoff_collector.installation.interface import Change, Found


class Fish:
    """Fish 3.2 or newer."""

    name = "fish"
    title = "Fish"
    precision = PRECISION
    next_step = "Open a new shell and run something in an enabled folder."

    def find(self, account: Account) -> Found | None:
        """Look for `fish`."""
        return found_shell(self.name, account)

    def changes(self, account: Account, launcher: Path) -> Sequence[Change]:
        """Return the one file that fish reads by itself."""
        quoted = _quoted(launcher)
        lines = (
            f"if status is-interactive; and test -x {quoted}\n"
            f"    {quoted} shell-init fish 2>/dev/null | source\n"
            "end"
        )
        return [with_lines(account.config / "fish" / "conf.d" / "signoff_setup.fish", lines)]


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("\\", "\\\\").replace("'", "\\'") + "'"
