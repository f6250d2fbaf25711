"""Start the full-screen player and restore the terminal afterwards."""

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
"""They override the terminal's own size, and are wrong once the window is resized."""


def drop_settings(environ: MutableMapping[str, str] = os.environ) -> None:
    """Remove Textual's settings from the environment; call it before importing Textual.

    Some simulate keys, others name classes to import and files to write, and a workspace can set
    the environment (threat 1).
    """
    for name in list(environ):
        if name.startswith(_SETTINGS) or name in _SIZES:
            del environ[name]


def show_player(
    reel: Reel,
    *,
    project: str | None,
    place: int,
    speed: float | None,
    starts: bool,
    mask: Callable[[str], str],
    grow: Callable[[], Reel | None] | None,
) -> None:
    """Run the player until the person quits; arguments as for `app.Player`."""
    drop_settings()
    with uncollected():
        from signoff_collector.replay.screens.app import Player

        gc.freeze()  # freeze: objects that exist now live as long as the screen
    Player(
        reel, project=project, place=place, speed=speed, starts=starts, mask=mask, grow=grow
    ).show()
