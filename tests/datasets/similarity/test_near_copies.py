"""Near-copies hang together, and texts that are others do not."""

from __future__ import annotations

import itertools
import random

import pytest
from benchmarks.near_copies import all_of_them, changed, laid_out_anew, renamed, reordered
from hypothesis import given
from hypothesis import strategies as st

from signoff_datasets.similarity.near_copies import (
    FEWEST,
    THRESHOLD,
    Sketch,
    jaccard,
    near_copies,
    sketch,
)


def program(seed: int) -> str:
    """Return 20 functions, all unlike those of another seed."""
    source = random.Random(seed)  # noqa: S311  # repeatable
    signs = "+-*/%<>=&|^~@:;.,!?()[]{}\U0001f98a\U00010348"
    functions: list[str] = []
    for number in range(20):
        body = "".join(source.choice(signs) + source.choice(["a", "3", ""]) for _ in range(40))
        functions.append(f"def f{number}(value):\n    count = {body}\n    return count\n")
    return "\n".join(functions)


def sketch_of(number: int, text: str) -> Sketch:
    return sketch(f"{number:064x}", [text])


@pytest.mark.parametrize("way", [laid_out_anew, renamed, reordered, changed, all_of_them])
def test_a_copy_is_found_whatever_was_done_to_it(way: object) -> None:
    assert callable(way)
    source = random.Random(4)  # noqa: S311  # repeatable
    originals = [sketch_of(number, program(number)) for number in range(10)]
    copies = [sketch_of(100 + number, way(program(number), source)) for number in range(10)]
    found = near_copies([*copies, *originals])
    assert [(int(one.first, 16), int(one.second, 16)) for one in found] == [
        (number, 100 + number) for number in range(10)
    ]
    assert all(one.jaccard >= THRESHOLD for one in found)


def test_texts_that_have_less_in_common_are_none() -> None:
    halves = [program(1) + program(number) for number in range(2, 12)]
    sketches = [sketch_of(number, text) for number, text in enumerate(halves)]
    assert 0.3 < jaccard(sketches[0].shingles, sketches[1].shingles) < THRESHOLD
    assert near_copies(sketches) == []


def test_little_text_is_a_copy_of_nothing() -> None:
    few = "return a + b * c - d\n" * 40
    assert 0 < len(sketch_of(1, few).shingles) < FEWEST
    assert near_copies([sketch_of(1, few), sketch_of(2, few)]) == []


def test_a_thousand_copies_of_one_text_cost_a_thousand_pairs() -> None:
    one = sketch_of(0, program(1))
    copies = [
        Sketch(sha256=f"{number:064x}", shingles=one.shingles, least=one.least)
        for number in range(1000)
    ]
    assert len(near_copies(copies)) == 999


@given(st.lists(st.integers(0, 4), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_every_two_copies_hang_together_in_whatever_order_they_come(
    kinds: list[int], source: random.Random
) -> None:
    sketches = [sketch_of(number, program(kind)) for number, kind in enumerate(kinds)]
    expected = near_copies(sketches)
    source.shuffle(sketches)
    assert near_copies(sketches) == expected
    joined = {number: {number} for number in range(len(kinds))}
    for pair in expected:
        both = joined[int(pair.first, 16)] | joined[int(pair.second, 16)]
        joined.update(dict.fromkeys(both, both))
    for first, second in itertools.combinations(range(len(kinds)), 2):
        assert (second in joined[first]) == (kinds[first] == kinds[second])
