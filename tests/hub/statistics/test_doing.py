"""Each quarter is frozen once, at its turn or when a node is back, whichever node is there."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Barrier, Thread
from typing import TYPE_CHECKING

from sqlalchemy import select
from tests.support.clock import FakeClock
from tests.support.deadline import deadline
from tests.support.hubs import made_place

from signoff_hub.database.tables import JOB, STATISTIC
from signoff_hub.jobs.runner import Runner
from signoff_hub.statistics.doing import JOBS, schedule_freeze
from signoff_hub.statistics.snapshots import snapshots

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_hub.node.node import Node


def at(year: int, month: int, day: int, hour: int = 0) -> FakeClock:
    return FakeClock(wall_ns=int(datetime(year, month, day, hour, tzinfo=UTC).timestamp()) * 10**9)


def looked_after(node: Node) -> int:
    schedule_freeze(node)
    return Runner(node=node, kinds=JOBS).run_due()


def test_at_the_turn_of_a_quarter_it_is_frozen_once(tmp_path: Path) -> None:
    clock = at(2026, 12, 31, 23)
    with made_place(tmp_path / "hub") as place:
        node = place.open(clock=clock)
        assert looked_after(node) == 1
        assert snapshots(node.database) == ("2026-Q3",)
        assert looked_after(node) == 0
        clock.advance(3_600)
        assert looked_after(node) == 1
        assert looked_after(node) == 0
        assert snapshots(node.database) == ("2026-Q3", "2026-Q4")
        node.close()


def test_a_node_that_was_off_over_the_turn_freezes_it_when_it_is_back(tmp_path: Path) -> None:
    with made_place(tmp_path / "hub") as place:
        node = place.open(clock=at(2026, 12, 1))
        looked_after(node)
        node.close()
        node = place.open(clock=at(2027, 8, 9))
        assert looked_after(node) == 1
        assert snapshots(node.database) == ("2026-Q3", "2027-Q2")
        node.close()


def test_a_job_that_waited_until_the_next_turn_freezes_nothing_late(tmp_path: Path) -> None:
    clock = at(2026, 12, 31)
    with made_place(tmp_path / "hub") as place:
        node = place.open(clock=clock)
        schedule_freeze(node)
        clock.advance(2 * 86_400)
        assert Runner(node=node, kinds=JOBS).run_due() == 1
        assert snapshots(node.database) == ()
        assert looked_after(node) == 1
        assert snapshots(node.database) == ("2026-Q4",)
        node.close()


def test_of_two_nodes_that_ask_at_once_one_freezes_it(tmp_path: Path) -> None:
    with made_place(tmp_path / "hub") as place:
        nodes = [place.open(clock=at(2027, 1, 1)) for _ in range(2)]
        barrier, taken = Barrier(2), [0, 0]

        def work(number: int) -> None:
            barrier.wait(deadline())
            taken[number] = looked_after(nodes[number])

        threads = [Thread(target=work, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(deadline())
        assert sum(taken) >= 1
        with nodes[0].database.read() as connection:
            assert len(connection.execute(select(STATISTIC)).all()) == 1
            assert connection.execute(select(JOB.c.state)).scalars().all() == []
        for node in nodes:
            node.close()
