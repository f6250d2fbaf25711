"""The second step: what is read to its end is admitted with a receipt; else a code remains."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update
from tests.support.clock import FakeClock
from tests.support.datasets import Person, shared_episode, words
from tests.support.hubs import (
    DAY_S,
    content_of,
    entries_of,
    faults_of,
    made_node,
    masked,
    objects_of,
    predicate_for,
    send,
    send_sign_off,
    sign,
    signed,
)
from tests.support.mutations import EPISODE_CHANGES

from signoff_collector.consent.receipts import parse_receipt
from signoff_collector.episode.file import layout
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.upload.stores.layout import blob_key
from signoff_hub.admitting.admission import Admission, admit
from signoff_hub.admitting.receipts import receipt_key
from signoff_hub.database.tables import BLOB, EPISODE, SIGN_OFF
from signoff_hub.jobs.runner import Runner
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.states import SignOffIs
from signoff_schemas.errors import DamagedError
from signoff_schemas.hub import HubTerms, parse_terms
from signoff_schemas.statement import parse_statement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.hubs import Sent

    from signoff_hub.admitting.readers import Readers
    from signoff_hub.node.node import Node
    from signoff_hub.receiving.states import State

ANNA = Person(number=1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Iterator[Node]:
    with made_node(tmp_path / "hub", clock=clock) as made:
        yield made


@pytest.fixture
def runner(node: Node, readers: Readers) -> Runner:
    return Runner(node=node, kinds={"admit": Admission(readers=readers)})


def _decided(node: Node, runner: Runner, sent: Sent) -> State:
    send(node, sent)
    runner.run_due()
    assert faults_of(node) == []
    return send_sign_off(node, sent)


def test_what_holds_is_admitted_with_facts_leaf_and_receipt(node: Node, runner: Runner) -> None:
    sent = signed(node, 1)
    state = _decided(node, runner, sent)
    assert state.state == SignOffIs.ADMITTED
    assert entries_of(node, sent.statement_sha256) == [
        (0, "received", None),
        (1, "admitted", None),
    ]
    with node.database.read() as connection:
        episode = connection.execute(select(EPISODE)).one()
        assert connection.execute(select(BLOB.c.account)).scalar_one() is None, "no quota any more"
    assert (episode.state, episode.format_version, episode.admitted_at) == (
        "admitted",
        1,
        node.now(),
    )
    assert episode.facts["languages"] == ["python"]
    assert episode.facts["steps"]["edit"] == 7


def test_the_receipt_is_the_hubs_word_and_the_same_whenever_it_is_made(
    node: Node, runner: Runner, readers: Readers, clock: FakeClock
) -> None:
    sent = signed(node, 1)
    state = _decided(node, runner, sent)
    key = receipt_key(sent.sha256, sent.statement_sha256)
    before = objects_of(node)
    receipt = parse_receipt(
        sent.sha256, f"{sent.statement_sha256}.json", before[key], before[f"{key}.sig"]
    )
    assert receipt is not None
    terms: HubTerms = parse_terms(node.terms)
    assert receipt.fingerprint == terms.receipt_key_fingerprint
    assert receipt.body.receipt_version == 2
    assert (receipt.body.log_index, receipt.body.receiver) == (state.leaf, node.address)
    node.objects.remove(key)
    node.objects.remove(f"{key}.sig")
    clock.advance(DAY_S)
    admit(node, sent.statement_sha256, readers)
    assert objects_of(node) == before


REFUSED = {
    "damaged": FaultCode.DAMAGED,
    "recorded": FaultCode.NOT_REVIEWED,
    "imported": FaultCode.IMPORTED,
    "unmasked": FaultCode.UNMASKED,
    "another replay": FaultCode.REPLAY,
    "no episode": FaultCode.DAMAGED,
    "of a later version": FaultCode.NEWER_VERSION,
}


def _bad(what: str) -> bytes:
    sample = shared_episode(7)
    good = write_episode(masked(sample))
    match what:
        case "damaged":
            return good[:-1] + bytes([good[-1] ^ 1])
        case "recorded":
            return write_episode(masked(sample, origin="recorded"))
        case "imported":
            return write_episode(masked(sample, origin="imported"))
        case "unmasked":
            return write_episode(masked(sample, versions={}))
        case "another replay":
            steps = tuple(
                step.model_copy(update={"text_sha256": "0" * 64}) if step.kind == "save" else step
                for step in sample.steps
            )
            return write_episode(masked(replace(sample, steps=steps)))
        case "of a later version":
            at = layout.HEAD_BYTES - 2
            return good[:at] + bytes([good[at] + 1]) + good[at + 1 :]
        case _:
            return "no episode \U0001f333\U00010348".encode()


@pytest.mark.parametrize("what", REFUSED)
def test_what_does_not_hold_leaves_a_code_and_nothing_else(
    what: str, node: Node, runner: Runner
) -> None:
    content = _bad(what)
    sent = sign(node, ANNA, content)
    state = _decided(node, runner, sent)
    assert (state.state, state.reason) == (SignOffIs.REFUSED, REFUSED[what])
    assert objects_of(node) == {}
    with node.database.read() as connection:
        row = connection.execute(select(SIGN_OFF)).one()
        assert connection.execute(select(BLOB)).all() == []
        assert connection.execute(select(EPISODE.c.state, EPISODE.c.facts)).one() == (
            "refused",
            None,
        )
    assert (set(row.contributor), row.licence, row.purposes) == ({"0"}, "", [])
    assert entries_of(node, sent.statement_sha256)[-1][1:] == ("refused", REFUSED[what])


@pytest.mark.parametrize("what", sorted(set(EPISODE_CHANGES) - {"another episode"}))
def test_changed_bytes_are_refused_though_they_are_signed(
    what: str, node: Node, runner: Runner
) -> None:
    """What only compresses otherwise is the same content, and may pass (decision 0029)."""
    changed = EPISODE_CHANGES[what](content_of(1))
    try:
        strict_check(changed)
    except DamagedError:
        wanted = (SignOffIs.REFUSED, FaultCode.DAMAGED)
    else:
        wanted = (SignOffIs.ADMITTED, None)
        assert what == "the same content in other bytes"
    state = _decided(node, runner, sign(node, ANNA, changed))
    assert (state.state, state.reason) == wanted


@pytest.mark.parametrize(
    "changes",
    [
        {"format_version": 2},
        {"steps": {"note": 1}},
        {"time_resolution": "1s"},
    ],
)
def test_a_statement_that_tells_what_the_episode_is_not_is_refused(
    changes: dict[str, object], node: Node, runner: Runner
) -> None:
    stated = predicate_for(node, ANNA, content_of(1)).episode.model_copy(update=changes)
    state = _decided(node, runner, sign(node, ANNA, content_of(1), episode=stated))
    assert (state.state, state.reason) == (SignOffIs.REFUSED, FaultCode.CONTENT)


def test_a_statement_of_masks_that_are_not_there_is_refused(node: Node, runner: Runner) -> None:
    state = _decided(node, runner, sign(node, ANNA, content_of(1), redaction={"TOKEN": 1}))
    assert (state.state, state.reason) == (SignOffIs.REFUSED, FaultCode.CONTENT)


def test_bytes_that_another_sign_off_needs_stay(node: Node, runner: Runner) -> None:
    good = signed(node, 1)
    bad = sign(node, ANNA, content_of(1), redaction={"TOKEN": 1}, record_id=words("another"))
    send(node, good)
    assert _decided(node, runner, bad).state == SignOffIs.REFUSED
    assert send_sign_off(node, good).state == SignOffIs.ADMITTED
    assert faults_of(node) == []


def test_refused_bytes_may_come_again_with_a_better_sign_off(node: Node, runner: Runner) -> None:
    bad = sign(node, ANNA, content_of(1), redaction={"TOKEN": 1}, record_id=words("another"))
    assert _decided(node, runner, bad).state == SignOffIs.REFUSED
    with pytest.raises(HubFault) as told:
        send_sign_off(node, signed(node, 1))
    assert told.value.code == FaultCode.NO_BLOB
    assert _decided(node, runner, signed(node, 1)).state == SignOffIs.ADMITTED
    assert send_sign_off(node, bad).reason == FaultCode.CONTENT, "what was decided stays so"


def test_a_sign_off_that_ran_out_while_it_waited_is_refused(
    node: Node, runner: Runner, clock: FakeClock
) -> None:
    sent = signed(node, 1)
    send(node, sent)
    clock.advance(366 * DAY_S)
    runner.run_due()
    state = send_sign_off(node, sent)
    assert (state.state, state.reason) == (SignOffIs.REFUSED, FaultCode.EXPIRED)
    assert objects_of(node) == {}


def test_what_the_store_changed_meanwhile_is_refused(node: Node, runner: Runner) -> None:
    sent = signed(node, 1)
    send(node, sent)
    key = f"blobs/{sent.sha256[:2]}/{sent.sha256}"
    node.objects.remove(key)
    node.objects.create(key, content_of(2))
    runner.run_due()
    assert send_sign_off(node, sent).reason == FaultCode.DIGEST_MISMATCH


def test_what_was_replaced_before_it_was_read_is_not_admitted(node: Node, runner: Runner) -> None:
    first = signed(node, 1)
    send(node, first)
    second = signed(node, 2, person=1, supersedes=words(("record", 1, first.sha256)))
    assert _decided(node, runner, second).state == SignOffIs.ADMITTED
    assert send_sign_off(node, first).state == SignOffIs.SUPERSEDED
    assert entries_of(node, first.statement_sha256) == [(0, "received", None)]


def test_a_withdrawal_between_admission_and_receipt_leaves_no_receipt(
    node: Node, readers: Readers
) -> None:
    sent = signed(node, 1)
    send(node, sent)

    def withdraw(point: str) -> None:
        if point == "admission committed":
            with node.database.write() as connection:
                connection.execute(update(SIGN_OFF).values(state=SignOffIs.WITHDRAWN))

    admit(replace(node, probe=withdraw), sent.statement_sha256, readers)
    assert not [key for key in objects_of(node) if key.startswith("receipts/")]


def test_bytes_with_a_receipt_stay_when_the_sign_off_that_replaces_it_is_refused(
    node: Node, runner: Runner, clock: FakeClock
) -> None:
    first = signed(node, 1)
    assert _decided(node, runner, first).state == SignOffIs.ADMITTED
    record = parse_statement(first.sign_off.statement).predicate.record_id
    later = {"record_id": "7" * 32, "supersedes": record, "expires": "2026-09-22T00:00:00Z"}
    second = sign(node, ANNA, content_of(1), **later)
    send(node, second)
    clock.advance(DAY_S)
    runner.run_due()
    assert send_sign_off(node, second).state == SignOffIs.REFUSED
    assert send_sign_off(node, first).state == SignOffIs.SUPERSEDED
    held = objects_of(node)
    assert receipt_key(first.sha256, first.statement_sha256) in held
    assert held[blob_key(first.sha256)] == first.content
