"""`signoff replay`: play an episode back, show one moment of it, or make a page of it."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from signoff_collector.episode.content import Episode
    from signoff_collector.replay.partly import Partly
    from signoff_collector.replay.reel import Reel
    from signoff_collector.screen.console import Console

SUMMARY: Final = "Play an episode back on the whole screen, or show one moment of it."
EXAMPLE: Final = "signoff replay last --last 10m --speed 4"
_NO_SCREEN: Final = frozenset({"", "dumb", "unknown"})
"""Values of TERM that stand for no screen to draw on."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument(
        "episode",
        nargs="?",
        default="last",
        metavar="EPISODE",
        help="a path, an id prefix, a session, last or live",
    )
    parser.add_argument(
        "--at",
        metavar="A",
        help="show the files at N, step:S, time:+1h02m3s, 10:40, start, end; 0:12:30, as the player"
        " shows times, where no clock showed that meanwhile",
    )
    parser.add_argument(
        "--speed",
        type=float,
        metavar="X",
        help="play this many times as fast; else by its length, so that a day takes two minutes",
    )
    parser.add_argument("--last", metavar="10m", help="start this long before the end")
    parser.add_argument(
        "--from", dest="first", metavar="A", help="start at a moment, written as for --at"
    )
    parser.add_argument(
        "--plain", action="store_true", help="print it line by line (the default in a pipe)"
    )
    parser.add_argument(
        "--all", action="store_true", help="with --plain: cursor moves, views and checkpoints too"
    )
    parser.add_argument(
        "--html", metavar="FILE", help="write a page that plays it, in one new file, for a browser"
    )
    parser.add_argument("--raw", action="store_true", help="show secrets too")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Play it, or show the moment."""
    from signoff_collector.commands.words import plain_at
    from signoff_collector.replay.naming import episode_bytes, mask_for
    from signoff_collector.system.clock import SystemClock

    # What is no moment is said before anything is read.
    for option, typed in (("--at", arguments.at), ("--from", arguments.first)):
        if typed is not None:
            plain_at(typed, SystemClock(), option=option)
    if arguments.speed is not None and not 0 < arguments.speed <= 1_000_000:
        raise UsageError(f"--speed {arguments.speed} is not above 0")
    with console.counting("Reading the recording"):
        data = episode_bytes(arguments.episode)
        if arguments.html is not None:
            return _write_page(data, arguments, console)
        played = _read(data)
    reel = played.reel
    mask = mask_for(reel.episode.header, arguments.episode, is_raw=arguments.raw)
    if arguments.at is not None:
        if played.damages:
            raise played.damages[0]
        return _show_moment(reel, arguments.at, mask, console)
    first = _first_seq(reel.episode, arguments)
    if console.is_json:
        if played.damages:
            raise played.damages[0]
        _say_rows(reel.episode, first, mask, console)
    elif arguments.plain or not has_screen(console):
        _tell(reel, arguments, first, mask, console)
    else:
        _play(reel, data, arguments, first, mask)
    if played.damages:
        for damage in played.damages[1:]:
            console.note(f"also: {damage}")
        raise played.damages[0]
    return 0


def _read(data: bytes) -> Partly:
    """Return what can be played; it stays to the end, so nobody looks for garbage in it."""
    import gc

    from signoff_collector.episode.uncollected import uncollected

    with uncollected():
        from signoff_collector.replay.partly import read_reel

        played = read_reel(data)
        gc.freeze()
    return played


def has_screen(console: Console) -> bool:
    """Say whether there is a screen to draw on, and its owner has not asked for lines.

    Drawing goes to stderr. `SIGNOFF_PLAIN` set to anything asks for lines, as a screen reader
    needs them.
    """
    if os.environ.get("SIGNOFF_PLAIN") or os.environ.get("TERM", "") in _NO_SCREEN:
        return False
    return console.is_terminal and sys.stderr is not None and sys.stderr.isatty()


def _show_moment(reel: Reel, at: str, mask: Callable[[str], str], console: Console) -> int:
    from signoff_collector.commands.words import at_in
    from signoff_collector.episode.resolving import resolve_at
    from signoff_collector.screen.console import visible
    from signoff_schemas.at import parse_at

    seq = resolve_at(reel.episode, parse_at(at_in(reel.episode, at)))
    tree = {
        mask(path): mask(content) if isinstance(content, str) else content
        for path, content in reel.moments.tree(seq).items()
    }
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


def _first_seq(episode: Episode, arguments: argparse.Namespace) -> int:
    from signoff_collector.commands.words import at_in
    from signoff_collector.replay.beginning import first_seq

    first = None if arguments.first is None else at_in(episode, arguments.first)
    return first_seq(episode, first=first, last=arguments.last)


def _say_rows(episode: Episode, first: int, mask: Callable[[str], str], console: Console) -> None:
    from signoff_collector.episode.json_form import step_rows
    from signoff_collector.replay.masking import masked_value

    for row in step_rows(episode):
        if int(str(row["seq"])) >= first:
            console.row({key: masked_value(value, mask) for key, value in row.items()})


def _tell(
    reel: Reel,
    arguments: argparse.Namespace,
    first: int,
    mask: Callable[[str], str],
    console: Console,
) -> None:
    from signoff_collector.replay.player import play, transcript
    from signoff_collector.replay.playing import speed_from
    from signoff_collector.screen.console import visible

    is_timed = arguments.speed is not None or console.is_terminal
    play(
        transcript(reel, first, with_sides=arguments.all, mask=mask),
        lambda line, style: console.say(visible(line, keep_newlines=False), style=style),
        speed=arguments.speed or speed_from(reel, reel.place_of_seq(first) - 1),
        sleep=time.sleep if is_timed else None,
    )


def _play(
    reel: Reel,
    data: bytes,
    arguments: argparse.Namespace,
    first: int,
    mask: Callable[[str], str],
) -> None:
    """Take the whole screen until the person leaves."""
    from pathlib import Path

    from signoff_collector.episode.locating import LIVE
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.replay.growing import Growth
    from signoff_collector.replay.naming import project_name
    from signoff_collector.replay.screens.opening import show_player

    is_live = arguments.episode == LIVE
    chosen = arguments.first is not None or arguments.last is not None
    place = reel.place_of_seq(first) if chosen else reel.count - 1 if is_live else -1
    show_player(
        reel,
        project=project_name(arguments.episode, data),
        place=place,
        speed=arguments.speed,
        starts=arguments.first is None,
        mask=mask,
        grow=Growth(resolve_home(), Path.cwd()) if is_live else None,
    )


def _write_page(data: bytes, arguments: argparse.Namespace, console: Console) -> int:
    """Write the episode as a page that plays itself, readable by its owner alone.

    Raises:
        RefusedError: it was never masked, and that was not asked for; or the file is there.
    """
    from pathlib import Path

    from signoff_collector.episode.file.reader import read_episode
    from signoff_collector.episode.file.upgrade import upgraded
    from signoff_collector.episode.masked import is_masked
    from signoff_collector.replay.page_file import refuse_unasked, write_page

    data = upgraded(data)
    episode = read_episode(data)
    if not is_masked(episode.header):
        refuse_unasked(is_raw=arguments.raw)
    path = Path(arguments.html)
    if not path.name:
        raise UsageError(
            "--html needs the name of a file", hint="signoff replay last --html day.html"
        )
    chosen = arguments.first is not None or arguments.last is not None
    at_seq = _first_seq(episode, arguments) if chosen else None
    size = write_page(path, data, at_seq=at_seq)
    console.say(f"{path}: {size} bytes; it contains the whole episode and needs no network")
    if console.is_json:
        console.row({"path": str(path.resolve()), "size_bytes": size})
    return 0
