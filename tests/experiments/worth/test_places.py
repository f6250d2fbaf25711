"""Shares of places are a distribution, learn a habit, and know nothing without history."""

from __future__ import annotations

from math import log2

import pytest
from experiments.worth.examples import Edit
from experiments.worth.learning.places import Distances, score
from experiments.worth.learning.prompts import Example


def _edit(line: int, lines: int = 320, path: str = "a.py") -> Edit:
    return Edit(path, "", "", "x", "", line, lines, None, "unknown")


def _forward(begin: int) -> Example:
    """Edits that go two buckets down each time, and the next one."""
    return Example(_edit(begin + 32), (_edit(begin), _edit(begin + 16)))


def test_shares_of_a_file_are_one_together_and_above_zero() -> None:
    model = Distances([_forward(at) for at in range(0, 200, 8)])
    for example in (_forward(300), _forward(0), Example(_edit(900, 10), (_edit(3),))):
        shares = model.shares(example)
        assert sum(shares) == pytest.approx(1)
        assert min(shares) > 0


def test_a_habit_is_learned_from_the_distance() -> None:
    model = Distances([_forward(at) for at in range(0, 200, 8)])
    found = score(model, [_forward(at) for at in range(4, 200, 8)])
    assert (found.top_1, found.top_5) == (1, 1)
    assert found.bits < 1


@pytest.mark.parametrize("history", [(), (_edit(16, path="other.py"),)])
def test_without_a_history_in_the_file_every_bucket_is_as_likely(
    history: tuple[Edit, ...],
) -> None:
    model = Distances([_forward(at) for at in range(0, 200, 8)])
    assert model.shares(Example(_edit(5), history)) == [1 / 40] * 40
    found = score(model, [Example(_edit(at), history) for at in range(0, 320, 8)])
    assert found.bits == pytest.approx(log2(40))
    assert (found.top_1, found.top_5) == (1 / 40, 5 / 40)
