"""`signoff picture`: draw the workbench at one moment of an episode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

    from signoff_collector.picture.pictures import Kind
    from signoff_collector.screen.console import Console

SUMMARY: Final = "Draw the workbench at one moment: files, text, terminal, tests."
EXAMPLE: Final = "signoff picture last --at time:+12m -o moment.svg"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    from signoff_collector.commands.drawing import add_looks

    parser.add_argument(
        "episode", nargs="?", default="last", metavar="EPISODE", help="a path, an id prefix or last"
    )
    parser.add_argument(
        "--at",
        metavar="A",
        default="end",
        help="N, step:S, time:+1h02m3s, 10:40, start, end (the default)",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        required=True,
        help="a new file, .svg, .png or .webp; the last two need the extra `pictures`",
    )
    add_looks(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Draw it into a new file, readable by its owner alone."""
    from pathlib import Path

    from signoff_collector.commands.drawing import masked_episode, size_in
    from signoff_collector.commands.words import at_in, plain_at
    from signoff_collector.episode.resolving import resolve_at
    from signoff_collector.own_files.private_files import create_asked, refuse_taken
    from signoff_collector.picture.drawn_files import kind_in
    from signoff_collector.picture.pictures import KINDS, picture_of
    from signoff_collector.picture.scene import Scenes
    from signoff_collector.picture.workbench import lay_out
    from signoff_collector.replay.drawing.mask_signs import MaskSigns
    from signoff_collector.system.clock import SystemClock
    from signoff_schemas.at import parse_at

    plain_at(arguments.at, SystemClock())
    path = Path(arguments.output)
    kind: Kind = kind_in(arguments.output, KINDS, "picture")
    size = size_in(arguments)
    refuse_taken(path)
    with console.counting("Reading the recording"):
        episode, digest = masked_episode(arguments.episode)
    seq = resolve_at(episode, parse_at(at_in(episode, arguments.at)))
    with console.counting("Drawing"):
        scene = Scenes(episode).at(seq)
        layout = lay_out(scene, size, MaskSigns(episode.header.masks))
        drawn = picture_of(
            layout,
            scene,
            kind,
            digest=digest,
            theme=arguments.theme,
            font=None if arguments.font is None else Path(arguments.font),
        )
    create_asked(path, drawn.content)
    console.say(
        f"{path}: {size.width}x{size.height}, {len(drawn.content)} bytes, after step {seq};"
        f" assumed: {', '.join(layout.assumed)}"
    )
    if console.is_json:
        row = {"path": str(path.resolve()), "size_bytes": len(drawn.content), **drawn.facts}
        console.row(row)
    return 0
