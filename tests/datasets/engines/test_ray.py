"""A cluster that loses nodes, has other versions, or is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import engine_tasks
from tests.support.deadline import wait_until
from tests.support.ray_cluster import RayCluster, need_ray

from signoff_datasets.engines.interface import Done
from signoff_datasets.engines.ray import RayEngine, versions
from signoff_schemas.errors import NetworkError, RefusedError

pytestmark = pytest.mark.ray


def test_a_node_lost_in_the_middle_loses_no_task(ray_cluster: RayCluster, tmp_path: Path) -> None:
    inputs = [(str(tmp_path), number) for number in range(24)]
    outcomes = RayEngine(address=ray_cluster.address).run(engine_tasks.wait_for_go, inputs)
    (tmp_path / "go-0").touch()
    found = [next(outcomes)]
    wait_until(lambda: len(list(tmp_path.glob("at-*"))) >= 4, "every node is at work")
    ray_cluster.lose_node()
    for number in range(24):
        (tmp_path / f"go-{number}").touch()
    found += list(outcomes)
    ray_cluster.add_node()
    assert sorted(found, key=lambda one: one.index) == [
        Done(index=number, made=engine_tasks.double(number)) for number in range(24)
    ]


@pytest.fixture
def other_versions(tmp_path: Path) -> Iterator[RayCluster]:
    """Have a cluster whose workers find another pyarrow first."""
    need_ray()
    told = tmp_path / "pyarrow-25.0.1.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: pyarrow\nVersion: 25.0.1\n")
    cluster = RayCluster(port=6380, environment={"PYTHONPATH": str(tmp_path)})
    try:
        cluster.add_node()
        yield cluster
    finally:
        cluster.end()


def test_a_worker_with_another_pyarrow_is_refused_with_both_versions(
    other_versions: RayCluster,
) -> None:
    with pytest.raises(RefusedError) as refused:
        list(RayEngine(address=other_versions.address).run(engine_tasks.double, range(3)))
    ours = versions()["pyarrow"]
    assert str(refused.value) == (
        f"a worker of the cluster has other versions: pyarrow 25.0.1 there, {ours} here"
    )


def test_a_cluster_that_is_not_there_is_a_network_error() -> None:
    need_ray()
    with pytest.raises(NetworkError, match=r"127\.0\.0\.1:9 cannot be reached"):
        list(RayEngine(address="127.0.0.1:9").run(engine_tasks.double, range(3)))
