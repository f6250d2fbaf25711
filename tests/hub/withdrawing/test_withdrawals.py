"""Withdrawals: who may, what is told, what is refused afterwards, and what strangers cannot do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select
from tests.support.clock import FakeClock
from tests.support.datasets import Person
from tests.support.hubs import (
    Sent,
    content_of,
    made_node,
    objects_of,
    send,
    send_sign_off,
    sign,
    signed,
)
from tests.support.hubs_ended import (
    admitted,
    by_key,
    by_secret,
    run_jobs,
    tombstone_of,
)

from signoff_hub.database.tables import EPISODE, JOB, LOG_STATE, SIGN_OFF, TOMBSTONE
from signoff_hub.jobs.queue import Job
from signoff_hub.jobs.runner import Runner
from signoff_hub.node.node import Node
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.withdrawing.doing import JOBS
from signoff_hub.withdrawing.endings import ERASE
from signoff_hub.withdrawing.sweeping import sweep
from signoff_hub.withdrawing.withdrawals import Withdrawn, read_withdrawal, withdraw
from signoff_schemas.statement import parse_statement


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Iterator[Node]:
    with made_node(tmp_path / "hub", clock=clock) as made:
        yield made


def refused(node: Node, content: bytes) -> FaultCode:
    with pytest.raises(HubFault) as told:
        withdraw(node, content)
    return told.value.code


def rows(node: Node) -> tuple[int, int, int]:
    """Return how many tombstones, sign-offs and leaves there are."""
    with node.database.read() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (TOMBSTONE, SIGN_OFF)
        ]
        size = connection.execute(select(LOG_STATE.c.size)).scalar() or 0
    return counts[0], counts[1], size


def states(node: Node, sha256: str) -> list[str]:
    with node.database.read() as connection:
        found = connection.execute(select(SIGN_OFF.c.state).where(SIGN_OFF.c.episode == sha256))
        return sorted(found.scalars())


@pytest.mark.parametrize("way", [by_key, by_secret])
def test_key_or_secret_takes_back_at_once_and_bytes_go_with_the_job(
    node: Node, way: Callable[[Sent], bytes]
) -> None:
    sent = signed(node, 1)
    admitted(node, sent)
    told = withdraw(node, way(sent))
    assert (told.is_new, told.is_erased, told.sha256) == (True, False, sent.sha256)
    assert told.erase_by == node.now() + 24 * 3600
    assert states(node, sent.sha256) == ["withdrawn"]
    with pytest.raises(HubFault, match="withdrawn"):
        send(node, sent)
    assert run_jobs(node) == 1
    assert read_withdrawal(node, told.record_id).is_erased
    assert states(node, sent.sha256) == []
    with pytest.raises(HubFault) as fault:
        send(node, sent)
    assert fault.value.code == FaultCode.WITHDRAWN


def test_doing_it_again_changes_nothing(node: Node) -> None:
    sent = signed(node, 1)
    admitted(node, sent)
    first = withdraw(node, by_key(sent))
    before = rows(node)
    again = withdraw(node, by_secret(sent))
    assert (again.is_new, again.erase_by) == (False, first.erase_by)
    run_jobs(node)
    assert withdraw(node, by_key(sent)).is_erased
    assert rows(node)[0] == before[0]


def test_what_is_received_and_not_yet_admitted_can_be_taken_back(node: Node) -> None:
    sent = signed(node, 1)
    send(node, sent)
    withdraw(node, by_secret(sent))
    run_jobs(node)
    assert node.objects.size(f"blobs/{sent.sha256[:2]}/{sent.sha256}") is None


def test_strangers_are_told_the_same_and_nothing_is_kept(node: Node) -> None:
    sent, other = signed(node, 1), signed(node, 2)
    admitted(node, sent)
    before = rows(node)
    stranger = Person(number=77)
    forged = [
        by_key(sent, stranger),
        by_key(other),
        by_secret(other),
        by_secret(sent, record_id="0" * 32),
        by_secret(sent, preimage="1" * 64),
        by_key(sent, stranger, preimage="1" * 64),
        tombstone_of(sent).encode(),
        sent.sign_off.statement,
        b"",
        b"[" * 100_000,
        by_key(sent) + b" " * (33 << 10),
    ]
    for content in forged:
        assert refused(node, content) == FaultCode.PROOF
    assert rows(node) == before
    assert states(node, sent.sha256) == ["admitted"]


def test_a_stranger_cannot_block_what_somebody_will_send(node: Node) -> None:
    sent = signed(node, 1)
    assert refused(node, by_key(sent, Person(number=77))) == FaultCode.PROOF
    assert refused(node, by_secret(sent)) == FaultCode.PROOF
    assert admitted(node, sent).state == "admitted"


def test_many_tombstones_of_strangers_leave_no_row(node: Node) -> None:
    before = rows(node)
    for number in range(300):
        assert refused(node, by_secret(signed(node, 1, record_id=f"{number:032x}"))) == (
            FaultCode.PROOF
        )
    assert rows(node) == before


def test_who_signed_the_bytes_of_another_takes_back_no_more_than_that(node: Node) -> None:
    first = signed(node, 1)
    admitted(node, first)
    second = sign(node, Person(number=2), content_of(1))
    admitted(node, second)
    withdraw(node, by_key(second))
    assert states(node, first.sha256) == ["admitted", "withdrawn"]
    run_jobs(node)
    assert node.objects.size(f"blobs/{first.sha256[:2]}/{first.sha256}") == len(first.content)
    with pytest.raises(HubFault) as fault:
        send(node, second)
    assert fault.value.code == FaultCode.WITHDRAWN
    withdraw(node, by_key(first))
    run_jobs(node)
    assert node.objects.size(f"blobs/{first.sha256[:2]}/{first.sha256}") is None


def test_what_was_taken_back_alone_is_told_however_often_somebody_asks(node: Node) -> None:
    first = signed(node, 1)
    admitted(node, first)
    second = sign(node, Person(number=2), first.content)
    told = admitted(node, second)
    assert told.state == "admitted"
    for proof in (by_key(second), by_key(second), by_secret(second)):
        found = withdraw(node, proof)
        assert read_withdrawal(node, found.record_id).is_erased == found.is_erased
        assert not found.is_erased
    run_jobs(node)
    for proof in (by_key(second), by_secret(second)):
        assert withdraw(node, proof).is_erased
    assert read_withdrawal(node, found.record_id).is_erased
    assert send_sign_off(node, first).state == "admitted"


def test_until_when_it_is_erased_is_told_the_same_at_each_look(
    node: Node, clock: FakeClock
) -> None:
    first = signed(node, 1)
    admitted(node, first)
    second = sign(node, Person(number=2), first.content)
    admitted(node, second)
    for sent, is_alone in ((second, True), (first, False)):
        told = withdraw(node, by_key(sent))
        assert (told.is_alone, told.erase_by) == (is_alone, node.now() + 24 * 3600)
        clock.advance(3_600)
        for again in (withdraw(node, by_key(sent)), read_withdrawal(node, told.record_id)):
            assert (again.is_alone, again.erase_by) == (is_alone, told.erase_by)
    record = parse_statement(second.sign_off.statement).predicate.record_id
    assert not read_withdrawal(node, record).is_alone  # the episode ended as a whole since
    run_jobs(node)
    assert read_withdrawal(node, told.record_id).is_erased


def test_a_sign_off_that_ended_alone_while_another_was_erased_goes_with_the_sweep(
    node: Node,
) -> None:
    first = signed(node, 1)
    admitted(node, first)
    second = sign(node, Person(number=2), first.content)
    admitted(node, second)
    withdraw(node, by_key(second))
    with node.database.write() as connection:  # as a job does that read its rows just before
        connection.execute(delete(JOB).where(JOB.c.kind == "erase"))
    assert [key for key in objects_of(node) if second.statement_sha256 in key]
    sweep(node)
    assert [key for key in objects_of(node) if second.statement_sha256 in key] == []
    assert [key for key in objects_of(node) if first.statement_sha256 in key]


def test_what_is_taken_back_while_an_erasure_is_at_work_goes_right_after_it(node: Node) -> None:
    first = signed(node, 1)
    admitted(node, first)
    second = sign(node, Person(number=2), first.content)
    admitted(node, second)
    withdraw(node, by_key(second))
    told: list[Withdrawn] = []

    def erase_slowly(node: Node, job: Job) -> None:
        JOBS[ERASE](node, job)
        if not told:
            told.append(withdraw(node, by_key(first)))

    Runner(node=node, kinds={ERASE: erase_slowly}).run_due()
    assert read_withdrawal(node, told[0].record_id).is_erased
    assert not any(key.startswith(("blobs", "signoffs", "receipts")) for key in objects_of(node))


def test_the_first_signer_takes_the_episode_from_all(node: Node) -> None:
    first = signed(node, 1)
    admitted(node, first)
    admitted(node, sign(node, Person(number=2), content_of(1)))
    withdraw(node, by_secret(first))
    assert states(node, first.sha256) == ["withdrawn", "withdrawn"]


def test_a_record_nobody_withdrew_is_not_found(node: Node) -> None:
    with pytest.raises(HubFault) as fault:
        read_withdrawal(node, "0" * 32)
    assert fault.value.code == FaultCode.NOT_FOUND


def test_an_episode_that_is_withdrawn_is_not_admitted_any_more(node: Node) -> None:
    sent = signed(node, 1)
    admitted(node, sent)
    withdraw(node, by_key(sent))
    with node.database.read() as connection:
        found = connection.execute(select(EPISODE.c.state)).scalars().all()
    assert found == ["withdrawn"]
