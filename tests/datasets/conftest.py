"""One Ray cluster for all tests of engines and builds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.ray_cluster import RayCluster, need_ray


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[RayCluster]:
    """Return a running cluster of three nodes."""
    need_ray()
    cluster = RayCluster()
    try:
        for _ in range(3):
            cluster.add_node()
        yield cluster
    finally:
        cluster.end()
