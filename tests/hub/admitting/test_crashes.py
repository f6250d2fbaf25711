"""The crash table: a node is killed at every point that it may die at, then a new one goes on.

After recovery there is a receipt exactly where there are bytes, and whoever sends again is told
one state. Runs on SQLite and a folder, and on what `tests/support/hubs.py` is given instead.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select
from tests.support.clock import FakeClock
from tests.support.datasets import Person
from tests.support.hub_victim import victims
from tests.support.hubs import (
    bad_content,
    content_of,
    enrol,
    entries_of,
    faults_of,
    made_place,
    objects_of,
    send,
    send_sign_off,
    sign,
)

from signoff_hub.admitting.admission import Admission
from signoff_hub.database.tables import JOB, LOG_LEAF
from signoff_hub.jobs.runner import LEASE_S, Runner
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.states import SignOffIs

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from tests.support.hub_victim import Victims
    from tests.support.hubs import Place, Sent

    from signoff_hub.admitting.readers import Readers
    from signoff_hub.node.node import Node

SENDING = (
    "blob reserved",
    "blob created",
    "signature created",
    "statement created",
    "sign-off written",
    "sign-off received",
)
ADMITTING = (
    "admit taken",
    "episode copied",
    "episode examined",
    "admission written",
    "admission committed",
    "receipt signature created",
    "receipt created",
    "admit done",
)
REFUSING = (
    "admit taken",
    "episode copied",
    "episode examined",
    "refusal committed",
    "refused statement erased",
    "refused bytes erased",
    "admit done",
)


@pytest.fixture(scope="module")
def dying() -> Iterator[Victims]:
    with victims() as made:
        yield made


@contextmanager
def _opened(place: Place, clock: FakeClock | None = None) -> Generator[Node]:
    node = place.open(clock=clock)
    try:
        yield node
    finally:
        node.close()


def _order(place: Place, does: str, *numbers: int, **more: object) -> dict[str, object]:
    where = {"root": str(place.root), "database": place.database, "store": place.store}
    return {**where, "does": does, "numbers": str(list(numbers)), **more}


def _late() -> FakeClock:
    """Return a clock by which every lease of a dead node is over."""
    clock = FakeClock()
    clock.advance(LEASE_S + 1)
    return clock


def _sent(node: Node, number: int, *, is_bad: bool = False) -> Sent:
    """Return what a child sends, whose clock stands where it began."""
    content = bad_content(number) if is_bad else content_of(number)
    when = {"event_time": "2026-09-21T14:13:20Z", "expires": "2027-09-21T14:13:20Z"}
    return sign(node, Person(number=number), content, **when)


def _send_again(node: Node, sent: Sent) -> None:
    """Send as a client does that heard no answer."""
    enrol(node, sent.person)
    try:
        send_sign_off(node, sent)
    except HubFault as fault:
        if fault.code != FaultCode.NO_BLOB:
            raise
        send(node, sent)


def _check_recovered(place: Place, readers: Readers, *numbers: int, is_bad: bool = False) -> None:
    """Have another node take over and the client send again; look at what is there."""
    with _opened(place, _late()) as node:
        runner = Runner(node=node, kinds={"admit": Admission(readers=readers)})
        runner.run_due()
        for number in numbers:
            sent = _sent(node, number, is_bad=is_bad)
            _send_again(node, sent)
            runner.run_due()
            state = send_sign_off(node, sent)
            assert state.state == (SignOffIs.REFUSED if is_bad else SignOffIs.ADMITTED)
            told = [kind for _, kind, _ in entries_of(node, sent.statement_sha256)]
            assert told == ["received", "refused" if is_bad else "admitted"], "each once"
        assert faults_of(node) == []
        assert len(objects_of(node)) == (0 if is_bad else 5 * len(numbers))
        with node.database.read() as connection:
            states = connection.execute(select(JOB.c.state)).scalars().all()
            leaves = connection.execute(select(func.count()).select_from(LOG_LEAF)).scalar()
        assert (states, leaves) == ([], 2 * len(numbers))


def test_the_tables_name_every_point_of_the_whole_way(tmp_path: Path, readers: Readers) -> None:
    for is_bad, expected in ((False, ADMITTING), (True, REFUSING)):
        reached: list[str] = []
        with made_place(tmp_path / str(is_bad)) as place:
            node = place.open(probe=reached.append)
            send(node, _sent(node, 1, is_bad=is_bad))
            Runner(node=node, kinds={"admit": Admission(readers=readers)}).run_due()
            node.close()
        assert tuple(reached) == SENDING + expected


@pytest.mark.parametrize("point", SENDING)
def test_a_node_killed_while_it_receives(
    point: str, tmp_path: Path, dying: Victims, readers: Readers
) -> None:
    with made_place(tmp_path / "hub") as place:
        assert dying.run(_order(place, "send", 1, point=point)) == [-signal.SIGKILL]
        with _opened(place) as node:
            is_known = bool(entries_of(node, _sent(node, 1).statement_sha256))
            assert is_known == (point == "sign-off received"), "told whole or not at all"
        _check_recovered(place, readers, 1)


@pytest.mark.parametrize("point", ADMITTING)
def test_a_node_killed_while_it_admits(
    point: str, tmp_path: Path, dying: Victims, readers: Readers
) -> None:
    with made_place(tmp_path / "hub") as place:
        assert dying.run(_order(place, "both", 1, point=point)) == [-signal.SIGKILL]
        _check_recovered(place, readers, 1)


@pytest.mark.parametrize("point", REFUSING)
def test_a_node_killed_while_it_refuses(
    point: str, tmp_path: Path, dying: Victims, readers: Readers
) -> None:
    with made_place(tmp_path / "hub") as place:
        assert dying.run(_order(place, "both", 1, point=point, bad=True)) == [-signal.SIGKILL]
        _check_recovered(place, readers, 1, is_bad=True)


def test_nodes_that_die_one_after_the_other_at_every_point_end_in_one_state(
    tmp_path: Path, dying: Victims, readers: Readers
) -> None:
    with made_place(tmp_path / "hub") as place:
        for point in SENDING:
            assert dying.run(_order(place, "send", 1, point=point)) == [-signal.SIGKILL]
        _check_recovered(place, readers, 1)


def test_two_nodes_race_on_the_same_episodes(
    tmp_path: Path, dying: Victims, readers: Readers
) -> None:
    numbers = tuple(range(1, 7))
    with made_place(tmp_path / "hub") as place:
        with _opened(place):
            pass  # tables and terms are there before the race: it is about episodes
        both = dying.run(_order(place, "both", *numbers), _order(place, "both", *reversed(numbers)))
        assert both == [0, 0]
        _check_recovered(place, readers, *numbers)
