"""The runner: what its holder drops is done by another, and what breaks is told without input."""

from __future__ import annotations

import json
import logging
from collections import Counter
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from tests.support.clock import FakeClock
from tests.support.deadline import deadline, wait_until
from tests.support.hubs import made_node

from signoff_hub.database.tables import JOB
from signoff_hub.jobs.queue import put, take
from signoff_hub.jobs.runner import LEASE_S, LaterError, Runner
from signoff_hub.serving.journal import Line
from signoff_schemas.errors import NetworkError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_hub.jobs.queue import Job
    from signoff_hub.node.node import Node

PLANTED = "planted-in-an-episode"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Iterator[Node]:
    with made_node(tmp_path / "hub", clock=clock) as made:
        yield made


def ask(node: Node, *subjects: str) -> None:
    with node.database.write() as connection:
        for subject in subjects:
            put(connection, "work", subject)
    node.bell.set()


def states(node: Node) -> dict[str, tuple[str, int, str | None]]:
    with node.database.read() as connection:
        rows = connection.execute(select(JOB.c.subject, JOB.c.state, JOB.c.tries, JOB.c.fault))
        return {row.subject: (row.state, row.tries, row.fault) for row in rows}


def test_what_a_killed_holder_had_is_done_when_its_lease_ends(node: Node, clock: FakeClock) -> None:
    ask(node, "a")
    done: list[str] = []
    runner = Runner(node=node, kinds={"work": lambda _, job: done.append(job.subject)})
    with node.database.write() as connection:
        held = take(connection, ("work",), now=node.now(), lease_s=LEASE_S, worker="d" * 32)
    assert held is not None
    clock.advance(LEASE_S - 1)
    assert runner.run_due() == 0
    clock.advance(1)
    assert runner.run_due() == 1
    assert done == ["a"]
    assert states(node) == {}


def test_who_works_beyond_its_lease_does_not_decide(node: Node, clock: FakeClock) -> None:
    ask(node, "a")
    order: list[str] = []

    def second(_: Node, job: Job) -> None:
        order.append(f"second {job.tries}")
        raise LaterError("decided", after_s=60)

    def first(_: Node, job: Job) -> None:
        order.append(f"first {job.tries}")
        clock.advance(LEASE_S)  # its thread slept: nobody held the lease meanwhile
        assert Runner(node=node, kinds={"work": second}).run_due() == 1

    assert Runner(node=node, kinds={"work": first}).run_due() == 1
    assert order == ["first 1", "second 2"]
    assert states(node)["a"] == ("waiting", 1, "decided"), "the first one's end changed nothing"


def test_closing_lets_end_what_is_at_work_and_takes_no_more(node: Node) -> None:
    began, may_end = Event(), Event()
    done: list[str] = []

    def slow(_: Node, job: Job) -> None:
        began.set()
        assert may_end.wait(deadline())
        done.append(job.subject)

    runner = Runner(node=node, kinds={"work": slow})
    ask(node, "a", "b")
    runner.start()
    assert began.wait(deadline())
    closing = Thread(target=runner.close, kwargs={"wait_s": deadline()})
    closing.start()
    wait_until(runner._stopped.is_set, "it was told to end")
    may_end.set()
    closing.join(deadline())
    assert not closing.is_alive()
    assert done == ["a"]
    assert {one: state[0] for one, state in states(node).items()} == {"b": "waiting"}


def test_threads_share_the_jobs_and_do_each_once(node: Node) -> None:
    done: Counter[str] = Counter()
    subjects = [f"{number:02d}" for number in range(20)]
    runner = Runner(node=node, kinds={"work": lambda _, job: done.update([job.subject])}, threads=3)
    ask(node, *subjects)
    runner.start()
    wait_until(lambda: not states(node), "all is done")
    runner.close(wait_s=deadline())
    assert done == Counter(subjects)


def test_an_unexpected_error_is_told_by_its_type_and_in_the_end_fails(
    node: Node, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Node, job: Job) -> None:
        raise ValueError(f"{PLANTED} {job.subject}")

    ask(node, "subject-of-it")
    runner = Runner(node=node, kinds={"work": broken})
    with caplog.at_level(logging.WARNING, "signoff_hub.jobs"):
        for _ in range(5):
            assert runner.run_due() == 1
            clock.advance(LEASE_S)
    assert states(node)["subject-of-it"] == ("failed", 5, "broken")
    assert runner.run_due() == 0
    lines = [Line().format(record) for record in caplog.records]
    told = [json.loads(line) for line in lines]
    assert [one["event"] for one in told] == ["job_failed"] * 5
    assert (told[0]["job"], told[0]["error_type"], told[-1]["tries"]) == ("work", "ValueError", 5)
    assert PLANTED not in "".join(lines)
    assert "subject-of-it" not in "".join(lines)
    assert PLANTED not in caplog.text


def test_what_is_away_is_tried_again_and_does_not_count(node: Node, clock: FakeClock) -> None:
    away = True

    def work(_: Node, __: Job) -> None:
        if away:
            raise NetworkError("the store is away")

    ask(node, "a")
    runner = Runner(node=node, kinds={"work": work})
    for _ in range(8):
        assert runner.run_due() == 1
        assert states(node)["a"] == ("waiting", 0, "away")
        clock.advance(300)
    away = False
    assert runner.run_due() == 1
    assert states(node) == {}
