"""A store is taken over: a lost database comes back as far as docs/hub/adopting.md promises."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from tests.support.hubs import DATABASE, STORE, Place, bad_content, objects_of, sign, signed
from tests.support.hubs_ended import admitted, by_key
from tests.support.hubs_verified import admit_all, clock, found

from signoff_hub.adopting.adopting import adopt
from signoff_hub.database.tables import LOG_HEAD, SIGN_OFF
from signoff_hub.withdrawing.sweeping import sweep
from signoff_hub.withdrawing.withdrawals import withdraw

if TYPE_CHECKING:
    from signoff_hub.node.node import Node

pytestmark = pytest.mark.skipif(
    bool(DATABASE or STORE), reason="the database that is lost is a file in the hub's folder"
)


def lose_database(node: Node) -> None:
    node.close()
    for path in node.folder.root.glob("hub.sqlite*"):
        path.unlink()


def states(node: Node) -> dict[str, str]:
    with node.database.read() as connection:
        rows = connection.execute(select(SIGN_OFF.c.statement, SIGN_OFF.c.state))
        return {row.statement: row.state for row in rows}


def test_a_lost_database_comes_back_with_its_receipts(tmp_path: Path) -> None:
    place = Place(root=tmp_path / "hub")
    node = place.open(clock=clock())
    kept, gone, late = signed(node, 1), signed(node, 2), signed(node, 3)
    admitted(node, kept)
    admitted(node, gone)
    withdraw(node, by_key(gone))
    sweep(node)
    head = node.log.publish()
    admitted(node, late)
    receipts = {key: one for key, one in objects_of(node).items() if key.startswith("receipts")}
    lose_database(node)
    node = place.open(clock=clock())
    done = adopt(node)
    assert (done.adopted, done.receipts_kept, done.known, done.tombstones) == (2, 1, 0, 1)
    assert done.leaves == head.head.size
    assert dict(done.left_out) == {}
    again = adopt(node)
    assert (again.leaves, again.adopted, again.known, again.tombstones) == (0, 0, 2, 0)
    admit_all(node)
    sweep(node)
    assert states(node) == {kept.statement_sha256: "admitted", late.statement_sha256: "admitted"}
    after = objects_of(node)
    mine = [key for key in receipts if kept.statement_sha256 in key]
    assert [after[key] for key in mine] == [receipts[key] for key in mine], "the same bytes"
    node.log.publish()
    with node.database.read() as connection:
        first = connection.execute(
            select(LOG_HEAD.c.content).where(LOG_HEAD.c.size == head.head.size)
        ).scalar_one()
    assert bytes(first) == head.content
    assert [f"{one.where}: {one.what}" for one in found(node)] == []
    node.close()


def test_what_cannot_be_taken_is_counted_and_stays(tmp_path: Path) -> None:
    place = Place(root=tmp_path / "hub")
    node = place.open(clock=clock())
    good, bad = signed(node, 1), signed(node, 2)
    admitted(node, good)
    admitted(node, bad)
    node.log.publish()
    blob = node.folder.objects / "blobs" / bad.sha256[:2] / bad.sha256
    blob.write_bytes(bytes([bad.content[0] ^ 1]) + bad.content[1:])
    lose_database(node)
    node = place.open(clock=clock())
    done = adopt(node)
    assert done.adopted == 1
    assert dict(done.left_out) == {"digest_mismatch": 1}
    assert blob.is_file()
    node.close()


def test_what_was_signed_for_a_bucket_needs_the_operators_word(tmp_path: Path) -> None:
    place = Place(root=tmp_path / "hub")
    node = place.open(clock=clock())
    bucket = "s3://store.example/bucket"
    for one in (
        signed(node, 1, audience=bucket, receiver=None),
        sign(node, signed(node, 2).person, bad_content(2), audience=bucket, receiver=None),
    ):
        folder = f"signoffs/{one.sha256[:2]}/{one.sha256}/{one.statement_sha256}.json"
        node.objects.create(f"blobs/{one.sha256[:2]}/{one.sha256}", one.content)
        node.objects.create(f"{folder}.sig", one.sign_off.signature)
        node.objects.create(folder, one.sign_off.statement)
    done = adopt(node)
    assert (done.adopted, dict(done.left_out)) == (0, {"audience": 2})
    done = adopt(node, audiences=[bucket])
    assert (done.adopted, dict(done.left_out)) == (2, {})
    admit_all(node)
    assert sorted(states(node).values()) == ["admitted", "refused"]
    assert [f"{one.where}: {one.what}" for one in found(node)] == []
    node.close()


def test_a_damaged_log_is_not_taken_over(tmp_path: Path) -> None:
    from signoff_schemas.errors import DamagedError

    place = Place(root=tmp_path / "hub")
    node = place.open(clock=clock())
    admitted(node, signed(node, 1))
    node.log.publish()
    lose_database(node)
    shutil.rmtree(node.folder.objects / "log" / "tile")
    node = place.open(clock=clock())
    with pytest.raises(DamagedError):
        adopt(node)
    assert states(node) == {}
    node.close()
