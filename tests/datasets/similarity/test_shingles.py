"""A shingle is a run of tokens; its number follows from the run alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from signoff_datasets.similarity.shingles import SHINGLE_TOKENS, runs, shingles

NUMBERS = st.lists(st.integers(0, 3), max_size=30)


@given(NUMBERS, st.integers(1, 5))
def test_two_runs_have_one_number_exactly_when_they_are_equal(
    values: list[int], length: int
) -> None:
    made = runs(np.array(values, np.uint64), length).tolist()
    pieces = [tuple(values[at : at + length]) for at in range(len(values) - length + 1)]
    assert len(made) == len(pieces)
    assert len(set(made)) == len(set(pieces))
    assert len(set(zip(made, pieces, strict=True))) == len(set(pieces))


def test_no_shingle_lies_across_two_texts() -> None:
    text = "\U0001f98a\U00010348 + " * SHINGLE_TOKENS
    assert shingles([text, text]).tolist() == shingles([text]).tolist()
    half = "( [ { < " * (SHINGLE_TOKENS // 4)
    assert not len(shingles([half, half]))
    assert len(shingles([half + half]))


def test_no_text_has_no_shingle() -> None:
    assert not len(shingles([]))
    assert not len(shingles(["", "a b"]))
