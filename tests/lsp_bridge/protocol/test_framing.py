"""The parser of LSP frames: whole messages out of any pieces, and back to sense after nonsense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_bridge.protocol.framing import (
    MAX_HEADER_BYTES,
    MAX_SKIPPED_BYTES,
    FrameParser,
    Malformed,
    frame,
)

bodies = st.lists(st.binary(min_size=0, max_size=200), max_size=8)


def fed(parser: FrameParser, data: bytes, sizes: list[int]) -> list[bytes | Malformed]:
    found: list[bytes | Malformed] = []
    at = 0
    for size in sizes:
        found += parser.feed(data[at : at + size])
        at += size
    return found + parser.feed(data[at:])


@given(bodies, st.lists(st.integers(0, 40), max_size=60))
def test_any_cutting_of_the_stream_gives_the_same_messages(
    sent: list[bytes], sizes: list[int]
) -> None:
    stream = b"".join(frame(body) for body in sent)
    assert fed(FrameParser(), stream, sizes) == sent


@given(st.binary(max_size=600), st.lists(st.integers(0, 40), max_size=30))
def test_foreign_bytes_never_raise(data: bytes, sizes: list[int]) -> None:
    fed(FrameParser(max_body_bytes=1000), data, sizes)


FAULTY = [
    b"Content-Length: x\r\n\r\n",
    b"Nonsense\r\n\r\n",
    b"Content-Length\r\n\r\n",
    b"Content-Length: -5\r\n\r\n",
    b"\r\n\r\n",
    b"{}\r\n\r\n",
    b"Content-Length: 99999999999999\r\n\r\n",
    b"Content-Length: 999999999999\r\n\r\n",
    b"Content-Length: %d\r\n\r\n" % (MAX_SKIPPED_BYTES + 1),
    b'Content-Length: 3\r\n\r\n{"a":1}',
]


@pytest.mark.parametrize("faulty", FAULTY)
def test_a_message_after_a_faulty_header_is_found(faulty: bytes) -> None:
    found = FrameParser().feed(faulty + frame(b"{}") + frame(b"[1]"))
    assert any(isinstance(item, Malformed) for item in found)
    assert found[-2:] == [b"{}", b"[1]"]


def test_a_header_that_does_not_end_is_given_up() -> None:
    parser = FrameParser()
    found = parser.feed(b"x" * (MAX_HEADER_BYTES + 10))
    assert isinstance(found[0], Malformed)
    assert parser.feed(b"y" * 100_000) == []
    assert parser.feed(frame(b"{}")) == [b"{}"]


def test_an_oversized_message_is_skipped_and_costs_no_memory() -> None:
    parser = FrameParser(max_body_bytes=10)
    found = parser.feed(b"Content-Length: 1000000\r\n\r\n")
    assert isinstance(found[0], Malformed)
    for _ in range(100):
        assert parser.feed(b"z" * 10_000) == []
        assert len(parser._buffer) == 0
    assert parser.feed(frame(b"{}")) == [b"{}"]


def test_other_headers_and_letter_case_are_accepted() -> None:
    data = b"content-type: application/vscode-jsonrpc\r\nCONTENT-LENGTH:  2 \r\n\r\n{}"
    assert FrameParser().feed(data) == [b"{}"]
