"""`signoff film`: play an episode into a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

    from signoff_collector.picture.film.films import Kind
    from signoff_collector.screen.console import Console

SUMMARY: Final = "Make a film of an episode: typing as it went, silence folded."
EXAMPLE: Final = "signoff film last -o day.mp4 --theme dark"
_SIZE: Final = "960x600"
_LENGTH_S: Final = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    from signoff_collector.commands.drawing import add_looks

    parser.add_argument(
        "episode", nargs="?", default="last", metavar="EPISODE", help="a path, an id prefix or last"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        required=True,
        help="a new file: .svg, .cast (asciinema), .gif, .mp4 or .webm; the last three need the"
        " extra `pictures`",
    )
    parser.add_argument(
        "--length",
        metavar="S",
        type=int,
        default=_LENGTH_S,
        help=f"play faster where it would be longer than so many seconds, else {_LENGTH_S}",
    )
    add_looks(parser, size=_SIZE)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Make it, in a new file, readable by its owner alone."""
    from pathlib import Path

    from signoff_collector.commands.drawing import masked_episode, size_in
    from signoff_collector.own_files.private_files import create_asked, refuse_taken
    from signoff_collector.picture.drawn_files import kind_in
    from signoff_collector.picture.film.films import KINDS, film_of, need_for
    from signoff_collector.picture.film.shots import refuse_length

    path = Path(arguments.output)
    kind: Kind = kind_in(arguments.output, KINDS, "film")
    size = size_in(arguments)
    refuse_length(arguments.length)
    refuse_taken(path)
    need_for(kind)
    with console.counting("Reading the recording"):
        episode, digest = masked_episode(arguments.episode)
    with console.counting("Filming") as tell:
        film = film_of(
            episode,
            kind,
            size,
            digest=digest,
            length_s=arguments.length,
            theme=arguments.theme,
            font=None if arguments.font is None else Path(arguments.font),
            tell=tell,
        )
    create_asked(path, film.content)
    seconds = int(str(film.facts["length_ms"])) / 1000
    console.say(
        f"{path}: {seconds:g} seconds, {film.facts['shots']} shots, {len(film.content)} bytes"
    )
    if console.is_json:
        row = {"path": str(path.resolve()), "size_bytes": len(film.content), **film.facts}
        console.row(row)
    return 0
