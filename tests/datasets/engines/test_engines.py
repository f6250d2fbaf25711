"""Every engine says the same of the same tasks, whatever dies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from tests.support import engine_tasks
from tests.support.engine_tasks import TEXT, double
from tests.support.ray_cluster import RayCluster

from signoff_datasets.engines.interface import Done, Engine, SetAside
from signoff_datasets.engines.pool import PoolEngine
from signoff_datasets.engines.ray import RayEngine
from signoff_datasets.engines.serial import SerialEngine

G = TypeVar("G")
M = TypeVar("M")
DEAD = "Its worker died on each of 3 tries, the last with no other task beside it."


@pytest.fixture(params=["serial", "pool", pytest.param("ray", marks=pytest.mark.ray)])
def engine(request: pytest.FixtureRequest) -> Engine:
    match request.param:
        case "serial":
            return SerialEngine()
        case "pool":
            return PoolEngine(workers=2)
        case _:
            cluster: RayCluster = request.getfixturevalue("ray_cluster")
            return RayEngine(address=cluster.address)


@pytest.fixture
def outliving(engine: Engine) -> Engine:
    """Return an engine whose workers may die: in this process the test would die with them."""
    if isinstance(engine, SerialEngine):
        pytest.skip("tasks run in this process: one that kills its process ends the test")
    return engine


def outcomes(
    engine: Engine, task: Callable[[G], M], inputs: Sequence[G]
) -> list[Done[M] | SetAside]:
    return sorted(engine.run(task, inputs), key=lambda one: one.index)


def doubles(numbers: Sequence[int]) -> list[Done[str] | SetAside]:
    return [Done(index=at, made=double(number)) for at, number in enumerate(numbers)]


def all_but_three(why: str, *, tries: int = 1) -> list[Done[str] | SetAside]:
    found = doubles(range(8))
    found[3] = SetAside(index=3, why=why, tries=tries)
    return found


def test_each_input_has_its_result(engine: Engine) -> None:
    assert outcomes(engine, double, [4, 0, 7]) == doubles([4, 0, 7])


def test_no_inputs_are_no_results(engine: Engine) -> None:
    assert outcomes(engine, double, []) == []


def test_a_second_run_says_the_same(engine: Engine) -> None:
    assert outcomes(engine, double, range(5)) == outcomes(engine, double, range(5))


def test_a_task_that_raises_is_set_aside_by_the_class_of_its_error_alone(engine: Engine) -> None:
    assert outcomes(engine, engine_tasks.raise_at_three, range(8)) == all_but_three(
        "The task raised LookupError."
    )


def test_a_task_that_leaves_its_process_is_set_aside(engine: Engine) -> None:
    assert outcomes(engine, engine_tasks.panic_at_three, range(8)) == all_but_three(
        "The task raised SystemExit."
    )


def test_a_result_that_cannot_be_sent_sets_its_task_aside(outliving: Engine) -> None:
    assert outcomes(outliving, engine_tasks.unsendable_at_three, range(8)) == all_but_three(
        "The task raised TypeError."
    )


def test_a_result_that_cannot_be_read_sets_its_task_aside(outliving: Engine) -> None:
    assert outcomes(outliving, engine_tasks.unreadable_at_three, range(8)) == all_but_three(
        "The task raised ValueError."
    )


def test_an_input_that_cannot_be_sent_sets_its_task_aside(outliving: Engine) -> None:
    inputs: list[object] = [1, lambda: TEXT, 2]
    assert [type(one).__name__ for one in outcomes(outliving, engine_tasks.name_of, inputs)] == [
        "Done",
        "SetAside",
        "Done",
    ]


def test_a_worker_that_dies_once_loses_nothing(outliving: Engine, tmp_path: Path) -> None:
    inputs = [(str(tmp_path / "died"), number) for number in range(8)]
    assert outcomes(outliving, engine_tasks.kill_once, inputs) == doubles(range(8))
    assert (tmp_path / "died").exists()


def test_a_task_that_always_kills_its_worker_is_set_aside_alone(outliving: Engine) -> None:
    assert outcomes(outliving, engine_tasks.kill_at_three, range(8)) == all_but_three(DEAD, tries=3)


def test_many_tasks_that_always_kill_are_each_set_aside(outliving: Engine) -> None:
    assert outcomes(outliving, engine_tasks.kill_at_three, [3, 1, 3, 3]) == [
        SetAside(index=0, why=DEAD, tries=3),
        Done(index=1, made=double(1)),
        SetAside(index=2, why=DEAD, tries=3),
        SetAside(index=3, why=DEAD, tries=3),
    ]


def test_the_last_try_has_no_other_task_beside_it(outliving: Engine, tmp_path: Path) -> None:
    inputs = [(str(tmp_path), number) for number in range(8)]
    last = outcomes(outliving, engine_tasks.alone_with, inputs)[3]
    assert last == Done(index=3, made=[3])


def test_large_results_come_back_whole(engine: Engine) -> None:
    sizes = [40, 1, 25]
    assert outcomes(engine, engine_tasks.megabytes, sizes) == [
        Done(index=at, made=bytes([size]) * (size << 20)) for at, size in enumerate(sizes)
    ]


def test_thousands_of_small_tasks_each_have_their_result(engine: Engine) -> None:
    numbers = [number % 7 for number in range(5000)]
    assert outcomes(engine, double, numbers) == doubles(numbers)
