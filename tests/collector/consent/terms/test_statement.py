"""The statement: strict to read, exact to write."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.consent.terms.notices import current_notice
from signoff_schemas.errors import NotSignedError
from signoff_schemas.statement import (
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


def changed(**changes: object) -> bytes:
    value = json.loads(GOOD)
    for path, new in changes.items():
        *parents, last = path.split("__")
        place = value
        for name in parents:
            place = place[name]
        place[last] = new
    return json.dumps(value).encode()


def test_a_statement_holds_the_whole_notice_and_is_plain_ascii() -> None:
    assert GOOD.isascii()
    assert parse_statement(GOOD).predicate.notice.text == current_notice().text
    assert json.loads(GOOD)["_type"] == "https://in-toto.io/Statement/v1"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[" * 100_000,
        b"\xef\xbb\xbf" + GOOD,
        GOOD + b"{}",
        GOOD.decode().encode("utf-16"),
        GOOD.replace(b'"supersedes": null', b'"supersedes": null, "supersedes": null'),
        GOOD.replace(b'"size_bytes": 10', b'"size_bytes": NaN'),
        GOOD.replace(b'"size_bytes": 10', b'"size_bytes": ' + b"9" * 5000),
        b" " * (2 << 20),
        changed(predicate__size="x"),
        changed(predicate__event_state=None),
        changed(predicate__episode__size_bytes="10"),
        changed(predicate__episode__size_bytes=True),
        changed(predicate__shown_digest="cd" * 32),
        changed(predicate__audience="http://example.org/"),
        changed(predicate__audience="file:///a b"),
        changed(predicate__licence="LicenseRef of Ada\n"),
        changed(predicate__ai_providers=["Ada's own model"]),
        changed(predicate__expires="2026-11-22T08:00:00Z"),
        changed(predicate__event_time="2026-13-22T08:00:00Z"),
        changed(predicate__event_time="\u0662026-11-22T08:00:00Z"),
        changed(predicate__rights__basis="employer"),
        changed(predicate__purposes=[]),
        changed(predicateType="https://example.org/other"),
        changed(subject=[]),
        changed(subject=json.loads(GOOD)["subject"] * 2),
        changed(subject=[{"name": "ada.episode", "digest": {"sha256": SHA}}]),
        changed(predicate__notice__text="\ud800"),
    ],
)
def test_anything_that_is_not_exactly_a_statement_is_void(content: bytes) -> None:
    with pytest.raises(NotSignedError):
        parse_statement(content)


def test_what_is_wrong_is_said_without_repeating_what_was_written() -> None:
    with pytest.raises(NotSignedError) as caught:
        parse_statement(changed(predicate__licence="PLANTED \x1b[31m value"))
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
