"""Draw the README's picture: the playback of an episode, as an SVG of a terminal.

.venv/bin/python examples/picture.py EPISODE docs/replay.svg
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from signoff_collector.episode.moments import Moments
from signoff_collector.episode.reader import read_episode
from signoff_collector.replay.player import play, transcript


def main(episode_path: Path, picture: Path) -> None:
    """Write the picture of one episode."""
    episode = read_episode(episode_path)
    terminal = Console(record=True, width=92, file=io.StringIO(), force_terminal=True)
    terminal.print(Text("$ signoff replay last", style="bold"))
    lines = transcript(episode, Moments(episode), 0, episode.step_count)
    play(
        lines,
        lambda line, style: terminal.print(Text(line, style=style), soft_wrap=True),
        speed=1.0,
        sleep=None,
    )
    svg = terminal.export_svg(title="a bug, a wrong fix, the right fix", unique_id="signoff")
    svg = re.sub(r"\s*@font-face \{.*?\}\n", "", svg, flags=re.DOTALL)
    picture.write_text(svg, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
