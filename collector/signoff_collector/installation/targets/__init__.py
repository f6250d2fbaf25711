"""The editors that `setup` knows, in the order in which they are offered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.installation.targets.emacs import Emacs
from signoff_collector.installation.targets.helix import Helix
from signoff_collector.installation.targets.neovim import Neovim
from signoff_collector.installation.targets.vim import Vim

if TYPE_CHECKING:
    from signoff_collector.installation.interface import Target

TARGETS: Final[tuple[Target, ...]] = (Neovim(), Helix(), Emacs(), Vim())
