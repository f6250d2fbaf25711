"""The editors, shells and agents that `setup` knows, in the order in which they are offered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.installation.targets.bash import Bash
from signoff_collector.installation.targets.claude_code import ClaudeCode
from signoff_collector.installation.targets.codex import Codex
from signoff_collector.installation.targets.cursor import Cursor
from signoff_collector.installation.targets.emacs import Emacs
from signoff_collector.installation.targets.fish import Fish
from signoff_collector.installation.targets.helix import Helix
from signoff_collector.installation.targets.neovim import Neovim
from signoff_collector.installation.targets.vim import Vim
from signoff_collector.installation.targets.vscode import VSCode
from signoff_collector.installation.targets.zsh import Zsh

if TYPE_CHECKING:
    from signoff_collector.installation.interface import Target

EDITORS: Final[tuple[Target, ...]] = (Neovim(), Helix(), Emacs(), Vim(), VSCode())
SHELLS: Final[tuple[Target, ...]] = (Bash(), Zsh(), Fish())
AGENTS: Final[tuple[Target, ...]] = (ClaudeCode(), Codex(), Cursor())
TARGETS: Final[tuple[Target, ...]] = (*EDITORS, *SHELLS, *AGENTS)
