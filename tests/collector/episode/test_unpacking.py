"""A key given twice is refused wherever it stands, however the rest is packed."""

from __future__ import annotations

import msgpack  # type: ignore[import-untyped]  # ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.episode import frames

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.text(max_size=4)
    | st.binary(max_size=4)
)
VALUES = st.recursive(
    LEAVES | st.floats(allow_nan=False) | st.sampled_from(["😀🚀", "x" * 300]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


def packed(value: object, pair: tuple[object, object], *, single: bool) -> bytes:
    """Return a value as the last of a list, with a map beside it whose one pair stands twice."""
    packer = msgpack.Packer(use_bin_type=True, use_single_float=single)
    twice = packer.pack_map_header(2) + 2 * (packer.pack(pair[0]) + packer.pack(pair[1]))
    return bytes(packer.pack_array_header(2) + twice + packer.pack(value))


@given(VALUES)
def test_what_was_packed_comes_back(value: object) -> None:
    assert frames.unpack(frames.pack(value)) == value


@given(VALUES, st.text(max_size=3), VALUES, st.booleans())
def test_a_pair_that_stands_twice_is_refused(
    value: object, key: str, held: object, single: bool
) -> None:
    with pytest.raises(ValueError, match="same key twice"):
        frames.unpack(packed(value, (key, held), single=single))


@given(st.binary(max_size=40))
def test_any_bytes_are_a_value_or_refused(content: bytes) -> None:
    try:
        frames.unpack(content)
    except ValueError:
        return
