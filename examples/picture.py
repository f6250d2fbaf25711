"""Draw the player at one moment of an episode as SVG.

.venv/bin/python examples/picture.py EPISODE docs/pictures/player.svg --at step:100
"""

from __future__ import annotations

import argparse
import asyncio
import re
from pathlib import Path

from signoff_collector.episode.resolving import resolve_at
from signoff_collector.replay.partly import read_reel
from signoff_collector.replay.reel import Reel
from signoff_schemas.at import parse_at

_FONT = re.compile(r"\s*@font-face \{.*?\}\n", re.DOTALL)


def played(reel: Reel, at: str, keys: list[str], size: tuple[int, int], project: str | None) -> str:
    """Return the picture of the player at a moment, after some keys."""
    from signoff_collector.replay.screens.app import Player

    place = reel.place_of_seq(resolve_at(reel.episode, parse_at(at)))
    player = Player(reel, project=project, place=place)

    async def draw() -> str:
        async with player.run_test(size=size) as pilot:
            await pilot.pause()
            for key in keys:
                await pilot.press(key)
                await pilot.pause()
            return player.export_screenshot(title="signoff replay")

    return asyncio.run(draw())


def main() -> None:
    """Write one picture of one episode."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("episode", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--at", default="end", help="draw the player at this moment")
    parser.add_argument("--keys", default="", help="pressed before, with commas between them")
    parser.add_argument("--size", default="100x24")
    parser.add_argument("--project", help="the name of the recorded folder")
    chosen = parser.parse_args()
    reel = read_reel(chosen.episode.read_bytes()).reel
    columns, _, rows = chosen.size.partition("x")
    keys = [key for key in chosen.keys.split(",") if key]
    svg = played(reel, chosen.at, keys, (int(columns), int(rows)), chosen.project)
    chosen.picture.write_text(_FONT.sub("", svg), "utf-8")


if __name__ == "__main__":
    main()
