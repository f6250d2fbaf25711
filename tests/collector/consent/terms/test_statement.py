"""The statement: strict to read, exact to write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.hub_terms import HUB, signed_terms
from tests.support.mutations import changed, void_statements

from signoff_collector.consent.terms.notices import current_notice
from signoff_schemas.errors import NotSignedError
from signoff_schemas.generate import FOLDER
from signoff_schemas.hub import receiver_of
from signoff_schemas.statement import (
    PREDICATE_TYPE,
    PREDICATE_TYPE_HUB,
    Predicate,
    ProhibitedUse,
    Purpose,
    Requester,
    Review,
    ReviewMode,
    Rights,
    SharedEpisode,
    Withdrawal,
    make_statement,
    parse_statement,
)
from signoff_schemas.words import Owner

SHA = "ab" * 32


def predicate() -> Predicate:
    return Predicate(
        record_id="0" * 32,
        event_time="2026-11-22T08:00:00Z",
        expires="2027-11-22T08:00:00Z",
        shown_digest=SHA,
        episode=SharedEpisode(
            format_version=1, size_bytes=10, steps={"edit": 3}, time_resolution="1s"
        ),
        redaction={"TOKEN": 1},
        review=Review(mode=ReviewMode.TERMINAL, tool_version="0.1", files_seen=1, outputs_seen=0),
        notice=current_notice(),
        purposes=(Purpose.RESEARCH,),
        prohibited_uses=tuple(ProhibitedUse),
        audience="file:///srv/store",
        licence="MIT",
        rights=Rights(
            basis=Owner.MINE,
            holder="contributor",
            repository_licence="NOASSERTION",
            permission_reference=None,
        ),
        requested_by=Requester.NOBODY,
        ai_providers=(),
        contributor="1" * 32,
        repository="2" * 32,
        withdrawal=Withdrawal(handle="3" * 64),
    )


GOOD = make_statement(SHA, predicate())


RECEIVER = receiver_of(signed_terms()[0])
FOR_HUB = make_statement(
    SHA, predicate().model_copy(update={"audience": HUB, "receiver": RECEIVER})
)
GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "statement_1" / "small.signoff.json"
"""Signed by the last release that knew version 1 alone."""


def test_a_statement_holds_the_whole_notice_and_is_plain_ascii() -> None:
    assert GOOD.isascii()
    assert parse_statement(GOOD).predicate.notice.text == current_notice().text
    assert json.loads(GOOD)["_type"] == "https://in-toto.io/Statement/v1"


def test_a_statement_for_a_hub_names_its_receiver_in_version_2() -> None:
    parsed = parse_statement(FOR_HUB)
    assert parsed.predicate_type == PREDICATE_TYPE_HUB
    assert parsed.predicate.receiver == RECEIVER
    assert parsed.predicate.audience == HUB


def test_a_statement_for_a_store_is_written_as_before_there_were_hubs() -> None:
    parsed = parse_statement(GOLDEN.read_bytes())
    assert parsed.predicate_type == PREDICATE_TYPE
    assert parsed.predicate.receiver is None
    assert make_statement(parsed.sha256, parsed.predicate) == GOLDEN.read_bytes()
    assert b'"receiver"' not in GOOD


@pytest.mark.parametrize("content", [GOOD, FOR_HUB, GOLDEN.read_bytes()])
def test_what_was_parsed_is_written_as_it_was(content: bytes) -> None:
    parsed = parse_statement(content)
    assert make_statement(parsed.sha256, parsed.predicate) == content


def test_the_published_schema_tells_the_versions_apart_too() -> None:
    schema = json.loads((FOLDER / "statement.schema.json").read_text("utf-8"))
    assert schema["if"] == {"properties": {"predicateType": {"const": PREDICATE_TYPE_HUB}}}
    assert schema["then"]["properties"]["predicate"] == {"required": ["receiver"]}
    assert schema["else"]["properties"]["predicate"] == {"not": {"required": ["receiver"]}}
    assert "receiver" not in schema["$defs"]["Predicate"]["required"]
    receiver = schema["$defs"]["Predicate"]["properties"]["receiver"]
    assert {name: held for name, held in receiver.items() if name != "default"} == {
        "$ref": "#/$defs/Receiver"
    }


@pytest.mark.parametrize("content", void_statements(GOOD, FOR_HUB))
def test_anything_that_is_not_exactly_a_statement_is_void(content: bytes) -> None:
    with pytest.raises(NotSignedError):
        parse_statement(content)


def test_what_is_wrong_is_said_without_repeating_what_was_written() -> None:
    with pytest.raises(NotSignedError) as caught:
        parse_statement(changed(GOOD, predicate__licence="PLANTED \x1b[31m value"))
    assert "predicate.licence" in str(caught.value)
    assert "PLANTED" not in str(caught.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_statement_or_void(content: bytes) -> None:
    with pytest.raises(NotSignedError):
        parse_statement(content)


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_changed_byte_gives_another_statement_or_none(at: int, flip: int) -> None:
    content = bytearray(GOOD)
    content[at] ^= flip
    try:
        found = parse_statement(bytes(content))
    except NotSignedError:
        return
    assert found != parse_statement(GOOD) or bytes(content).split() == GOOD.split()
