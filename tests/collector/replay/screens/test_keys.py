"""Every key that the player's help names does something."""

from __future__ import annotations

import pytest
from tests.support.episodes import sample_episode
from tests.support.player import drive, screen_text
from textual.pilot import Pilot

from signoff_collector.replay.reel import Reel
from signoff_collector.replay.screens.app import Player
from signoff_collector.replay.screens.help_text import HELP
from signoff_collector.replay.screens.keys import bindings_of
from signoff_schemas.keys import PLAYER, rows_of

PARTED = {"=": "equals_sign", "+": "plus", "-": "minus"}


def test_every_key_of_the_help_does_something() -> None:
    for row in rows_of(PLAYER):
        assert f"{row.label} " in HELP
        for key, _ in row.each() if row.id not in {"scroll", "leave"} else ():
            assert _does_something(key), (row.id, key)


def _does_something(key: str) -> bool:
    """Press a key in the middle of a recording, with something said at the foot."""
    player = Player(Reel(sample_episode()), place=12, speed=2)
    seen: list[tuple[str, bool, int, bool]] = []

    def state() -> tuple[str, bool, int, bool]:
        playing = player.playing
        return (
            screen_text(player), playing.is_running, len(player.screen_stack), playing.squeezes
        )  # fmt: skip

    async def act(pilot: Pilot[None]) -> None:
        await pilot.press("i")  # something is said at the foot
        await pilot.pause()
        seen.append(state())
        await pilot.press(PARTED.get(key, key))
        await pilot.pause()
        seen.append(state())

    drive(player, act)
    return seen[0] != seen[1]


def test_a_row_without_an_action_is_refused() -> None:
    with pytest.raises(KeyError, match="play"):
        bindings_of(PLAYER, {})
