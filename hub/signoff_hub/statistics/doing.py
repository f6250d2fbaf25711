"""The job of this room: each quarter's figures are frozen once, by whichever node is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_hub.jobs.queue import put
from signoff_hub.statistics.snapshots import freeze, last_quarter, read_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_hub.jobs.queue import Job
    from signoff_hub.jobs.runner import Doing
    from signoff_hub.node.node import Node

FREEZE: Final = "freeze"


def schedule_freeze(node: Node) -> None:
    """Have the quarter that ended last frozen, unless it is; asking again changes nothing.

    A hub that was off over the turn of a quarter freezes it when it is back. Quarters that passed
    whole meanwhile are never frozen: what was admitted then is not known any more.
    """
    quarter = last_quarter(node.now())
    if read_snapshot(node.database, quarter) is None:
        with node.database.write() as connection:
            put(connection, FREEZE, quarter)


def _freeze(node: Node, job: Job) -> None:
    if job.subject == last_quarter(node.now()):  # else it waited until the next turn
        freeze(node.database, now=node.now(), k=node.settings.k)


JOBS: Final[Mapping[str, Doing]] = {FREEZE: _freeze}
"""What a runner does for this room."""
