"""What engines tell of tasks can be compared and sent between processes."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from signoff_datasets.engines.interface import Done, SetAside


def outcome_of(index: int) -> Done[str] | SetAside:
    """Return what a worker tells of one task."""
    if index % 2:
        return SetAside(index=index, why="it raised DamagedError", tries=1)
    return Done(index=index, made="\U0001f98a" * index)


def test_outcomes_come_back_from_a_spawned_worker_as_they_were_made() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(outcome_of, range(4))) == [outcome_of(index) for index in range(4)]
