"""Neovim: one file of ours in its `plugin` folder; `init.lua` stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.installation.config_files.config_files import read_text
from signoff_collector.installation.config_files.marked_block import block, with_block
from signoff_collector.installation.interface import Change, Found
from signoff_collector.installation.launcher import neovim_companion
from signoff_collector.installation.targets.quoting import double_quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from signoff_collector.installation.account import Account

_LINES: Final = """\
local launcher, companion = {launcher}, {companion}
if vim.fn.has('nvim-0.10') == 1 and vim.fn.executable(launcher) == 1
  and vim.fn.filereadable(companion .. '/plugin/signoff.lua') == 1 then
  vim.opt.runtimepath:append(companion)
  pcall(function()
    dofile(companion .. '/plugin/signoff.lua')
    require('signoff').setup({{ cmd = {{ launcher, 'lsp' }} }})
  end)
end
"""


class Neovim:
    """Neovim 0.10 or newer, with the companion that ships with us."""

    name = "neovim"
    title = "Neovim"
    precision = (
        "each key with who caused it, saves, views, selections, focus, diagnostics; "
        "needs Neovim 0.10 or newer"
    )
    next_step = "Start Neovim again and open a file."

    def find(self, account: Account) -> Found | None:
        """Look for `nvim` and for its settings."""
        program = account.program("nvim")
        if program is None and not (account.config / account.nvim_name).is_dir():
            return None
        return Found(program=program)

    def changes(self, account: Account, launcher: Path) -> Sequence[Change]:
        """Return the one file that Neovim runs by itself after `init.lua`."""
        path = account.config / account.nvim_name / "plugin" / "signoff_setup.lua"
        text = read_text(path)
        lines = _LINES.format(
            launcher=double_quoted(launcher), companion=double_quoted(neovim_companion())
        )
        after = with_block(text or "", block(lines, comment="--"))
        before = None if text is None else text.encode("utf-8")
        return [Change(path=path, before=before, after=after.encode("utf-8"))]
