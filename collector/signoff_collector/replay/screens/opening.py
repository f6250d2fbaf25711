"""Taking the whole screen for the player, and giving it back."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.uncollected import uncollected

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    from signoff_collector.replay.reel import Reel

_SETTINGS: Final = "TEXTUAL"
_SIZES: Final = frozenset({"COLUMNS", "LINES"})
"""Believed before the terminal itself, and then wrong once a window changes its size."""


def drop_settings(environ: MutableMapping[str, str] = os.environ) -> None:
    """Take Textual's settings out of the environment; to be called before it is imported.

    Some press keys, others name classes to import and files to write, and the environment is what
    any workspace makes of it (threat 1).
    """
    for name in list(environ):
        if name.startswith(_SETTINGS) or name in _SIZES:
            del environ[name]


def show_player(
    reel: Reel,
    *,
    name: str,
    place: int,
    speed: float,
    starts: bool,
    mask: Callable[[str], str],
    grow: Callable[[], Reel | None] | None,
) -> None:
    """Show the player until the person leaves; see `app.Player` for what is given."""
    drop_settings()
    with uncollected():
        from signoff_collector.replay.screens.app import Player

        gc.freeze()  # all that is there now stays as long as the screen
    Player(reel, name=name, place=place, speed=speed, starts=starts, mask=mask, grow=grow).show()
