"""What a fuzzer starts from, and what it ever found, is read or refused, never worse."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fuzz.episode_targets import PARTS, TIMES, TRACE, WHOLE, run
from tests.support.episodes import ASTRAL

from signoff_collector.episode import frames

ROOT = Path(__file__).resolve().parents[3]
CORPUS = sorted((ROOT / "tests" / "fuzz" / "corpus").iterdir())
MAX_BYTES = 64 << 20
"""Of memory for a file of some kilobytes."""


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_every_file_of_the_corpus_is_read_or_refused_in_little_memory(path: Path) -> None:
    tracemalloc.start()
    try:
        run(path.read_bytes())
        assert tracemalloc.get_traced_memory()[1] < MAX_BYTES
    finally:
        tracemalloc.stop()


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 64) - 1) | st.binary(max_size=8)
    | st.sampled_from(["a", "edit", "open", "save", "", "../x", ASTRAL]) | st.floats(),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["kind", "path", "blob", "edits", "slow", "sizes", "data"]),
                      inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
_ARRAYS = st.lists(
    st.tuples(
        st.sampled_from(["header", "rows", "col", "blob", "parts"]),
        st.sampled_from(["", "0", "1", "0/shape", "0/kinds", "0/text", "1/shape"]),
        st.sampled_from([1, 1, 1, 0, 2]),
        _VALUES,
    ),
    max_size=6,
)


@settings(max_examples=200)
@given(_ARRAYS)
def test_any_arrays_are_read_or_refused(arrays: list[object]) -> None:
    run(bytes([PARTS]) + frames.pack(arrays))


@settings(max_examples=200)
@given(st.sampled_from(CORPUS), st.data())
def test_any_change_of_the_corpus_is_read_or_refused(path: Path, data: st.DataObject) -> None:
    content = bytearray(path.read_bytes()[:4096])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
        content = content or bytearray(b"\0")
    run(bytes(content))


@given(st.sampled_from([WHOLE, TRACE, TIMES]), st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(kind: int, content: bytes) -> None:
    run(bytes([kind]) + content)
