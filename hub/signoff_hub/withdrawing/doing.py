"""The jobs of this room, as a runner takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_hub.jobs.queue import put
from signoff_hub.jobs.runner import LaterError
from signoff_hub.withdrawing.endings import ERASE
from signoff_hub.withdrawing.erasure import erase
from signoff_hub.withdrawing.sweeping import sweep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_hub.jobs.queue import Job
    from signoff_hub.jobs.runner import Doing
    from signoff_hub.node.node import Node

SWEEP: Final = "sweep"
_EVERY_S: Final = 3_600


def schedule_sweep(node: Node) -> None:
    """Have this hub swept every hour from now on; asking again changes nothing."""
    with node.database.write() as connection:
        put(connection, SWEEP, "hub")


def _erase(node: Node, job: Job) -> None:
    if until := erase(node, job.subject):
        raise LaterError("legal_hold", after_s=max(until - node.now(), 1))


def _sweep(node: Node, job: Job) -> None:
    del job
    sweep(node)
    raise LaterError("every_hour", after_s=_EVERY_S)


JOBS: Final[Mapping[str, Doing]] = {ERASE: _erase, SWEEP: _sweep}
"""What a runner does for this room."""
