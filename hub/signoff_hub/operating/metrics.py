"""Figures of a hub's health: whole hub, now. No label ever is a contributor, a key or a repository.

Counts of episodes are rounded down to tens, so that two looks do not tell of one person's doing
(docs/refusals.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select

from signoff_hub.database.tables import BLOB, EPISODE, JOB, LOG_STATE, SIGN_OFF
from signoff_hub.operating.health import health_of

if TYPE_CHECKING:
    from signoff_hub.node.node import Node

_TEN: Final = 10
_MIB: Final = 1 << 20


def metrics_of(node: Node) -> bytes:
    """Return the figures in the text format of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    is_ready = Gauge(
        "signoff_hub_ready", "1 where a part can be worked with", ["part"], registry=registry
    )
    for part, is_so in health_of(node).model_dump().items():
        is_ready.labels(part).set(is_so)
    episodes = Gauge(
        "signoff_hub_episodes",
        "Episodes by state, rounded down to tens",
        ["state"],
        registry=registry,
    )
    refused = Gauge(
        "signoff_hub_refused", "Refused sign-offs by reason, in tens", ["reason"], registry=registry
    )
    jobs = Gauge("signoff_hub_jobs", "Jobs by kind and state", ["kind", "state"], registry=registry)
    held = Gauge("signoff_hub_stored_mebibytes", "Bytes of episodes", registry=registry)
    leaves = Gauge("signoff_hub_log_leaves", "Leaves of the log, in tens", registry=registry)
    with node.database.read() as connection:
        by_state = select(EPISODE.c.state, func.count()).group_by(EPISODE.c.state)
        for state, count in connection.execute(by_state):
            episodes.labels(state).set(count // _TEN * _TEN)
        by_reason = (
            select(SIGN_OFF.c.refused_because, func.count())
            .where(SIGN_OFF.c.refused_because.is_not(None))
            .group_by(SIGN_OFF.c.refused_because)
        )
        for reason, count in connection.execute(by_reason):
            refused.labels(reason).set(count // _TEN * _TEN)
        by_kind = select(JOB.c.kind, JOB.c.state, func.count()).group_by(JOB.c.kind, JOB.c.state)
        for kind, state, count in connection.execute(by_kind):
            jobs.labels(kind, state).set(count)
        held.set(int(connection.execute(select(func.sum(BLOB.c.size_bytes))).scalar() or 0) // _MIB)
        size = connection.execute(select(LOG_STATE.c.size)).scalar() or 0
        leaves.set(size // _TEN * _TEN)
    return generate_latest(registry)
