"""Threats to a hub that no room answers alone (docs/threat_model.md, "The hub")."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, text, update
from tests.support.clock import FakeClock
from tests.support.hub_requests import served, signed_in
from tests.support.hubs import (
    DATABASE,
    DAY_S,
    STORE,
    Place,
    made_node,
    objects_of,
    send_blob,
    send_sign_off,
    signed,
)
from tests.support.hubs_ended import admitted, places_of

from signoff_hub.admitting.receipts import publish_receipt, receipt_key, receipt_of
from signoff_hub.database.tables import LOG_HEAD, LOG_LEAF, LOG_OPENING, LOG_STATE
from signoff_hub.log.verifying import verify_log
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.states import read_state
from signoff_hub.withdrawing.sweeping import sweep
from signoff_schemas.hub_log import parse_inclusion_proof
from signoff_schemas.merkle import EMPTY_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signoff_hub.log.report import LogReport
    from signoff_hub.node.node import Node


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Iterator[Node]:
    with made_node(tmp_path / "hub", clock=clock) as made:
        yield made


def judged(node: Node, *known: tuple[bytes, bytes]) -> LogReport:
    return verify_log(
        node.database,
        node.objects,
        public_key=node.key.public_key,
        address=node.address,
        known_heads=known,
    )


def test_a_receipt_that_was_dropped_is_told_again_and_the_same(node: Node) -> None:
    sent = signed(node, 1)
    state = admitted(node, sent)
    before = objects_of(node)
    key = receipt_key(sent.sha256, sent.statement_sha256)
    node.objects.remove(key)
    node.objects.remove(f"{key}.sig")
    told = receipt_of(node, state)
    assert told is not None
    assert (told.content, told.signature) == (before[key], before[f"{key}.sig"])
    publish_receipt(node, sent.statement_sha256)
    assert objects_of(node) == before


def test_an_admission_that_was_taken_out_is_told_by_the_head_in_its_receipt(node: Node) -> None:
    state = admitted(node, signed(node, 1))
    assert state.leaf is not None
    proof = parse_inclusion_proof(node.log.proof_of(state.leaf).encode("ascii"))
    kept = proof.head.encode("ascii"), proof.signature.encode("ascii")
    assert judged(node, kept).faults == []
    with node.database.write() as connection:
        for table in (LOG_HEAD, LOG_LEAF, LOG_OPENING):
            connection.execute(delete(table))
        values = {"size": 0, "root": EMPTY_ROOT, "published": 0}
        known = {name: value for name, value in values.items() if name in LOG_STATE.c}
        connection.execute(update(LOG_STATE).values(known))
    assert judged(node, kept).faults != []


@pytest.mark.skipif(bool(DATABASE or STORE), reason="it copies the file of the database")
def test_a_database_that_went_back_is_told_by_what_was_published(tmp_path: Path) -> None:
    place = Place(root=tmp_path / "hub")
    node = place.open()
    admitted(node, signed(node, 1))
    node.log.publish()
    with node.database.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    node.close()
    file = tmp_path / "hub" / "hub.sqlite"
    shutil.copy(file, tmp_path / "earlier")
    node = place.open()
    admitted(node, signed(node, 2))
    node.log.publish()
    assert judged(node).faults == []
    node.close()
    for left in (tmp_path / "hub").glob("hub.sqlite-*"):
        left.unlink()
    shutil.copy(tmp_path / "earlier", file)
    node = place.open()
    assert judged(node).faults != []
    node.close()


def test_what_expired_stays_so_when_the_clock_goes_back(node: Node, clock: FakeClock) -> None:
    sent = signed(node, 1, expires="2026-10-01T00:00:00Z")
    admitted(node, sent)
    clock.advance(30 * DAY_S)
    assert sweep(node).expired == 1
    clock.step_wall(-30 * DAY_S)
    sweep(node)
    assert [key for key in objects_of(node) if sent.sha256 in key] == []
    with pytest.raises(HubFault) as found:
        send_blob(node, sent)
    assert found.value.code == FaultCode.WITHDRAWN
    with pytest.raises(HubFault) as found:
        send_sign_off(node, sent)
    assert found.value.code == FaultCode.WITHDRAWN
    with node.database.read() as connection:
        assert read_state(connection, sent.statement_sha256) is None


@pytest.mark.skipif(bool(DATABASE or STORE), reason="it searches the hub's folder")
def test_a_token_is_in_no_row_no_file_and_no_line(
    node: Node, capfd: pytest.CaptureFixture[str]
) -> None:
    sent = signed(node, 1)
    with served(node) as client:
        who = signed_in(client, sent.person)
        assert client.get("/v1/mine", headers=who).status_code == 200
        assert client.get("/v1/metrics/none", headers=who).status_code == 404
        assert client.put("/v1/blobs/none", headers=who).status_code in {404, 411, 422}
    token = who["Authorization"].split(" ")[1]
    told = capfd.readouterr()
    assert token not in told.out + told.err
    assert places_of(node, {token.encode()}) == []
