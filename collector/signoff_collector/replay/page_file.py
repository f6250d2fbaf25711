"""Export an episode as a self-contained HTML player, readable by its owner only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.episode.file.reader import read_episode
from signoff_collector.levels.storyline import storyline
from signoff_collector.own_files.private_files import create_asked, refuse_taken
from signoff_collector.page.bundle import render_replay
from signoff_schemas.errors import RefusedError

if TYPE_CHECKING:
    from pathlib import Path


def refuse_unasked(*, is_raw: bool) -> None:
    """Refuse a page of an unmasked episode without the explicit option.

    Raises:
        RefusedError: the option is missing, or an agent asks.
    """
    if not is_raw:
        raise RefusedError(
            "this episode was never masked, and a page is easily passed on",
            hint="`signoff seal` makes a masked one; --raw writes it all the same, for you alone.",
        )
    from signoff_collector.history.on_screen import screen_mask
    from signoff_collector.own_files.home import resolve_home

    screen_mask(resolve_home(), None, is_raw=True)  # raises for an agent


def write_page(path: Path, data: bytes, *, at_seq: int | None) -> int:
    """Write the page, and return its size in bytes.

    Its chapters and red tests are read from `data`, so they are masked where the episode is.

    Args:
        path: of the file, which must not exist.
        data: the episode, in the newest format.
        at_seq: initial position; None for the start.

    Raises:
        RefusedError: the file exists.
        UsageError: there is no folder for it.
    """
    refuse_taken(path)
    told = storyline(read_episode(data))
    page = render_replay(data, at_seq=at_seq, storyline=told)
    create_asked(path, page)
    return len(page)
