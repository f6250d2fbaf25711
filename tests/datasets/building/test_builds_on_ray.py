"""A build on a Ray cluster gives the bytes of a build in one process, lost nodes or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from tests.support.datasets import Person, content_of, put
from tests.support.datasets_built import built, files_of, plan_of
from tests.support.ray_cluster import RayCluster

from signoff_datasets.engines.interface import Done, SetAside
from signoff_datasets.engines.pool import PoolEngine
from signoff_datasets.engines.ray import RayEngine

pytestmark = pytest.mark.ray

Given = TypeVar("Given")
Made = TypeVar("Made")
PEOPLE = [Person(number=number) for number in range(12)]


@dataclass(frozen=True, kw_only=True)
class LosingEngine:
    """A cluster that loses a node when the first shard is made, and gets another."""

    cluster: RayCluster

    def run(
        self, task: Callable[[Given], Made], inputs: Sequence[Given]
    ) -> Iterator[Done[Made] | SetAside]:
        for place, outcome in enumerate(RayEngine(address=self.cluster.address).run(task, inputs)):
            if place == 0:
                self.cluster.lose_node()
                self.cluster.add_node()
            yield outcome


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Path:
    place = tmp_path / "episodes"
    place.mkdir()
    for number, person in enumerate(PEOPLE):
        content = content_of(number)
        put(place, f"e{number}", content, person.sign(content))
    return place


def test_the_same_plan_gives_the_same_files_on_every_engine(
    folder: Path, tmp_path: Path, ray_cluster: RayCluster
) -> None:
    plan = plan_of(folder, PEOPLE, k=1, shard_bytes=1, is_own=True)
    assert len(plan.shards) == 12
    alone = files_of(built(plan, folder, PEOPLE, tmp_path / "alone", is_own=True))
    for number, engine in enumerate(
        (
            PoolEngine(workers=2),
            RayEngine(address=ray_cluster.address),
            LosingEngine(cluster=ray_cluster),
        )
    ):
        out = tmp_path / f"out-{number}"
        made = built(plan, folder, PEOPLE, out, is_own=True, engine=engine)
        assert files_of(made) == alone
