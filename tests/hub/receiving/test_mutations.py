"""What the client refuses to read, the hub refuses to keep: the client's own mutations."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.datasets import Person
from tests.support.hubs import (
    account_of,
    content_of,
    enrol,
    kept,
    made_node,
    send_blob,
    send_sign_off,
    sign,
    signed,
)
from tests.support.mutations import EPISODE_CHANGES, mutated_signatures, void_statements

from signoff_collector.consent.signatures.sshsig import armour, unarmour
from signoff_collector.consent.terms.audience import Audience
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.sign_offs import receive_sign_off
from signoff_schemas.statement import parse_statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.hubs import Sent

    from signoff_hub.node.node import Node

ANNA = Person(number=1)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with made_node(tmp_path_factory.mktemp("hub") / "hub") as made:
        enrol(made, ANNA)
        send_blob(made, signed(made, 1))
        yield made


def _refused(node: Node, statement: bytes, signature: bytes) -> FaultCode:
    before = kept(node)
    with pytest.raises(HubFault) as told:
        receive_sign_off(node, account_of(ANNA), statement, signature)
    assert kept(node) == before
    return told.value.code


def _sent(node: Node) -> Sent:
    return signed(node, 1)


def test_what_is_not_exactly_a_statement_is_void_whoever_signed_it(node: Node) -> None:
    elsewhere = sign(
        node, ANNA, content_of(1), audience=Audience("file:///srv/store"), receiver=None
    )
    void = void_statements(elsewhere.sign_off.statement, _sent(node).sign_off.statement)
    codes = [_refused(node, content, ANNA.signature(content)) for content in void]
    unlike = [content for content, code in zip(void, codes, strict=True) if code != FaultCode.VOID]
    assert len(codes) - len(unlike) > 40
    for content in unlike:  # a change that this statement has no place for: one for a folder
        assert parse_statement(content).predicate.audience == "file:///srv/store"


def test_a_changed_signature_is_none(node: Node) -> None:
    sign_off = _sent(node).sign_off
    blob = unarmour(sign_off.signature)
    for mutated in mutated_signatures(blob, "hub"):
        if mutated != blob:
            assert _refused(node, sign_off.statement, armour(mutated)) in {
                FaultCode.BAD_SIGNATURE,
                FaultCode.UNKNOWN_KEY,
            }
    for text in (
        b"",
        sign_off.signature + b"\n",
        b" " + sign_off.signature,
        sign_off.signature.replace(b"\n", b"\r\n"),
        sign_off.signature * 2,
        b"x" * (1 << 20),
    ):
        assert _refused(node, sign_off.statement, text) == FaultCode.BAD_SIGNATURE


@given(at=st.integers(0, 1 << 20), flip=st.integers(1, 255))
@settings(max_examples=60)
def test_any_changed_byte_of_a_signed_statement_is_refused(node: Node, at: int, flip: int) -> None:
    sign_off = _sent(node).sign_off
    content = bytearray(sign_off.statement)
    content[at % len(content)] ^= flip
    assert _refused(node, bytes(content), sign_off.signature) in {
        FaultCode.VOID,
        FaultCode.TERMS,
        FaultCode.BAD_SIGNATURE,
    }


@given(statement=st.binary(max_size=300), signature=st.binary(max_size=300))
@settings(max_examples=40)
def test_any_bytes_are_refused(node: Node, statement: bytes, signature: bytes) -> None:
    assert _refused(node, statement, signature) == FaultCode.VOID


@pytest.mark.parametrize("what", EPISODE_CHANGES)
def test_changed_bytes_do_not_pass_under_the_sign_off_of_the_good_ones(
    what: str, node: Node
) -> None:
    good = sign(node, ANNA, content_of(2))
    changed = replace(good, content=EPISODE_CHANGES[what](good.content))
    assert hashlib.sha256(changed.content).hexdigest() != hashlib.sha256(good.content).hexdigest()
    send_blob(node, changed)
    with pytest.raises(HubFault) as told:
        send_sign_off(node, changed)
    assert told.value.code == FaultCode.NO_BLOB
