"""What is published is the tree, also after a publisher died anywhere; proofs are read from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from tests.support.hub_log import ADDRESS, LogPlace, MemoryObjects, entry_of, opened_log
from typing_extensions import override

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import LOG
from signoff_hub.database.tables import LOG_LEAF, LOG_STATE
from signoff_hub.log.layout import tiles_of
from signoff_hub.log.log import Log
from signoff_hub.place.faults import HubFault
from signoff_schemas.errors import DamagedError, NetworkError
from signoff_schemas.hub_log import (
    decode_path,
    parse_consistency_proof,
    parse_entry,
    parse_head,
    parse_inclusion_proof,
)
from signoff_schemas.merkle import leaf_hash, proves_consistency, proves_inclusion, root_of

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class DyingObjects(MemoryObjects):
    """Go away after so many writes, before or after the one that fails was done."""

    writes_left: int = 1 << 60
    is_done: bool = False
    written: list[str] = field(default_factory=list)

    @override
    def create(self, key: str, content: bytes) -> bool:
        if self.writes_left == 0:
            if self.is_done:
                super().create(key, content)
            raise NetworkError("away")
        self.writes_left -= 1
        self.written.append(key)
        return super().create(key, content)


def leaves_in(place: LogPlace) -> list[bytes]:
    with place.database.read() as connection:
        rows = connection.execute(select(LOG_LEAF.c.hash).order_by(LOG_LEAF.c.n)).all()
    return [leaf_hash(bytes(row.hash)) for row in rows]


def assert_proven(place: LogPlace, n: int, size: int | None = None) -> None:
    leaves = leaves_in(place)
    text = place.log.proof_of(n, size)
    proof = parse_inclusion_proof(text.encode())
    assert proof.entry is not None
    assert parse_entry(proof.entry.encode()) == entry_of(n)
    assert proof.leaf_hash() == leaves[n]
    head = parse_head(proof.head.encode())
    verify_signature(proof.head.encode(), proof.signature.encode(), LOG)
    root = bytes.fromhex(head.root)
    assert root == root_of(leaves[: head.size])
    assert proves_inclusion(leaves[n], n, head.size, decode_path(proof.path), root)


def test_tiles_of_the_newest_head_are_all_there(tmp_path: Path) -> None:
    objects = MemoryObjects()
    place = opened_log(tmp_path, objects)
    for count in (1, 254, 1, 3, 500):
        place.append(count, len(leaves_in(place)))
        signed = place.log.publish()
        assert {tile.key for tile in tiles_of(signed.head.size)} <= set(objects.held)
        assert objects.held[f"log/heads/{signed.head.size}.json"] == signed.content
    leaves = leaves_in(place)
    assert objects.held["log/tile/0/001"] == b"".join(leaves[256:512])
    assert objects.held["log/tile/1/000.p/2"] == root_of(leaves[:256]) + root_of(leaves[256:512])
    partials = [key for key in objects.held if key.startswith("log/tile/0/") and ".p/" in key]
    assert partials == ["log/tile/0/002.p/247"], "narrower forms of full tiles are gone"
    place.database.close()


@settings(max_examples=12, deadline=None)
@given(
    cuts=st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=6),
    counts=st.lists(st.integers(1, 300), min_size=1, max_size=4),
)
def test_a_publisher_that_dies_anywhere_is_followed_by_one_that_ends_it(
    cuts: list[tuple[int, bool]], counts: list[int]
) -> None:
    with TemporaryDirectory() as folder:
        objects = DyingObjects()
        place = opened_log(Path(folder), objects)
        first = 0
        for count in counts:
            place.append(count, first)
            first += count
            for writes, is_done in cuts:
                objects.writes_left, objects.is_done = writes, is_done
                try:
                    place.log.publish()
                except NetworkError:
                    continue
            heads = [key for key in objects.held if key.endswith(".json")]
            for key in heads:  # a head that is there has its signature and all its tiles
                size = int(key.split("/")[-1].removesuffix(".json"))
                assert f"{key}.sig" in objects.held
                for tile in tiles_of(size):
                    wider = {tile.key, tile.partials.removesuffix(".p")}
                    assert wider & set(objects.held)
        objects.writes_left = 1 << 60
        size = place.log.publish().head.size
        one_go = opened_copy(place)
        assert {tile.key: objects.held[tile.key] for tile in tiles_of(size)} == {
            tile.key: one_go[tile.key] for tile in tiles_of(size)
        }
        place.database.close()


def opened_copy(place: LogPlace) -> dict[str, bytes]:
    """Return what a store that was empty gets of the same rows."""
    objects = MemoryObjects()
    with place.database.write() as connection:
        connection.execute(update(LOG_STATE).values(published=0))
    Log(place.database, objects, place.key, place.clock, ADDRESS).publish()
    return objects.held


@settings(max_examples=12, deadline=None)
@given(
    steps=st.lists(st.tuples(st.integers(1, 400), st.booleans()), min_size=1, max_size=4),
    data=st.data(),
)
def test_proofs_hold_from_tiles_and_from_rows(
    steps: list[tuple[int, bool]], data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder:
        place = opened_log(Path(folder))
        total = 0
        for count, is_published in steps:
            place.append(count, total)
            total += count
            if is_published:
                place.log.publish()
        place.log.sign_head()
        leaves = leaves_in(place)
        for _ in range(5):
            assert_proven(place, data.draw(st.integers(0, total - 1)))
            first = data.draw(st.integers(1, total))
            second = data.draw(st.integers(first, total))
            grown = parse_consistency_proof(place.log.consistency(first, second).encode())
            roots = root_of(leaves[:first]), root_of(leaves[:second])
            path = decode_path(grown.path)
            assert proves_consistency(first, roots[0], second, roots[1], path)
        place.database.close()


def test_a_proof_can_be_given_without_what_the_leaf_says(tmp_path: Path) -> None:
    place = opened_log(tmp_path)
    place.append(5)
    proof = parse_inclusion_proof(place.log.proof_of(3, is_open=False).encode())
    assert (proof.salt, proof.entry) == (None, None)
    assert proof.leaf_hash() == leaves_in(place)[3]
    with place.database.write() as connection:
        place.log.erase(connection, 3)
    assert place.log.proof_of(3, is_open=False).encode()
    with pytest.raises(HubFault, match="erased"):
        place.log.proof_of(3)
    place.database.close()


@pytest.mark.parametrize(
    "ask",
    [
        lambda log: log.proof_of(5),
        lambda log: log.proof_of(-1),
        lambda log: log.proof_of(0, 4),
        lambda log: log.proof_of(5, 99),
        lambda log: log.consistency(0, 3),
        lambda log: log.consistency(4, 3),
        lambda log: log.consistency(1, 6),
        lambda log: log.published("tile/0/001"),
        lambda log: log.published("../hub.toml"),
        lambda log: log.published("heads/7.json"),
    ],
)
def test_what_the_log_does_not_have_is_not_found(
    tmp_path: Path, ask: Callable[[object], str]
) -> None:
    place = opened_log(tmp_path)
    place.append(5)
    place.log.publish()
    with pytest.raises(HubFault) as caught:
        ask(place.log)
    assert caught.value.code == "not_found"
    assert place.log.published("heads/5.json") == place.log.newest_head().content
    place.database.close()


def test_a_changed_row_or_object_is_not_published(tmp_path: Path) -> None:
    objects = MemoryObjects()
    place = opened_log(tmp_path, objects)
    place.append(300)
    place.log.sign_head()
    before = leaves_in(place)
    with place.database.write() as connection:
        connection.execute(update(LOG_LEAF).where(LOG_LEAF.c.n == 7).values(hash=b"\0" * 32))
    assert leaves_in(place) != before
    with pytest.raises(DamagedError, match="not what was signed"):
        place.log.publish()
    assert not objects.held
    place.database.close()


def test_an_object_that_is_there_with_other_bytes_stops_the_publisher(tmp_path: Path) -> None:
    objects = MemoryObjects()
    objects.create("log/tile/0/000.p/5", b"\0" * 160)
    place = opened_log(tmp_path, objects)
    place.append(5)
    with pytest.raises(DamagedError, match=r"log/tile/0/000\.p/5"):
        place.log.publish()
    assert "log/heads/5.json" not in objects.held
    place.database.close()


def test_two_nodes_publish_one_log(tmp_path: Path) -> None:
    objects = MemoryObjects()
    one, two = opened_log(tmp_path, objects), opened_log(tmp_path, objects)
    for turn in range(6):
        place = (one, two)[turn % 2]
        place.append(100, 100 * turn)
        place.log.publish()
        assert_proven(one, 100 * turn)
        assert_proven(two, 0)
    for place in (one, two):
        place.database.close()
