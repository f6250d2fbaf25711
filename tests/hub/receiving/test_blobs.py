"""Bytes: create-only, counted against a quota until they are admitted, never half there."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text
from tests.support.clock import FakeClock
from tests.support.datasets import Person
from tests.support.hubs import (
    STORE,
    account_of,
    content_of,
    enrol,
    faults_of,
    kept,
    made_node,
    made_place,
    objects_of,
    send,
    send_blob,
    send_sign_off,
    signed,
)
from tests.support.small_disk import fill, mounted_small_disk

from signoff_hub.admitting.admission import Admission
from signoff_hub.database import database as database_module
from signoff_hub.database.tables import BLOB, PART
from signoff_hub.jobs.runner import Runner
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.blobs import has_blob, receive_blob, refuse_size
from signoff_hub.receiving.states import SignOffIs
from signoff_schemas.errors import DiskFullError, NetworkError, SignoffError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_hub.admitting.readers import Readers

ANNA, BEN = Person(number=1), Person(number=2)


def test_bytes_are_kept_once_and_known(tmp_path: Path) -> None:
    with made_node(tmp_path / "hub") as node:
        enrol(node, ANNA)
        sent = signed(node, 1)
        assert not has_blob(node, sent.sha256)
        assert send_blob(node, sent)
        before = kept(node)
        assert not send_blob(node, sent)
        assert kept(node) == before
        assert has_blob(node, sent.sha256)


def test_a_quota_counts_what_is_not_admitted_and_of_its_sender_alone(
    tmp_path: Path, readers: Readers
) -> None:
    room = len(content_of(1)) + len(content_of(2)) - 1
    with made_node(tmp_path / "hub", f"unsigned_bytes_per_key = {max(room, 1024)}") as node:
        enrol(node, ANNA, BEN)
        send(node, signed(node, 1))
        second = signed(node, 2, person=1)
        with pytest.raises(HubFault) as told:
            send_blob(node, second)
        assert told.value.code == FaultCode.QUOTA
        assert not has_blob(node, second.sha256)
        send_blob(node, signed(node, 3, person=2))
        Runner(node=node, kinds={"admit": Admission(readers=readers)}).run_due()
        assert send_blob(node, second), "the first one is admitted and counts no more"


def test_a_quota_counts_episodes_too_since_bytes_do_not_bound_rows(tmp_path: Path) -> None:
    with made_node(tmp_path / "hub", "unsigned_episodes_per_key = 3") as node:
        enrol(node, ANNA, BEN)
        piece = node.folder.incoming / "piece"
        anna, ben = account_of(ANNA), account_of(BEN)

        def sends(account: str, content: bytes) -> bool:
            piece.write_bytes(content)
            return receive_blob(node, account, hashlib.sha256(content).hexdigest(), piece)

        assert all(sends(anna, b"%d" % number) for number in range(3))
        for refused in (lambda: sends(anna, b"3"), lambda: refuse_size(node, anna, 1)):
            with pytest.raises(HubFault, match="too many episodes") as told:
                refused()
            assert told.value.code == FaultCode.QUOTA
        assert not has_blob(node, hashlib.sha256(b"3").hexdigest())
        assert not sends(anna, b"0"), "what is here already may come again"
        assert sends(ben, b"3"), "others have their own"


def test_a_quota_is_asked_of_an_index_alone_however_much_others_have(tmp_path: Path) -> None:
    with made_node(tmp_path / "hub") as node:
        if not node.database.is_sqlite:
            pytest.skip("the plan of a query is read as SQLite writes it")
        with node.database.read() as connection:
            for table in (BLOB, PART):
                asked = select(func.count(), func.sum(table.c.size_bytes)).where(
                    table.c.account == "0" * 32
                )
                query = str(asked.compile(connection, compile_kwargs={"literal_binds": True}))
                plan = connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
                assert [row.detail.partition(" INDEX")[0] for row in plan] == [
                    f"SEARCH {table.name} USING COVERING"
                ]


def test_too_many_bytes_are_refused_before_and_after_they_came(tmp_path: Path) -> None:
    with made_node(tmp_path / "hub", "max_episode_bytes = 1024") as node:
        enrol(node, ANNA)
        with pytest.raises(HubFault) as told:
            refuse_size(node, account_of(ANNA), 1025)
        assert told.value.code == FaultCode.TOO_LARGE
        large = signed(node, 1)
        if len(large.content) > 1024:
            with pytest.raises(HubFault):
                send_blob(node, large)
        refuse_size(node, account_of(ANNA), 1024)


@pytest.mark.parametrize("does", ["send", "admit"])
def test_a_store_that_is_away_loses_nothing(does: str, tmp_path: Path, readers: Readers) -> None:
    clock = FakeClock()
    with made_node(tmp_path / "hub", clock=clock) as node:
        if STORE is not None:
            pytest.skip("the lane of the real store stops the store itself")
        enrol(node, ANNA)
        sent = signed(node, 1)
        runner = Runner(node=node, kinds={"admit": Admission(readers=readers)})
        if does == "admit":
            send(node, sent)
        place, away = node.folder.objects, tmp_path / "away"
        place.rename(away)
        place.write_bytes(b"no folder")
        if does == "send":
            with pytest.raises(SignoffError):
                send_blob(node, sent)
            with node.database.read() as connection:
                assert connection.execute(select(BLOB)).all() == [], "no quota for nothing"
        else:
            assert runner.run_due() == 1
            assert send_sign_off(node, sent).state == SignOffIs.RECEIVED
        place.unlink()
        away.rename(place)
        clock.advance(3600)
        send(node, sent)
        runner.run_due()
        assert send_sign_off(node, sent).state == SignOffIs.ADMITTED
        assert faults_of(node) == []


def test_a_database_that_does_not_answer_is_told_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "_WAIT_S", 0.2)
    with made_place(tmp_path / "hub") as place:
        node, other = place.open(), place.open()
        if not node.database.is_sqlite:
            node.close()
            other.close()
            pytest.skip("the lane of the real database stops the database itself")
        sent = signed(node, 1)
        enrol(node, ANNA)
        send_blob(node, sent)
        before = kept(node)
        with other.database.write(), pytest.raises(NetworkError):
            send_sign_off(node, sent)
        objects = {key for key in objects_of(node) if not key.startswith("signoffs/")}
        assert objects == {key for key in before if key.startswith("blobs/")}
        assert send_sign_off(node, sent).is_new
        node.close()
        other.close()


def test_a_full_disk_keeps_nothing_half_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with (
        mounted_small_disk(tmp_path / "small", kib=4096) as disk,
        made_node(disk / "hub") as node,
    ):
        enrol(node, ANNA)
        sent = signed(node, 1)
        filler = fill(disk)
        with pytest.raises((DiskFullError, NetworkError, OSError)):
            send(node, sent)
        filler.unlink()
        assert send(node, sent).is_new
        assert faults_of(node) == []
