"""The feed: signed pages in the log's order, which a data set follows and a mirror can hand on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert
from tests.support.clock import FakeClock
from tests.support.hubs import DAY_S, made_node, signed
from tests.support.hubs_ended import admitted, by_key, by_secret, run_jobs

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import LOG, NOTICE
from signoff_datasets.refreshing.feeds import read_feed
from signoff_hub.database.tables import DATASET_VERSION
from signoff_hub.node.node import Node
from signoff_hub.withdrawing.feed import feed
from signoff_hub.withdrawing.sweeping import sweep
from signoff_hub.withdrawing.withdrawals import withdraw
from signoff_schemas.errors import DamagedError, NotSignedError
from signoff_schemas.hub_feed import FeedPage, encode_signed_page, parse_page, parse_signed_page


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Iterator[Node]:
    with made_node(tmp_path / "hub", clock=clock) as made:
        yield made


def page(node: Node, after: int = 0) -> FeedPage:
    return parse_page(feed(node, after).content.encode())


def test_it_tells_withdrawals_before_their_bytes_are_gone_and_after(node: Node) -> None:
    sent = signed(node, 1)
    admitted(node, sent)
    content = by_key(sent)
    withdraw(node, content)
    (one,) = page(node).episodes
    assert (one.sha256, one.because, one.tombstone) == (sent.sha256, "withdrawn", content.decode())
    run_jobs(node)
    assert page(node).episodes == (one,)


def test_a_page_is_signed_for_this_purpose_alone(node: Node) -> None:
    made = feed(node, 0)
    content, signature = made.content.encode(), made.signature.encode()
    assert verify_signature(content, signature, NOTICE).public_key == node.key.public_key
    with pytest.raises(NotSignedError):
        verify_signature(content, signature, LOG)
    with pytest.raises(NotSignedError):
        verify_signature(content + b" ", signature, NOTICE)


def test_who_asks_for_what_comes_next_misses_nothing_and_hears_nothing_twice(
    node: Node, clock: FakeClock
) -> None:
    told: list[str] = []
    ended: list[str] = []
    after = 0
    for number in range(6):
        sent = signed(node, number, expires="2026-10-01T00:00:00Z")
        admitted(node, sent)
        if number % 2:
            withdraw(node, by_secret(sent))
            ended.append(sent.sha256)
        found = page(node, after)
        assert found.is_last
        told += [one.sha256 for one in found.episodes]
        after = found.next
    clock.advance(30 * DAY_S)
    sweep(node)
    found = page(node, after)
    assert [one.because for one in found.episodes] == ["expired"] * 3
    assert told == ended
    assert page(node, found.next).episodes == ()
    assert page(node, found.next).next == found.next


def test_pages_are_cut_between_leaves(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signoff_hub.withdrawing.feed.MAX_ENTRIES", 2)
    for number in range(5):
        sent = signed(node, number)
        admitted(node, sent)
        withdraw(node, by_key(sent))
        with node.database.write() as connection:
            connection.execute(
                insert(DATASET_VERSION).values(
                    name="set",
                    version=number + 1,
                    plan="0" * 64,
                    purpose="research",
                    state="replaced",
                    made_at=0,
                    replaced_at=node.now(),
                    replaced_leaf=100 + number,
                )
            )
    whole, after = [], 0
    for _ in range(10):
        found = page(node, after)
        whole += [one.leaf for one in (*found.episodes, *found.datasets)]
        after = found.next
        if found.is_last:
            break
    assert len(whole) == 10
    assert sorted(whole) == whole


def test_it_names_nobody(node: Node) -> None:
    sent = signed(node, 1)
    admitted(node, sent)
    withdraw(node, by_secret(sent))
    predicate = json.loads(sent.sign_off.statement)["predicate"]
    content = feed(node, 0).content
    assert predicate["contributor"] not in content
    assert predicate["repository"] not in content
    assert "T" not in content.split('"on"')[1][:14]


def test_saved_pages_give_the_tombstones_and_a_gap_is_found(node: Node, tmp_path: Path) -> None:
    paths: list[Path] = []
    after = 0
    for number in range(3):
        sent = signed(node, number)
        admitted(node, sent)
        withdraw(node, by_key(sent))
        made = feed(node, after)
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_bytes(encode_signed_page(made))
        after = parse_page(made.content.encode()).next
    assert len(read_feed(paths)) == 3
    with pytest.raises(DamagedError, match="missing"):
        read_feed([paths[0], paths[2]])
    paths[1].write_bytes(paths[1].read_bytes().replace(b"2026", b"2025", 1))
    with pytest.raises(NotSignedError):
        read_feed(paths)


def test_pages_of_two_hubs_are_not_mixed(node: Node, tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    first.write_bytes(encode_signed_page(feed(node, 0)))
    with made_node(tmp_path / "other") as other:
        second.write_bytes(encode_signed_page(feed(other, 0)))
    with pytest.raises(NotSignedError, match="another key"):
        read_feed([first, second])


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_foreign_bytes_are_no_page(content: bytes) -> None:
    with pytest.raises(DamagedError):
        parse_page(content)
    with pytest.raises(DamagedError):
        parse_signed_page(content)
