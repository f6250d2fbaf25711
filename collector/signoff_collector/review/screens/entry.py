"""The way into the terminal review: full screens where they can be shown, else the dialogue."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.console import Console
    from signoff_collector.home import Home
    from signoff_collector.review.storing import BaseEpisode

_PLAIN_TERMINALS: Final = frozenset({"", "dumb", "emacs", "unknown"})
MIN_COLUMNS: Final = 60
MIN_ROWS: Final = 16


def can_show_screens(console: Console, environ: Mapping[str, str] = os.environ) -> bool:
    """Say whether this terminal can hold full screens and its owner has not asked for lines.

    `SIGNOFF_PLAIN` set to anything asks for the dialogue of lines, as a screen reader needs.
    """
    if not console.is_terminal or environ.get("SIGNOFF_PLAIN"):
        return False
    if environ.get("TERM", "") in _PLAIN_TERMINALS:
        return False
    size = os.get_terminal_size(sys.stdout.fileno())
    return size.columns >= MIN_COLUMNS and size.lines >= MIN_ROWS


def run_review(home: Home, base: BaseEpisode, console: Console) -> int:
    """Review one sealed episode at this terminal; return the exit code.

    Shows full screens, or the dialogue where `can_show_screens` says no. The caller has made
    sure that a person is at the terminal.
    """
    from signoff_collector.commands.review import talk

    return talk(home, base, console)
