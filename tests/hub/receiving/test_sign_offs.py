"""The first step: each reason to say no has its code, and leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, update
from tests.support.clock import FakeClock
from tests.support.datasets import Person, words
from tests.support.hubs import (
    DAY_S,
    account_of,
    content_of,
    enrol,
    entries_of,
    kept,
    made_node,
    made_place,
    predicate_for,
    send,
    send_blob,
    send_sign_off,
    sign,
    signed,
)

from signoff_collector.consent.sign_off_files import SignOff
from signoff_collector.consent.signatures.sshsig import NAMESPACES, SIGN_OFF
from signoff_collector.consent.terms.audience import Audience
from signoff_collector.consent.terms.notices import current_notice
from signoff_hub.database.tables import ACCOUNT, EPISODE, JOB, KEY, TOMBSTONE
from signoff_hub.database.tables import SIGN_OFF as SIGN_OFF_TABLE
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.sign_offs import receive_sign_off
from signoff_hub.receiving.states import SignOffIs
from signoff_schemas.hub import receiver_of
from signoff_schemas.statement import Purpose, SignedNotice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.hubs import Sent

    from signoff_hub.node.node import Node

ANNA, BEN = Person(number=1), Person(number=2)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Iterator[Node]:
    with made_node(tmp_path / "hub", clock=clock) as made:
        enrol(made, ANNA, BEN)
        yield made


def _refused(node: Node, sent: Sent, code: FaultCode) -> None:
    """Check that a sign-off whose bytes are here is refused with a code, and nothing kept."""
    before = kept(node)
    with pytest.raises(HubFault) as told:
        send_sign_off(node, sent)
    assert told.value.code == code
    assert told.value.hint
    assert kept(node) == before


def test_a_good_one_is_received_with_row_leaf_and_job(node: Node) -> None:
    sent = signed(node, 1)
    state = send(node, sent)
    assert (state.state, state.is_new, state.sha256) == ("received", True, sent.sha256)
    assert [(kind, because) for _, kind, because in entries_of(node, sent.statement_sha256)] == [
        ("received", None)
    ]
    with node.database.read() as connection:
        row = connection.execute(select(SIGN_OFF_TABLE)).one()
        job = connection.execute(select(JOB)).one()
        assert connection.execute(select(EPISODE.c.state)).scalar_one() == "received"
    assert (row.contributor, row.account) == (ANNA.contributor, account_of(ANNA))
    assert (job.kind, job.subject, job.state) == ("admit", sent.statement_sha256, "waiting")


def test_sending_it_again_tells_the_same_and_changes_nothing(node: Node) -> None:
    sent = signed(node, 1)
    first = send(node, sent)
    before = kept(node)
    assert send(node, sent) == replace(first, is_new=False)
    assert kept(node) == before


SIGNED_OTHERWISE: dict[str, tuple[FaultCode, Callable[[Node], dict[str, object]]]] = {
    "for another hub": (
        FaultCode.AUDIENCE,
        lambda _: {"audience": Audience("https://hub.example.org/b")},
    ),
    "under terms that never were": (
        FaultCode.TERMS,
        lambda node: {
            "receiver": receiver_of(node.terms).model_copy(update={"terms_sha256": "0" * 64})
        },
    ),
    "with another controller than the terms say": (
        FaultCode.TERMS,
        lambda node: {
            "receiver": receiver_of(node.terms).model_copy(update={"controller": "Somebody"})
        },
    ),
    "for longer than the terms say": (
        FaultCode.TERMS,
        lambda node: {
            "receiver": receiver_of(node.terms).model_copy(update={"retention_days": 366})
        },
    ),
    "for a purpose that is not offered": (
        FaultCode.PURPOSE,
        lambda _: {"purposes": (Purpose.RESEARCH, Purpose.TEACHING)},
    ),
    "under an edited notice": (
        FaultCode.NOTICE,
        lambda _: {"notice": current_notice().model_copy(update={"text": "all is yours"})},
    ),
    "under an unknown notice": (
        FaultCode.NOTICE,
        lambda _: {"notice": SignedNotice(version="2031-01", language="en", text="hello")},
    ),
    "two days ahead": (
        FaultCode.FUTURE,
        lambda _: {"event_time": "2026-09-23T14:13:21Z", "expires": "2027-09-23T14:13:20Z"},
    ),
    "until now": (
        FaultCode.EXPIRED,
        lambda _: {"event_time": "2026-01-01T00:00:00Z", "expires": "2026-09-21T14:13:20Z"},
    ),
}


@pytest.mark.parametrize("what", SIGNED_OTHERWISE)
def test_what_was_signed_otherwise_is_refused_with_its_code(what: str, node: Node) -> None:
    code, changes = SIGNED_OTHERWISE[what]
    sent = sign(node, ANNA, content_of(1), **changes(node))
    send_blob(node, sent)
    _refused(node, sent, code)


def test_a_statement_of_another_size_than_its_bytes_is_refused(node: Node) -> None:
    good = signed(node, 1)
    send_blob(node, good)
    for size in (0, len(good.content) - 1, len(good.content) + 1):
        episode = predicate_for(node, ANNA, good.content).episode
        stated = episode.model_copy(update={"size_bytes": size})
        _refused(node, sign(node, ANNA, good.content, episode=stated), FaultCode.SUBJECT)


def test_a_sign_off_for_a_store_is_refused_for_want_of_terms(node: Node) -> None:
    sent = sign(
        node, ANNA, content_of(1), audience=Audience("s3://store.example/bucket"), receiver=None
    )
    send_blob(node, sent)
    _refused(node, sent, FaultCode.TERMS)


@pytest.mark.parametrize("namespace", sorted(set(NAMESPACES) - {SIGN_OFF}))
def test_a_signature_for_another_purpose_is_none(namespace: str, node: Node) -> None:
    sent = signed(node, 1)
    other = ANNA.signature(sent.sign_off.statement, namespace)
    send_blob(node, sent)
    forged = replace(sent, sign_off=SignOff(statement=sent.sign_off.statement, signature=other))
    _refused(node, forged, FaultCode.BAD_SIGNATURE)


def test_a_signature_by_another_key_than_the_one_that_signed_in_is_refused(node: Node) -> None:
    sent = signed(node, 1)
    send_blob(node, sent)
    by_ben = BEN.signature(sent.sign_off.statement)
    forged = replace(sent, sign_off=SignOff(statement=sent.sign_off.statement, signature=by_ben))
    _refused(node, forged, FaultCode.UNKNOWN_KEY)
    before = kept(node)
    with pytest.raises(HubFault) as told:  # and somebody else's sign-off sent by oneself
        receive_sign_off(node, account_of(BEN), sent.sign_off.statement, sent.sign_off.signature)
    assert told.value.code == FaultCode.UNKNOWN_KEY
    assert kept(node) == before


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"revoked_at": 1}, FaultCode.REVOKED_KEY),
        ({"valid_to": 1_790_000_000}, FaultCode.REVOKED_KEY),
        ({"valid_from": 1_790_000_001}, FaultCode.FUTURE),
        ({"account": account_of(BEN)}, FaultCode.UNKNOWN_KEY),
    ],
)
def test_a_key_that_is_not_valid_now_signs_nothing(
    values: dict[str, object], code: FaultCode, node: Node
) -> None:
    sent = signed(node, 1)
    send_blob(node, sent)
    with node.database.write() as connection:
        connection.execute(update(KEY).where(KEY.c.account == account_of(ANNA)).values(values))
    _refused(node, sent, code)


def test_a_closed_account_sends_nothing(node: Node) -> None:
    sent = signed(node, 1)
    send_blob(node, sent)
    with node.database.write() as connection:
        connection.execute(update(ACCOUNT).values(state="closed"))
    _refused(node, sent, FaultCode.ACCOUNT_CLOSED)


def test_without_the_bytes_there_is_nothing_to_sign_off(node: Node) -> None:
    _refused(node, signed(node, 1), FaultCode.NO_BLOB)


def test_what_was_withdrawn_does_not_come_back(node: Node) -> None:
    sent = signed(node, 1)
    send_blob(node, sent)
    _bury(node, sent)
    _refused(node, sent, FaultCode.WITHDRAWN)


def _bury(node: Node, sent: Sent) -> None:
    values = {
        "episode": sent.sha256,
        "record": words(("record", sent.person.number, sent.sha256)),
        "handle": "0" * 64,
        "withdrawn_at": node.now(),
        "because": "withdrawn",
        "kept_versions": False,
        "leaf": 0,
        "content": b"",
    }
    with node.database.write() as connection:
        connection.execute(insert(TOMBSTONE).values(values))


def test_an_earlier_sign_off_counts_no_more_once_a_later_one_came(node: Node) -> None:
    first = signed(node, 1)
    send(node, first)
    record = words(("record", 1, first.sha256))
    second = signed(node, 2, person=1, supersedes=record)
    send(node, second)
    assert send_sign_off(node, first).state == SignOffIs.SUPERSEDED
    assert send_sign_off(node, second).state == SignOffIs.RECEIVED


def test_a_sign_off_that_was_replaced_before_it_came_is_refused(node: Node) -> None:
    first = signed(node, 1)
    record = words(("record", 1, first.sha256))
    send(node, signed(node, 2, person=1, supersedes=record))
    send_blob(node, first)
    _refused(node, first, FaultCode.SUPERSEDED)


def test_nobody_replaces_the_sign_off_of_another(node: Node) -> None:
    first = signed(node, 1)
    send(node, first)
    record = words(("record", 1, first.sha256))
    attack = signed(node, 2, supersedes=record)
    send_blob(node, attack)
    _refused(node, attack, FaultCode.SUPERSEDES)
    later = signed(node, 3, person=1)
    send(node, signed(node, 4, person=2, supersedes=words(("record", 1, later.sha256))))
    assert send(node, later).state == SignOffIs.RECEIVED, "a stranger said it replaces it"


def test_a_record_id_is_used_once(node: Node) -> None:
    first = signed(node, 1)
    send(node, first)
    record = words(("record", 1, first.sha256))
    again = signed(node, 2, person=1, record_id=record)
    send_blob(node, again)
    _refused(node, again, FaultCode.RECORD)


def test_earlier_terms_of_this_hub_hold(tmp_path: Path, clock: FakeClock) -> None:
    with made_place(tmp_path / "hub") as place:
        node = place.open(clock=clock)
        sent = signed(node, 1)
        node.close()
        clock.advance(DAY_S)
        (place.root / "hub.toml").write_text('controller = "Another team"\n')
        node = place.open(clock=clock)
        assert receiver_of(node.terms).controller == "Another team"
        assert send(node, sent).state == SignOffIs.RECEIVED
        node.close()
