"""The jobs of this room, as runners take them; they are long, so runners of their own do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from signoff_datasets.engines.pool import PoolEngine
from signoff_hub.building.asked_plans import DRAW, draw_asked
from signoff_hub.building.builds import BUILD, build
from signoff_hub.building.refreshes import refresh
from signoff_hub.receiving.in_datasets import REFRESH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_datasets.engines.interface import Engine
    from signoff_hub.jobs.runner import Doing
    from signoff_hub.node.node import Node


PLANNING: Final[Mapping[str, Doing]] = {DRAW: draw_asked}
"""What a runner of its own does: who asks for a plan does not wait for somebody's build."""


def jobs_of(node: Node, engine: Engine | None = None) -> Mapping[str, Doing]:
    """Return what a runner does for this room.

    Args:
        node: which hub.
        engine: runs what makes shards; None: processes of this machine, as many as read episodes.
    """
    used = PoolEngine(workers=node.settings.workers) if engine is None else engine
    return {BUILD: partial(build, engine=used), REFRESH: partial(refresh, engine=used)}
