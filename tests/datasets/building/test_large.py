"""A whole day, an episode without edits, clocks that jump, thousands of tiny ones."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from benchmarks.made_days.day import make_day
from tests.support.datasets import Person, content_of, put, shared_episode
from tests.support.datasets_built import built, plan_of
from tests.support.episodes import SOURCE, header

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.writer import write_episode
from signoff_datasets.engines.pool import PoolEngine
from signoff_schemas.dataset import parse_manifest
from signoff_schemas.steps import NoteStep

pytestmark = pytest.mark.slow
PEOPLE = [Person(number=number) for number in range(12)]
YEARS_NS = 100 * 365 * 24 * 3600 * 10**9


def a_day() -> Episode:
    day = make_day(20261125, scale=0.2)
    return replace(day, header=day.header.model_copy(update={"origin": "shared"}))


def jumping() -> Episode:
    """Return an episode whose clock stands for five steps, then jumps by a century."""
    steps = tuple(
        NoteStep(
            seq=seq, t_ns=YEARS_NS * (seq // 5), source=SOURCE, text=f"{seq}\U0001f600\U0001f603"
        )
        for seq in range(10)
    )
    return Episode(header=header(origin="shared"), steps=steps)


def test_large_empty_and_jumping_episodes_are_built_alike_by_a_pool_and_in_one_process(
    home: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    day = a_day()
    made = [day, Episode(header=shared_episode(1).header), jumping()]
    for number, episode in enumerate(made):
        content = write_episode(episode)
        resolution = episode.header.time_resolution
        predicate = PEOPLE[0].predicate(content).episode
        told = predicate.model_copy(update={"time_resolution": resolution})
        put(source, f"e{number}", content, PEOPLE[0].sign(content, episode=told))
    plan = plan_of(source, PEOPLE, is_own=True)
    alone = built(plan, source, PEOPLE, tmp_path / "alone", is_own=True)
    pool = built(plan, source, PEOPLE, tmp_path / "pool", is_own=True, engine=PoolEngine(workers=2))
    manifest = (alone / "manifest.json").read_bytes()
    assert (pool / "manifest.json").read_bytes() == manifest
    rows = {file.table: file.rows for file in parse_manifest(manifest).files}
    assert rows["episodes"] == 3
    assert rows["edits"] == len(day.edits) > 5000
    told = duckdb.sql(
        f"select max(t_ms), min(pause_ms), max(pause_ms) from '{alone}/steps/*.parquet'"  # noqa: S608
    ).fetchall()
    assert told == [(YEARS_NS // 10**6, 0, YEARS_NS // 10**6)]


def test_a_tiny_episode_more_costs_what_the_plan_says_of_it_and_no_more(
    home: Path, tmp_path: Path
) -> None:
    few, many = (_peak(tmp_path / str(count), count) for count in (60, 180))
    assert (many - few) / 120 < 12_000, (few, many)


def _peak(folder: Path, count: int) -> int:
    """Return the most memory of Python while so many are planned and built."""
    source = folder / "source"
    source.mkdir(parents=True)
    for number in range(count):
        content = content_of(number)
        person = PEOPLE[number % len(PEOPLE)]
        put(source, f"e{number}", content, person.sign(content))
    tracemalloc.start()
    plan = plan_of(source, PEOPLE, k=10, shard_bytes=16 << 10)
    built(plan, source, PEOPLE, folder / "out")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
