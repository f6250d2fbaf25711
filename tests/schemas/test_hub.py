"""The terms of a hub: strict to read, exact to write."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.hub_terms import HubKey, hub_terms

from signoff_schemas.errors import NotSignedError
from signoff_schemas.hub import make_terms, parse_terms, receiver_of, terms_sha256

GOOD = make_terms(hub_terms())


def changed(**changes: object) -> bytes:
    return json.dumps({**json.loads(GOOD), **changes}).encode()


def test_terms_come_back_as_they_were_written() -> None:
    assert GOOD.isascii()
    assert parse_terms(GOOD) == hub_terms()
    assert make_terms(parse_terms(GOOD)) == GOOD


def test_the_receiver_of_a_statement_is_taken_from_the_exact_bytes() -> None:
    receiver, terms = receiver_of(GOOD), hub_terms()
    assert receiver.terms_sha256 == terms_sha256(GOOD)
    assert terms_sha256(GOOD) != terms_sha256(GOOD + b"\n")
    shared = ("controller", "jurisdiction", "lawful_basis", "retention_days")
    assert {name: getattr(receiver, name) for name in shared} == {
        name: getattr(terms, name) for name in shared
    }


LONGEST = "\U0001f600" * 20_000


def test_the_longest_text_of_the_widest_characters_is_read() -> None:
    assert parse_terms(changed(text=LONGEST)).text == LONGEST


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[" * 100_000,
        b" " * (1 << 20),
        b"\xef\xbb\xbf" + GOOD,
        GOOD + b"{}",
        GOOD.replace(b'"language": "en"', b'"language": "en", "language": "en"'),
        changed(more=1),
        changed(terms_version=2),
        changed(terms_version=True),
        changed(receiver="http://hub.example.org/team"),
        changed(receiver="https://hub.example.org/team/more"),
        changed(receiver="https://HUB.example.org"),
        changed(receiver="https://ada@hub.example.org"),
        changed(receiver="file:///srv/store"),
        changed(receiver="s3://hub.example.org/bucket"),
        changed(controller=" Ada"),
        changed(controller="Ada\n"),
        changed(controller="Ad\u00e4"),
        changed(controller="x" * 201),
        changed(controller=""),
        changed(jurisdiction="de"),
        changed(jurisdiction="DEU"),
        changed(lawful_basis="because"),
        changed(retention_days=0),
        changed(retention_days=36_501),
        changed(retention_days="30"),
        changed(purposes=[]),
        changed(purposes=["advertising"]),
        changed(purposes=["research", "research"]),
        changed(notices=[]),
        changed(limits={"max_episode_bytes": 0}),
        changed(limits={"max_episode_bytes": 1, "more": 2}),
        changed(text=""),
        changed(text="x" * 20_001),
        changed(text="harmless\u202eevil"),
        changed(text="a\u200bb"),
        changed(text="a\x1b[8mb"),
        changed(text="a\rb"),
        changed(text="\U000e0041"),
        changed(text="\ud800"),
        changed(receipt_key=HubKey(seed="another").line),
        changed(receipt_key=HubKey().line + " ada@example.org"),
        changed(receipt_key=HubKey().line.replace("ssh-ed25519", "ssh-rsa")),
        changed(receipt_key="ssh-ed25519 A"),
        changed(receipt_key_fingerprint="SHA256:" + "A" * 43),
        changed(valid_from="2026-13-01T00:00:00Z"),
    ],
)
def test_anything_that_is_not_exactly_terms_is_void(content: bytes) -> None:
    with pytest.raises(NotSignedError):
        parse_terms(content)


def test_what_is_wrong_is_said_without_repeating_what_was_written() -> None:
    with pytest.raises(NotSignedError) as caught:
        parse_terms(changed(controller="PLANTED \x1b[31m value"))
    assert "controller" in str(caught.value)
    assert "PLANTED" not in str(caught.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_terms_or_void(content: bytes) -> None:
    with pytest.raises(NotSignedError):
        parse_terms(content)


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_changed_byte_gives_other_terms_or_none(at: int, flip: int) -> None:
    content = bytearray(GOOD)
    content[at] ^= flip
    assert terms_sha256(bytes(content)) != terms_sha256(GOOD)
    try:
        found = parse_terms(bytes(content))
    except NotSignedError:
        return
    assert found != parse_terms(GOOD) or bytes(content).split() == GOOD.split()
