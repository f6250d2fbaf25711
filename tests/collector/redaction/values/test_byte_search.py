"""The search of bytes finds the same as the plain way to say it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.redaction.values.byte_search import _ESCAPED as ESCAPED
from signoff_collector.redaction.values.byte_search import GRAM_BYTES, Windows, escaped_runs

DENSE = st.lists(
    st.sampled_from(
        [b"\\u", b"\\", b'\\"', b"%4", b"%41", b"a", b"b" * 90, b" ", b'"', b"\xc3\xa9"]
    )
).map(b"".join)


@given(DENSE)
def test_runs_with_an_escape_are_those_of_the_expression(content: bytes) -> None:
    expected = [(match.start(), match[0]) for match in ESCAPED.finditer(content)]
    assert list(escaped_runs(content)) == expected


@given(DENSE, st.lists(st.binary(min_size=GRAM_BYTES, max_size=GRAM_BYTES), max_size=3))
def test_no_window_is_missed(content: bytes, others: list[bytes]) -> None:
    known = [*others, content[3 : 3 + GRAM_BYTES]]
    known = [one for one in known if len(one) == GRAM_BYTES]
    places = set(Windows(known).places(content))
    assert places >= {at for at in range(len(content)) if content[at : at + GRAM_BYTES] in known}
