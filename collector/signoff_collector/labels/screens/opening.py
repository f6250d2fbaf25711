"""Start the player that labels."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from signoff_collector.episode.uncollected import uncollected
from signoff_collector.replay.screens.opening import drop_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.labels.comparing import Disagreement
    from signoff_collector.labels.opening import Opened


def show_labeller(
    opened: Opened,
    *,
    differing: Sequence[Disagreement],
    project: str | None,
    first_seq: int | None,
) -> None:
    """Run the player until the person quits.

    Args:
        opened: what is labelled.
        differing: what labellers see differently.
        project: name of the recorded folder, where it is known.
        first_seq: the step to begin at; None for the start.
    """
    drop_settings()
    with uncollected():
        from signoff_collector.labels.screens.labeller import Labeller
        from signoff_collector.replay.reel import Reel

        reel = Reel(opened.episode)
        gc.freeze()  # what is here now stays as long as the screen does
    place = -1 if first_seq is None else reel.place_of_seq(first_seq)
    Labeller(reel, opened, differing=differing, project=project, place=place).show()
