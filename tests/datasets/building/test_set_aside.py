"""An episode that spoils its rows or kills its worker costs itself alone, and is named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pytest
from tests.support.datasets import Person, content_of, put, shared_episode
from tests.support.datasets_built import built, files_of, plan_of

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.writer import write_episode
from signoff_datasets.building.shards import Order
from signoff_datasets.engines.interface import Done, SetAside
from signoff_datasets.engines.serial import SerialEngine
from signoff_schemas.dataset import SetAsideEpisode, parse_manifest
from signoff_schemas.errors import RefusedError

Given = TypeVar("Given")
Made = TypeVar("Made")
PEOPLE = [Person(number=number) for number in range(11)]


def unreadable_episode() -> Episode:
    """Return an episode that is whole, with a number that no column of a table holds."""
    sample = shared_episode(99)
    last = sample.steps[-1].model_copy(update={"state": 1 << 63})
    return replace(sample, steps=(*sample.steps[:-1], last))


@dataclass(frozen=True, kw_only=True)
class DyingEngine:
    """Loses each task that holds one episode, as a worker that dies does."""

    deadly: str

    def run(
        self, task: Callable[[Given], Made], inputs: Sequence[Given]
    ) -> Iterator[Done[Made] | SetAside]:
        for outcome in SerialEngine().run(task, inputs):
            order = inputs[outcome.index]
            assert isinstance(order, Order)
            if self.deadly in {*order.shard.episodes} - order.without:
                yield SetAside(index=outcome.index, why="Its worker died.", tries=3)
            else:
                yield outcome


@pytest.fixture
def source(home: Path, tmp_path: Path) -> Path:
    """Return a folder of eleven episodes of as many people."""
    folder = tmp_path / "source"
    folder.mkdir()
    for number, person in enumerate(PEOPLE):
        content = content_of(number)
        put(folder, f"e{number}", content, person.sign(content))
    return folder


def aside_in(folder: Path) -> tuple[SetAsideEpisode, ...]:
    return parse_manifest((folder / "manifest.json").read_bytes()).set_aside


def tables_in(folder: Path) -> dict[str, bytes]:
    return {path: held for path, held in files_of(folder).items() if path.endswith(".parquet")}


def test_an_episode_without_rows_is_set_aside_and_the_rest_is_as_without_it(
    source: Path, tmp_path: Path
) -> None:
    without = built(plan_of(source, PEOPLE, k=10), source, PEOPLE, tmp_path / "without")
    content = write_episode(unreadable_episode())
    put(source, "bad", content, PEOPLE[0].sign(content))
    plan = plan_of(source, PEOPLE, k=10)
    out = built(plan, source, PEOPLE, tmp_path / "with")
    bad = hashlib.sha256(content).hexdigest()
    assert aside_in(out) == (SetAsideEpisode(sha256=bad, reason="unreadable"),)
    assert tables_in(out) == tables_in(without)
    assert bad not in " ".join(files_of(out)), "nor are its proofs there"


def test_an_episode_that_kills_its_worker_is_found_and_set_aside(
    source: Path, tmp_path: Path
) -> None:
    plan = plan_of(source, PEOPLE, k=10)
    deadly = hashlib.sha256(content_of(3)).hexdigest()
    out = built(plan, source, PEOPLE, tmp_path / "out", engine=DyingEngine(deadly=deadly))
    assert aside_in(out) == (SetAsideEpisode(sha256=deadly, reason="killed-its-worker"),)
    (source / "e3.episode").unlink()
    rest = plan_of(source, PEOPLE, k=10)
    assert tables_in(built(rest, source, PEOPLE, tmp_path / "rest")) == tables_in(out)


def test_a_shard_that_too_few_people_are_left_in_is_not_built(source: Path, tmp_path: Path) -> None:
    plan = plan_of(source, PEOPLE, k=11)
    deadly = hashlib.sha256(content_of(3)).hexdigest()
    with pytest.raises(RefusedError, match="nothing is left") as error:
        built(plan, source, PEOPLE, tmp_path / "out", engine=DyingEngine(deadly=deadly))
    assert sum("fewer-than-k" in line for line in error.value.details) == 10
    assert not (tmp_path / "out").exists()
