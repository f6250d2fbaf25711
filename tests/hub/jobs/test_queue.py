"""The queue: one holder at a time, and what a dead one held comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select

from signoff_hub.database.database import Database
from signoff_hub.database.tables import JOB, METADATA
from signoff_hub.jobs.queue import fail, finish, give_back, keep, put, take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from signoff_hub.jobs.queue import Job

LEASE_S = 100


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    METADATA.create_all(made.engine)
    yield made
    made.close()


def _put(database: Database, subject: str, not_before: int = 0) -> None:
    with database.write() as connection:
        put(connection, "admit", subject, not_before)


def _take(database: Database, now: int, worker: str = "w" * 32) -> Job | None:
    with database.write() as connection:
        return take(connection, ("admit",), now=now, lease_s=LEASE_S, worker=worker)


def test_a_job_is_taken_once_and_comes_back_when_its_holder_is_silent(database: Database) -> None:
    _put(database, "a")
    first = _take(database, 10, "1" * 32)
    assert first is not None
    assert (first.subject, first.tries) == ("a", 1)
    assert _take(database, 10 + LEASE_S - 1) is None
    second = _take(database, 10 + LEASE_S, "2" * 32)
    assert second is not None
    assert (second.id, second.tries) == (first.id, 2)
    with database.write() as connection:
        assert not keep(connection, first, now=10 + LEASE_S, lease_s=LEASE_S)
        assert not finish(connection, first), "it is another's by now"
        assert keep(connection, second, now=10 + LEASE_S, lease_s=2 * LEASE_S)
    assert _take(database, 10 + 2 * LEASE_S) is None, "it was kept"
    with database.write() as connection:
        assert finish(connection, second)
    assert _take(database, 10**9) is None


def test_a_job_waits_for_its_time_and_the_oldest_goes_first(database: Database) -> None:
    _put(database, "late", 50)
    _put(database, "early", 20)
    assert _take(database, 19) is None
    order = [job.subject for _ in range(2) if (job := _take(database, 60))]
    assert order == ["early", "late"]


def test_what_is_given_back_keeps_its_code_and_does_not_count_as_a_try(database: Database) -> None:
    _put(database, "a")
    job = _take(database, 0)
    assert job is not None
    with database.write() as connection:
        assert give_back(connection, job, "reader_died", not_before=7)
    assert _take(database, 6) is None
    again = _take(database, 7)
    assert again is not None
    assert (again.tries, again.fault) == (1, "reader_died")


def test_putting_it_again_leaves_one_that_waits_and_begins_one_that_ended(
    database: Database,
) -> None:
    _put(database, "a", 5)
    _put(database, "a", 0)
    assert _take(database, 4) is None, "the first one stands"
    job = _take(database, 5)
    assert job is not None
    with database.write() as connection:
        assert fail(connection, job, "broken")
    assert _take(database, 10**6) is None
    _put(database, "a")
    again = _take(database, 10**6)
    assert again is not None
    assert (again.tries, again.fault) == (1, None)


@pytest.mark.parametrize("end", [finish, lambda *args: fail(*args, "broken")])
def test_one_at_work_that_is_asked_for_again_is_done_once_more(
    database: Database, end: Callable[[Connection, Job], bool]
) -> None:
    _put(database, "a")
    job = _take(database, 0)
    assert job is not None
    _put(database, "a", 7)
    assert _take(database, 7) is None, "it is at work"
    with database.write() as connection:
        assert end(connection, job)
    again = _take(database, 7)
    assert again is not None
    assert (again.id, again.tries, again.fault) == (job.id, 1, None)
    with database.write() as connection:
        assert finish(connection, again)
    assert _take(database, 10**6) is None


def test_only_asked_kinds_are_taken(database: Database) -> None:
    with database.write() as connection:
        put(connection, "sweep", "all")
    assert _take(database, 0) is None


class QueueAgainstAModel(RuleBasedStateMachine):
    """The queue does what a dictionary does."""

    def __init__(self) -> None:
        super().__init__()
        self.database = Database("sqlite:///:memory:")
        self.connection = self.database.engine.connect()
        METADATA.create_all(self.connection)
        self.now = 0
        self.model: dict[str, tuple[str, int]] = {}
        """Subject to state and the time that it is free from."""
        self.again: set[str] = set()
        """What was asked for while somebody was at it."""
        self.held: list[Job] = []

    @rule(subject=st.sampled_from("abc"), after=st.integers(0, 30))
    def put(self, subject: str, after: int) -> None:
        put(self.connection, "admit", subject, self.now + after)
        state, _ = self.model.setdefault(subject, ("waiting", self.now + after))
        if state == "running":
            self.again.add(subject)

    @rule(seconds=st.integers(1, 80))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(worker=st.integers(0, 9))
    def take(self, worker: int) -> None:
        name = f"{worker}{len(self.held):031d}"
        job = take(self.connection, ("admit",), now=self.now, lease_s=LEASE_S, worker=name)
        free = {s for s, (_, at) in self.model.items() if at <= self.now}
        assert (job is None) == (not free)
        if job is not None:
            assert job.subject in free
            self.again.discard(job.subject)
            self.model[job.subject] = ("running", self.now + LEASE_S)
            self.held.append(job)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), is_finished=st.booleans())
    def end(self, data: st.DataObject, is_finished: bool) -> None:
        job = data.draw(st.sampled_from(self.held))
        is_last = job is [one for one in self.held if one.subject == job.subject][-1]
        had = is_last and self.model.get(job.subject, ("",))[0] == "running"
        if is_finished:
            assert finish(self.connection, job) == had
        else:
            assert give_back(self.connection, job, "away", not_before=self.now + 5) == had
        if had:
            if is_finished and job.subject not in self.again:
                del self.model[job.subject]
            else:
                self.model[job.subject] = ("waiting", 0 if is_finished else self.now + 5)
            self.again.discard(job.subject)

    @invariant()
    def the_states_are_those_of_the_model(self) -> None:
        rows = self.connection.execute(select(JOB.c.subject, JOB.c.state))
        assert {row.subject: row.state for row in rows} == {
            subject: state for subject, (state, _) in self.model.items()
        }

    def teardown(self) -> None:
        self.connection.close()
        self.database.close()


TestQueueAgainstAModel = QueueAgainstAModel.TestCase
TestQueueAgainstAModel.settings = settings(max_examples=40, stateful_step_count=25)
