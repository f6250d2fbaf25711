"""Figures of a hub's health: whole hub, now. No label ever is a contributor, a key or a repository.

Counts of episodes and jobs are in tens, so that two looks do not tell of one person's doing
(docs/refusals.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from signoff_hub.operating.figures import figures_of
from signoff_hub.operating.health import health_of

if TYPE_CHECKING:
    from signoff_hub.node.node import Node


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
    jobs = Gauge(
        "signoff_hub_jobs",
        "Jobs by kind and state, rounded up to tens; those that failed as they are",
        ["kind", "state"],
        registry=registry,
    )
    held = Gauge("signoff_hub_stored_mebibytes", "Bytes of episodes", registry=registry)
    leaves = Gauge("signoff_hub_log_leaves", "Leaves of the log, in tens", registry=registry)
    kept = Gauge(
        "signoff_hub_kept_versions",
        "Erasures of which the store keeps old versions, rounded up to tens",
        registry=registry,
    )
    figures = figures_of(node)
    for state, count in figures.episodes.items():
        episodes.labels(state).set(count)
    for reason, count in figures.refused.items():
        refused.labels(reason).set(count)
    for (kind, state), count in figures.jobs.items():
        jobs.labels(kind, state).set(count)
    held.set(figures.stored_mebibytes)
    kept.set(figures.kept_versions)
    leaves.set(figures.log_leaves)
    return generate_latest(registry)
