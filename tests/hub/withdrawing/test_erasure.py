"""Erasure: no 16 bytes of an episode stay anywhere, the log stays provable, holds hold."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from tests.support.clock import FakeClock
from tests.support.datasets import Person
from tests.support.hubs import (
    DAY_S,
    content_of,
    enrol,
    made_node,
    objects_of,
    send_blob,
    sign,
    signed,
)
from tests.support.hubs_ended import (
    admitted,
    by_key,
    by_secret,
    places_of,
    run_jobs,
    windows_of,
)

from signoff_hub.database.tables import (
    BLOB,
    EPISODE,
    LABEL,
    LEGAL_HOLD,
    LOG_LEAF,
    LOG_OPENING,
    LOG_STATE,
    METADATA,
    SIGN_OFF,
    TOMBSTONE,
)
from signoff_hub.node.node import Node
from signoff_hub.withdrawing.doing import schedule_sweep
from signoff_hub.withdrawing.erasure import erase
from signoff_hub.withdrawing.holds import hold, release
from signoff_hub.withdrawing.sweeping import sweep
from signoff_hub.withdrawing.withdrawals import read_withdrawal, withdraw
from signoff_schemas.errors import NotFoundError, UsageError
from signoff_schemas.statement import parse_statement


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Iterator[Node]:
    with made_node(tmp_path / "hub", clock=clock) as made:
        yield made


def tree(node: Node) -> tuple[object, ...]:
    with node.database.read() as connection:
        leaves = connection.execute(select(LOG_LEAF.c.hash).order_by(LOG_LEAF.c.n)).scalars().all()
    return tuple(leaves)


def openings(node: Node) -> str:
    with node.database.read() as connection:
        found = connection.execute(select(LOG_OPENING.c.entry)).scalars().all()
    return b"".join(found).decode()


def test_within_a_day_no_window_of_it_is_left_in_any_file(node: Node, clock: FakeClock) -> None:
    gone, stays = signed(node, 1), signed(node, 2)
    admitted(node, stays)
    admitted(node, gone)
    with node.database.write() as connection:
        label = {"id": "a" * 64, "episode": gone.sha256, "signature": b"-"}
        connection.execute(insert(LABEL).values(**label, content=gone.content[200:300]))
    left_over = node.folder.incoming / "read-killed" / "episode"
    left_over.parent.mkdir()
    left_over.write_bytes(gone.content)
    os.utime(left_over, (node.now(), node.now()))
    predicate = parse_statement(gone.sign_off.statement).predicate
    needles = windows_of(gone, stays)
    assert len(needles) > 500
    needles |= {predicate.contributor.encode(), gone.statement_sha256.encode()}
    needles |= {gone.sign_off.signature[60:120]}
    assert len(places_of(node, needles)) >= 4
    withdraw(node, by_key(gone))
    schedule_sweep(node)
    for _ in range(24):
        clock.advance(3_600)
        run_jobs(node)
    assert places_of(node, needles) == []
    assert [key for key in objects_of(node) if gone.sha256 in key] == [
        f"tombstones/{gone.sha256[:2]}/{gone.sha256}.json"
    ]
    assert node.objects.size(f"blobs/{stays.sha256[:2]}/{stays.sha256}") == len(stays.content)


def test_what_stays_is_the_tombstone_and_leaves_without_their_words(node: Node) -> None:
    sent = signed(node, 1)
    admitted(node, sent)
    predicate = parse_statement(sent.sign_off.statement).predicate
    withdraw(node, by_key(sent))
    before = tree(node)
    run_jobs(node)
    assert tree(node)[: len(before)] == before
    said = openings(node)
    assert sent.statement_sha256 not in said
    assert '"withdrawn"' in said
    assert '"erased"' in said
    with node.database.read() as connection:
        for table in METADATA.sorted_tables:
            held = str(connection.execute(select(table)).mappings().all())
            for one in (predicate.contributor, predicate.repository, sent.statement_sha256):
                assert one not in held, table.name
        tombstone = connection.execute(select(TOMBSTONE)).one()
    assert (tombstone.record, tombstone.because) == (predicate.record_id, "withdrawn")


def test_doing_it_twice_writes_one_leaf(node: Node) -> None:
    sent = signed(node, 1)
    admitted(node, sent)
    withdraw(node, by_key(sent))
    assert erase(node, sent.sha256) == 0
    size = len(tree(node))
    assert erase(node, sent.sha256) == 0
    assert len(tree(node)) == size


def test_what_nobody_took_back_is_not_erased(node: Node) -> None:
    sent = signed(node, 1)
    admitted(node, sent)
    before = objects_of(node)
    assert erase(node, sent.sha256) == 0
    assert objects_of(node) == before


def test_expiry_takes_the_way_of_a_withdrawal(node: Node, clock: FakeClock) -> None:
    sent = signed(node, 1)
    admitted(node, sent)
    clock.advance(365 * DAY_S - 1)
    assert sweep(node).expired == 0
    clock.advance(2)
    found = sweep(node)
    assert (found.expired, found.erased) == (1, 1)
    assert [key for key in objects_of(node) if sent.sha256 in key] == []
    with node.database.read() as connection:
        assert connection.execute(select(TOMBSTONE.c.because)).scalars().all() == ["expired"]
        for table in (SIGN_OFF, EPISODE, BLOB):
            assert connection.execute(select(table)).all() == []
    assert '"expired"' in openings(node)


def test_the_terms_that_were_signed_say_how_long_it_is_kept(tmp_path: Path) -> None:
    clock = FakeClock()
    with made_node(tmp_path / "hub", "retention_days = 30\n", clock=clock) as node:
        sent = signed(node, 1)
        admitted(node, sent)
        clock.advance(30 * DAY_S - 1)
        assert sweep(node).expired == 0
        clock.advance(1)
        assert sweep(node).expired == 1


def test_one_of_two_sign_offs_expires_alone(node: Node, clock: FakeClock) -> None:
    first = signed(node, 1, expires="2026-10-01T00:00:00Z")
    admitted(node, first)
    second = sign(node, Person(number=1), content_of(1), record_id="5" * 32)
    admitted(node, second)
    clock.advance(30 * DAY_S)
    assert sweep(node).expired == 1
    run_jobs(node)
    held = objects_of(node)
    assert not [key for key in held if first.statement_sha256 in key]
    assert [key for key in held if second.statement_sha256 in key]
    assert f"blobs/{first.sha256[:2]}/{first.sha256}" in held


def test_a_hold_keeps_bytes_until_its_day_and_nothing_is_read_meanwhile(
    node: Node, clock: FakeClock
) -> None:
    sent = signed(node, 1)
    admitted(node, sent)
    hold(node, sent.sha256, reason="court of Example, file 7", until=node.now() + 10 * DAY_S)
    told = withdraw(node, by_key(sent))
    assert told.erase_by == node.now() + 11 * DAY_S
    run_jobs(node)
    sweep(node)
    assert f"blobs/{sent.sha256[:2]}/{sent.sha256}" in objects_of(node)
    with node.database.read() as connection:
        assert connection.execute(select(EPISODE.c.state)).scalars().all() == ["withdrawn"]
    clock.advance(10 * DAY_S)
    run_jobs(node)
    assert read_withdrawal(node, told.record_id).is_erased
    with node.database.read() as connection:
        assert connection.execute(select(LEGAL_HOLD)).all() == []


def test_a_hold_that_is_released_lets_bytes_go_at_once(node: Node) -> None:
    sent = signed(node, 1)
    admitted(node, sent)
    hold(node, sent.sha256, reason="court", until=node.now() + 10 * DAY_S)
    told = withdraw(node, by_key(sent))
    assert release(node, sent.sha256)
    assert not release(node, sent.sha256)
    run_jobs(node)
    assert read_withdrawal(node, told.record_id).is_erased


@pytest.mark.parametrize(
    ("reason", "days"),
    [("", 1), ("  ", 1), ("x" * 201, 1), ("a\nb", 1), ("court", 0), ("court", 4_000)],
)
def test_a_hold_needs_a_reason_and_an_end(node: Node, reason: str, days: int) -> None:
    sent = signed(node, 1)
    admitted(node, sent)
    with pytest.raises(UsageError):
        hold(node, sent.sha256, reason=reason, until=node.now() + days * DAY_S)


def test_nothing_can_be_held_that_is_gone(node: Node) -> None:
    with pytest.raises(NotFoundError):
        hold(node, "0" * 64, reason="court", until=node.now() + 1)


def test_bytes_that_nobody_signed_go_after_a_day(node: Node, clock: FakeClock) -> None:
    sent = signed(node, 1)
    enrol(node, sent.person)
    send_blob(node, sent)
    clock.advance(DAY_S - 1)
    assert sweep(node).unsigned == 0
    clock.advance(1)
    assert sweep(node).unsigned == 1
    assert objects_of(node) == {}


def test_a_part_that_came_after_the_erasure_is_found_again(node: Node, clock: FakeClock) -> None:
    sent = signed(node, 1)
    admitted(node, sent)
    withdraw(node, by_secret(sent))
    run_jobs(node)
    node.objects.create(f"blobs/{sent.sha256[:2]}/{sent.sha256}", sent.content)
    clock.advance(3_600)
    sweep(node)
    assert f"blobs/{sent.sha256[:2]}/{sent.sha256}" not in objects_of(node)


def test_a_sweep_of_nothing_does_nothing(node: Node) -> None:
    sent = signed(node, 1)
    admitted(node, sent)
    before = objects_of(node), tree(node)
    assert sweep(node) == sweep(node)
    assert (objects_of(node), tree(node)) == before
    with node.database.read() as connection:
        assert connection.execute(select(LOG_STATE.c.size)).scalar_one() == 2
