"""What a hub says no with becomes an error of ours that says what to do."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from signoff_collector.upload.hub.answers import read_answer
from signoff_collector.upload.hub.connection import JSON, PROBLEM, Answer
from signoff_collector.upload.hub.problems import HubRefusedError, error_of, read_problem
from signoff_schemas.errors import NetworkError, ReceiverRefusedError, RefusedError, SignoffError
from signoff_schemas.hub_api import (
    Challenge,
    Mine,
    Parts,
    PublishedTerms,
    SignOffState,
    Token,
    Withdrawn,
)

PLACE = "hub.example.org"
FIELDS = {
    "type": "urn:signoff:problem:quota",
    "title": "No room",
    "status": 403,
    "code": "quota",
    "detail": "this key has 3 bytes left",
    "hint": "Take something back.",
}
STATE = {
    "statement_sha256": "a" * 64,
    "sha256": "b" * 64,
    "state": "admitted",
    "reason": None,
    "receipt": {"content": "{}\n", "signature": "s"},
    "proof": None,
}


def answer(
    status: int, body: bytes = b"", *, kind: str = PROBLEM, retry_after_s: float = 0.0
) -> Answer:
    return Answer(status=status, kind=kind, body=body, retry_after_s=retry_after_s)


def problem(**changes: object) -> bytes:
    return json.dumps({**FIELDS, **changes}).encode()


def test_a_refusal_shows_detail_code_and_hint_as_the_hubs_words() -> None:
    error = error_of(answer(403, problem()), PLACE)
    assert isinstance(error, HubRefusedError)
    assert (error.code, error.status, error.exit_code) == ("quota", 403, 14)
    assert str(error) == f"the hub {PLACE} says no: this key has 3 bytes left (quota)"
    assert error.hint == "The hub says: Take something back."


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 507, 408])
def test_what_may_go_later_keeps_waiting_as_long_as_the_hub_asks(status: int) -> None:
    error = error_of(answer(status, retry_after_s=17.0), PLACE)
    assert isinstance(error, NetworkError)
    assert error.retry_after_s == 17.0
    assert error.hint is not None


@pytest.mark.parametrize("code", ["audience", "terms", "notice", "expired", "purpose"])
def test_what_a_new_sign_off_mends_is_a_refusal_of_ours(code: str) -> None:
    said = problem(code=code, type=f"urn:signoff:problem:{code}", status=422)
    error = error_of(answer(422, said), PLACE)
    assert isinstance(error, RefusedError)
    assert error.hint is not None
    assert "signoff sign" in error.hint


def test_a_missing_blob_is_sent_again() -> None:
    said = problem(code="no_blob", type="urn:signoff:problem:no_blob", status=409)
    assert isinstance(error_of(answer(409, said), PLACE), NetworkError)


def test_a_status_without_words_says_what_it_means_by_itself() -> None:
    error = error_of(answer(410, kind=""), PLACE)
    assert "taken back there" in str(error)
    assert error.exit_code == 14


@pytest.mark.parametrize(
    "body",
    [
        problem(detail="a\nb"),
        problem(detail="\x1b[2J"),
        problem(detail="\U0001f600\U0001f98a"),
        problem(detail="d" * 501),
        problem(hint="h\u202eidden"),
        problem(status=404),
        problem(type="urn:signoff:problem:other"),
        problem(type="https://example.org/quota"),
        problem(more=1),
        problem()[:-1] + b', "code": "quota"}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_words_that_a_terminal_should_not_see_are_not_shown(body: bytes) -> None:
    found = answer(403, body)
    assert read_problem(found) is None
    error = error_of(found, PLACE)
    assert str(error) == f"the hub {PLACE} says no: HTTP 403"
    assert error.hint == "Ask whoever runs the hub."


@given(st.binary(max_size=300), st.integers(100, 599), st.sampled_from((JSON, PROBLEM, "")))
def test_any_answer_is_one_line_of_print(body: bytes, status: int, kind: str) -> None:
    error = error_of(answer(status, body, kind=kind), PLACE)
    assert str(error).isascii()
    assert str(error).isprintable()
    assert isinstance(error, SignoffError)
    assert error.hint is not None


MODELS = (Challenge, Mine, Parts, PublishedTerms, SignOffState, Token, Withdrawn)
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from((*STATE, "nonce", "parts", "token")), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(
    st.sampled_from(MODELS), JSONS.map(lambda v: json.dumps(v).encode()) | st.binary(max_size=99)
)
def test_any_bytes_are_read_whole_or_refused_without_a_word_of_them(
    model: type[BaseModel], body: bytes
) -> None:
    with suppress(ReceiverRefusedError):
        read_answer(answer(200, body, kind=JSON), model, PLACE)  # type: ignore[type-var]


@given(st.sampled_from(sorted(STATE)), JSONS)
def test_a_state_with_one_field_changed_says_the_same_or_is_refused(
    name: str, value: object
) -> None:
    changed = {**STATE, name: value}
    try:
        found = read_answer(
            answer(200, json.dumps(changed).encode(), kind=JSON), SignOffState, PLACE
        )
    except ReceiverRefusedError as error:
        assert str(error).count("another form") == 1  # noqa: PT017 - either is right
    else:
        assert json.loads(found.model_dump_json()) == changed


def test_a_name_given_twice_or_another_media_type_is_no_answer() -> None:
    body = json.dumps(STATE).encode()
    assert read_answer(answer(200, body, kind=JSON), SignOffState, PLACE).sha256 == "b" * 64
    twice = body[:-1] + b', "state": "refused"}'
    for found in (answer(200, twice, kind=JSON), answer(200, body, kind="text/html")):
        with pytest.raises(ReceiverRefusedError, match="another form"):
            read_answer(found, SignOffState, PLACE)


def test_a_token_is_not_printed() -> None:
    token = Token(token="t0ken" * 8, expires_at="2026-01-01T00:00:00Z", scopes=("upload",))
    assert "t0ken" not in repr(token)
