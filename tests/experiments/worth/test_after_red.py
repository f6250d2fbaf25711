"""What follows a failing test is counted by what came before, and only there is anything asked."""

from __future__ import annotations

from math import log2

import pytest
from experiments.worth.examples import Action
from experiments.worth.learning.after_red import Kinds, by_time, held_out

RED, GREEN = Action("test run", True), Action("test run", False)
CODE, TEST, GIT = Action("edit code", None), Action("edit test", None), Action("git", None)
DAY = [TEST, RED, CODE, GREEN, GIT] * 20


def test_shares_of_all_kinds_are_one_together() -> None:
    model = Kinds([DAY], 3)
    for at in (0, 1, 2, 50):
        assert sum(model.shares(DAY, at).values()) == pytest.approx(1)
    assert sum(Kinds([], 3).shares(DAY, 4).values()) == 0


def test_shares_are_those_of_the_formula() -> None:
    """Before anything: `test run` twice of four; behind a red run: once of one."""
    row = [TEST, RED, CODE, GREEN]
    shares = Kinds([row], 1).shares(row, 2)
    even = (2 + 3 / 3) / (4 + 3), (1 + 3 / 3) / (4 + 3)
    assert shares["edit code"] == pytest.approx((1 + even[1]) / 2)
    assert shares["test run"] == pytest.approx((0 + even[0]) / 2)


def test_a_red_run_is_followed_otherwise_than_a_green_one() -> None:
    with_history, without = by_time([DAY]), by_time([DAY], order=0)
    assert with_history is not None
    assert without is not None
    assert with_history.actions == without.actions == 4
    assert with_history.right == 1
    assert without.right == 0
    assert with_history.bits is not None
    assert without.bits == pytest.approx(-log2((16 + 4 / 4) / (80 + 4)))
    assert with_history.bits < 0.1


def test_a_row_that_is_held_out_is_asked_whole_by_the_others() -> None:
    found = held_out([DAY, DAY])
    assert found is not None
    assert (found.actions, found.right) == (40, 1)
    assert held_out([DAY]) is None


def test_a_kind_that_was_never_seen_leaves_no_bits_and_no_hit() -> None:
    found = by_time([[*[TEST, RED, CODE] * 8, RED, GIT]])
    assert found is not None
    assert found.bits is None
    assert found.right == (found.actions - 1) / found.actions


def test_without_a_failing_test_nothing_is_asked() -> None:
    assert by_time([[CODE, GREEN, GIT] * 10]) is None
