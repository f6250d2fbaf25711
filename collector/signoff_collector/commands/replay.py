"""`signoff replay`: play an episode back, or show one moment of it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.console import Console
    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.moments import Moments

SUMMARY: Final = "Play an episode back in the terminal, or show one moment of it."
EXAMPLE: Final = "signoff replay last --last 10m --speed 4"
_DURATION: Final = re.compile(r"([1-9][0-9]{0,5})([smh])\Z")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument(
        "episode",
        nargs="?",
        default="last",
        metavar="EPISODE",
        help="a path, an id prefix, last or live",
    )
    parser.add_argument(
        "--at",
        metavar="A",
        help="show the files at N, step:S, time:+1h02m3s, time:RFC3339, start, end",
    )
    parser.add_argument(
        "--speed", type=float, metavar="X", help="times as fast; all at once in a pipe"
    )
    parser.add_argument("--last", metavar="10m", help="only the last seconds, minutes or hours")
    parser.add_argument(
        "--from", dest="first", metavar="A", help="begin at a moment, written as for --at"
    )
    parser.add_argument(
        "--all", action="store_true", help="cursor moves, views and checkpoints too"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Play it, or show the moment."""
    from signoff_collector.episode.moments import Moments
    from signoff_collector.episode.reader import read_episode
    from signoff_collector.replay.naming import episode_bytes

    if arguments.speed is not None and not 0 < arguments.speed <= 1_000_000:
        raise UsageError(f"--speed {arguments.speed} is not above 0")
    episode = read_episode(episode_bytes(arguments.episode))
    moments = Moments(episode)
    if arguments.at is not None:
        return _show_moment(episode, moments, arguments.at, console)
    return _play(episode, moments, arguments, console)


def _show_moment(episode: Episode, moments: Moments, at: str, console: Console) -> int:
    from signoff_collector.console import visible
    from signoff_collector.episode.resolving import resolve_at
    from signoff_schemas.at import parse_at

    seq = resolve_at(episode, parse_at(at))
    tree = moments.tree(seq)
    if console.is_json:
        files = {p: c if isinstance(c, str) else None for p, c in tree.items()}
        console.row({"seq": seq, "files": files})
        return 0
    for path, content in tree.items():
        console.say(f"── {path}")
        if isinstance(content, bytes):
            console.say(f"   ({len(content)} bytes that are not text)")
            continue
        for number, line in enumerate(content.split("\n"), start=1):
            console.say(f"{number:>5}  {visible(line, keep_newlines=False)}")
    return 0


def _play(
    episode: Episode, moments: Moments, arguments: argparse.Namespace, console: Console
) -> int:
    from signoff_collector.console import visible
    from signoff_collector.replay.player import play, transcript

    first = 0
    if arguments.first is not None:
        from signoff_collector.episode.resolving import resolve_at
        from signoff_schemas.at import parse_at

        first = max(0, resolve_at(episode, parse_at(arguments.first)))
    elif arguments.last is not None:
        first = _first_of_last(episode, arguments.last)
    if console.is_json:
        from signoff_collector.episode.json_form import step_rows

        for row in step_rows(episode):
            if int(str(row["seq"])) >= first:
                console.row(row)
        return 0
    is_timed = arguments.speed is not None or console.is_terminal
    play(
        transcript(episode, moments, first, episode.step_count, with_sides=arguments.all),
        lambda line, style: console.say(visible(line, keep_newlines=False), style=style),
        speed=arguments.speed or 1.0,
        sleep=time.sleep if is_timed else None,
    )
    return 0


def _first_of_last(episode: Episode, text: str) -> int:
    import numpy as np

    match = _DURATION.match(text)
    if match is None:
        raise UsageError(f"--last {text!r} is no duration", hint="Use 30s, 10m or 2h.")
    times = episode.times()
    if not len(times):
        return 0
    since = int(times[-1]) - int(match[1]) * _SECONDS[match[2]] * 1_000_000_000
    return int(np.searchsorted(times, since))
