"""Taking the whole screen for the player, and giving it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.replay.reel import Reel


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
    from signoff_collector.replay.screens.app import Player

    player = Player(reel, name=name, place=place, speed=speed, starts=starts, mask=mask, grow=grow)
    player.run(mouse=False)
