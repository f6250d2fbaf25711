"""Krippendorff's alpha: his published example, another implementation, and its own laws."""

from __future__ import annotations

import math
import warnings
from typing import get_args

import krippendorff
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signoff_collector.labels.agreement import alpha
from signoff_schemas.labels import Measure

MEASURES: tuple[Measure, ...] = get_args(Measure)
PUBLISHED = """
    1 2 3 3 2 1 4 1 2 . . .
    1 2 3 3 2 2 4 1 2 5 . 3
    . 3 3 3 2 3 4 2 2 5 1 .
    1 2 3 3 2 4 4 1 2 5 1 .
"""
"""Krippendorff (2011), section C: observers A to D, 12 units, some silent."""


def units_of(table: str) -> list[list[int]]:
    rows = [row.split() for row in table.strip().split("\n")]
    return [[int(one) for one in column if one != "."] for column in zip(*rows, strict=True)]


@pytest.mark.parametrize(
    ("measure", "told"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_the_published_example_gives_the_published_alphas(measure: Measure, told: float) -> None:
    found = alpha(units_of(PUBLISHED), measure)
    assert found is not None
    assert round(found, 3) == told


tables = st.integers(2, 5).flatmap(
    lambda labellers: st.lists(
        st.lists(st.one_of(st.none(), st.integers(0, 6)), min_size=labellers, max_size=labellers),
        min_size=1,
        max_size=15,
    )
)


@given(table=tables, measure=st.sampled_from(MEASURES))
@example(table=[[0, 1], [1, 1]], measure="ratio")
def test_it_is_as_another_implementation_computes_it(
    table: list[list[int | None]], measure: Measure
) -> None:
    units = [[one for one in row if one is not None] for row in table]
    paired = [one for unit in units if len(unit) > 1 for one in unit]
    mine = alpha(units, measure)
    if len(set(paired)) < 2:
        assert mine is None
        return
    reliability = np.array(
        [[np.nan if one is None else float(one) for one in row] for row in table]
    ).T
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs divides zero by zero for two zeros of a ratio
        theirs = float(
            krippendorff.alpha(reliability_data=reliability, level_of_measurement=measure)
        )
    assert mine is not None
    if not math.isnan(theirs):
        assert mine == pytest.approx(theirs, abs=1e-9)


@given(table=tables, measure=st.sampled_from(MEASURES), seed=st.randoms(use_true_random=False))
def test_nobody_is_told_apart(
    table: list[list[int | None]], measure: Measure, seed: object
) -> None:
    """The order of labellers, within a unit too, and of units says nothing."""
    units = [[one for one in row if one is not None] for row in table]
    turned = [list(reversed(unit)) for unit in reversed(units)]
    first, second = alpha(units, measure), alpha(turned, measure)
    assert first == second or (
        first is not None and second is not None and math.isclose(first, second, abs_tol=1e-9)
    )


def test_full_agreement_is_one_and_words_can_be_compared() -> None:
    assert alpha([["good", "good"], ["mistake", "mistake"]], "nominal") == 1.0
    crossed = alpha([["good", "mistake"], ["mistake", "good"]], "nominal")
    assert crossed is not None
    assert crossed < 0


@pytest.mark.parametrize("units", [[], [["good"]], [["good", "good"]], [["good"], ["mistake"]]])
def test_where_nothing_can_be_told_there_is_no_figure(units: list[list[str]]) -> None:
    assert alpha(units, "nominal") is None
