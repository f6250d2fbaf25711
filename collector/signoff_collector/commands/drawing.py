"""What verbs that draw share: how it looks, how large it is, and that it was masked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import RefusedError, UsageError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.episode.content import Episode
    from signoff_collector.picture.layout import Size

THEMES: Final = ("light", "dark")
_SIZE: Final = re.compile(r"([0-9]{1,5})[xX]([0-9]{1,5})")


def add_looks(parser: argparse.ArgumentParser, *, size: str = "1280x800") -> None:
    """Declare the options for colours, size and font."""
    parser.add_argument(
        "--theme", choices=THEMES, default="light", help="colours, light (the default) or dark"
    )
    parser.add_argument(
        "--size", metavar="WxH", default=size, help=f"width and height in pixels, else {size}"
    )
    parser.add_argument(
        "--font-size", metavar="N", type=int, default=14, help="of the letters in pixels, else 14"
    )
    parser.add_argument(
        "--font", metavar="FILE", help="a monospaced font file, for all but .svg and .cast"
    )


def size_in(arguments: argparse.Namespace) -> Size:
    """Return the size that was asked for.

    Raises:
        UsageError: it is none, or one that cannot be drawn.
    """
    from signoff_collector.picture.layout import Size

    found = _SIZE.fullmatch(arguments.size)
    if found is None:
        raise UsageError(
            f"not a size: {arguments.size!r}", hint="Write width and height: --size 1280x800."
        )
    return Size(width=int(found[1]), height=int(found[2]), font_px=arguments.font_size)


def masked_episode(name: str) -> tuple[Episode, str]:
    """Return a named episode and the SHA-256 of its file.

    Raises:
        RefusedError: it was never masked; a picture is easily passed on.
        NotFoundError: there is none.
        DamagedError: it cannot be read.
    """
    from signoff_collector.episode.file.reader import read_episode
    from signoff_collector.episode.file.upgrade import upgraded
    from signoff_collector.episode.masked import is_masked
    from signoff_collector.picture.facts import digest_of
    from signoff_collector.replay.naming import episode_bytes

    data = episode_bytes(name)
    episode = read_episode(upgraded(data))
    if not is_masked(episode.header):
        raise RefusedError(
            "this episode was never masked, and a picture is easily passed on",
            hint="`signoff seal` makes a masked one from its session.",
        )
    return episode, digest_of(data)
