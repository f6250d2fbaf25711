"""Taking a JSON-RPC message apart without changing the bytes of its params."""

from __future__ import annotations

import contextlib
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_bridge.protocol.messages import MOST_VALUES, error_body, parse_message
from signoff_schemas.errors import DamagedError

pytestmark = pytest.mark.slow

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(
    st.permutations(["jsonrpc", "method", "params", "id"]),
    st.dictionaries(st.text(max_size=8), values, max_size=4),
    st.booleans(),
    st.sampled_from([None, 1, "\t "]),
)
def test_params_keep_their_bytes_in_any_order(
    order: list[str], params: dict[str, object], is_ascii: bool, indent: int | str | None
) -> None:
    members: dict[str, object] = {"jsonrpc": "2.0", "method": "a/b", "params": params, "id": 7}
    text = json.dumps({name: members[name] for name in order}, ensure_ascii=is_ascii, indent=indent)
    body = text.encode("utf-8", "surrogatepass")
    message = parse_message(body)
    assert (message.method, message.id, message.params) == ("a/b", 7, params)
    assert message.params_json in body
    assert json.loads(message.params_json) == params


def test_half_emoji_are_kept_as_written() -> None:
    body = b'{"jsonrpc":"2.0","method":"m","params":{"text":"\\ud83d","more":"\\uDE00"}}'
    message = parse_message(body)
    assert message.params_json == b'{"text":"\\ud83d","more":"\\uDE00"}'
    assert message.params == {"text": "\ud83d", "more": "\ude00"}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"   ", b"null", b"[]", b"{", b"{}", b'{"method":1}', b'{"method":"a",}', b"\xff\xfe",
        b'{"method":"a"} x', b'{"id":true,"method":"a"}', b'{"id":1.5,"method":"a"}', b'{"a" "b"}',
        b'{"method":"a","params":}', b'{"method":"a" "params":1}', b"[" * 100_000,
        b'{"method":"a","params":' + b"[" * 100_000,
        b'{"method":"a","params":' + b"9" * 10_000 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_message_is_damaged(body: bytes) -> None:
    with pytest.raises(DamagedError):
        parse_message(body)


@given(st.binary(max_size=200))
def test_foreign_bytes_raise_nothing_else(body: bytes) -> None:
    with contextlib.suppress(DamagedError):
        parse_message(body)


def test_an_error_answer_is_ascii_json() -> None:
    assert json.loads(error_body("x", -32700, "a fact"))["error"]["message"] == "a fact"


@pytest.mark.parametrize("value", [b"{}", b"[]", b"0", b'"a\\",b"'])
def test_a_large_message_of_small_values_is_refused_before_it_takes_memory(value: bytes) -> None:
    many = b",".join([value] * max(2 * MOST_VALUES, (5 << 20) // len(value)))
    body = b'{"method":"a","params":[%b]}' % many
    tracemalloc.start()
    try:
        with pytest.raises(DamagedError, match="more than"):
            parse_message(body)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_commas_and_brackets_of_a_large_text_are_not_counted() -> None:
    text = 'a, "b", {[\\' * MOST_VALUES
    body = json.dumps({"method": "a", "params": {"text": text}}).encode()
    assert parse_message(body).params == {"text": text}
