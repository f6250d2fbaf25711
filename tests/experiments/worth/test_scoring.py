"""Differences and intervals, by hand and by another implementation."""

from __future__ import annotations

import statistics
from random import Random

import numpy as np
import pytest
from experiments.worth.figures.scoring import Answers, contrast, mean


def _made(seed: int, edits: int, shift: float, sessions: int = 1) -> tuple[Answers, Answers]:
    random = Random(seed)  # noqa: S311
    names = tuple(f"s{at * sessions // edits}" for at in range(edits))
    characters = tuple(random.randrange(8, 60) for _ in names)
    one = tuple(length * random.uniform(1, 3) for length in characters)
    other = tuple(
        cost + length * (shift + random.gauss(0, 0.3))
        for cost, length in zip(one, characters, strict=True)
    )
    return Answers(names, characters, one), Answers(names, characters, other)


def test_bits_per_character_are_of_all_edits_together() -> None:
    answers = Answers(("a", "a", "b"), (10, 30, 5), (5.0, 60.0, 20.0))
    assert answers.per_character == 85 / 45
    assert answers.of("a").per_character == 65 / 40


def test_two_blocks_have_the_interval_that_can_be_counted_by_hand() -> None:
    """Of two blocks four draws are possible: each twice, and both in two orders."""
    names = ("a",) * 20
    characters = (1,) * 10 + (3,) * 10
    one = Answers(names, characters, (1.0,) * 20)
    other = Answers(names, characters, (2.0,) * 10 + (1.0,) * 10)
    found = contrast(one, other)
    assert found.blocks == 2
    assert found.difference == pytest.approx(20 / 40 - 30 / 40)
    # only the first block: 1 - 2; only the second: 1/3 - 1/3; both: as of all
    assert (found.low, found.high) == pytest.approx((-1.0, 0.0))


def test_the_interval_is_that_of_another_implementation() -> None:
    """Plain Python, its own random numbers, blocks as lists: no line in common."""
    one, other = _made(7, 400, 0.1)
    rows = list(zip(one.bits, other.bits, one.characters, strict=True))
    blocks = [rows[at : at + 10] for at in range(0, 400, 10)]
    random = Random(1)  # noqa: S311
    drawn: list[float] = []
    for _ in range(4000):
        sample = [row for block in random.choices(blocks, k=len(blocks)) for row in block]
        drawn.append(sum(a - b for a, b, _ in sample) / sum(length for _, _, length in sample))
    cuts = statistics.quantiles(drawn, n=40)
    found = contrast(one, other)
    spread = found.high - found.low
    assert found.low == pytest.approx(cuts[0], abs=0.05 * spread)
    assert found.high == pytest.approx(cuts[-1], abs=0.05 * spread)


def test_blocks_do_not_reach_from_one_session_into_the_next() -> None:
    one, other = _made(3, 45, 0.1, sessions=3)
    assert contrast(one, other).blocks == 6


def test_whole_sessions_are_drawn_where_there_are_ten() -> None:
    one, other = _made(3, 300, 0.1, sessions=10)
    assert contrast(one, other).blocks == 10
    one, other = _made(3, 300, 0.1, sessions=9)
    assert contrast(one, other).blocks == 9 * 4


def test_an_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Of 60 made comparisons without a difference, 95 % within what chance allows."""
    held = sum(contrast(*_made(seed, 300, 0.0)).holds_zero for seed in range(60))
    assert 52 <= held <= 60


def test_nothing_differs_from_itself() -> None:
    one, _ = _made(1, 100, 0.0)
    found = contrast(one, one)
    assert (found.difference, found.low, found.high) == (0, 0, 0)
    assert found.holds_zero


def test_swapping_the_arms_turns_the_interval() -> None:
    one, other = _made(9, 200, 0.2)
    there, back = contrast(one, other), contrast(other, one)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert there.is_below
    assert not back.is_below


def test_seeds_are_averaged_edit_by_edit() -> None:
    one, other = _made(4, 30, 0.5)
    both = mean([one, other])
    assert both.bits == pytest.approx(np.mean([one.bits, other.bits], axis=0))
    with pytest.raises(ValueError, match="different edits"):
        mean([one, one.of("nobody")])


def test_answers_to_other_edits_are_not_compared() -> None:
    with pytest.raises(ValueError, match="same edits"):
        contrast(_made(1, 30, 0.0)[0], _made(1, 40, 0.0)[0])
