"""Each outcome of the protocol, from made figures."""

from __future__ import annotations

import pytest
from experiments.worth.figures.scoring import Contrast
from experiments.worth.figures.verdicts import Control, Verdict, of_all, of_family

BELOW = Contrast(-0.10, -0.15, -0.05, 40)
BARELY = Contrast(-0.04, -0.06, -0.02, 40)
AT_THRESHOLD = Contrast(-0.05, -0.09, -0.01, 40)
AROUND_ZERO = Contrast(-0.20, -0.50, 0.01, 40)
TOUCHING = Contrast(-0.20, -0.40, 0.0, 40)
ABOVE = Contrast(0.10, 0.05, 0.15, 40)


@pytest.mark.parametrize(
    ("to_code", "to_shuffled", "outcome"),
    [
        (BELOW, BELOW, Verdict.YES),
        (AT_THRESHOLD, BARELY, Verdict.YES),
        (BELOW, AROUND_ZERO, Verdict.EDITS),
        (BELOW, TOUCHING, Verdict.EDITS),
        (BELOW, ABOVE, Verdict.EDITS),
        (AROUND_ZERO, BELOW, Verdict.NO),
        (TOUCHING, BELOW, Verdict.NO),
        (ABOVE, BELOW, Verdict.NO),
        (BARELY, BELOW, Verdict.LESS),
        (BARELY, ABOVE, Verdict.LESS),
    ],
)
def test_a_family_decides_by_both_contrasts(
    to_code: Contrast, to_shuffled: Contrast, outcome: Verdict
) -> None:
    assert of_family(to_code, to_shuffled)[0] is outcome


@pytest.mark.parametrize("verdict", Verdict)
def test_two_families_of_one_mind_decide(verdict: Verdict) -> None:
    both = {"mixture": (verdict, "so it is"), "transformer": (verdict, "so it is")}
    assert of_all(both) == (verdict, "so it is")


def test_families_of_two_minds_decide_nothing() -> None:
    outcome, why = of_all({"mixture": (Verdict.YES, ""), "transformer": (Verdict.NO, "")})
    assert outcome is Verdict.UNDECIDED
    assert "mixture: yes" in why
    assert "transformer: no" in why


def test_a_failed_control_leaves_nothing_decided_and_is_named() -> None:
    outcome, why = of_all({"mixture": (Verdict.YES, ""), "transformer": None})
    assert outcome is Verdict.UNDECIDED
    assert "transformer" in why


def test_one_family_alone_decides_nothing() -> None:
    assert of_all({"mixture": (Verdict.YES, "")})[0] is Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("contrast", "failed"),
    [
        (AROUND_ZERO, False),
        (TOUCHING, False),
        (BELOW, True),
        (ABOVE, True),
        (Contrast(0.015, 0.01, 0.02, 40), False),
        (Contrast(-0.015, -0.02, -0.01, 40), False),
        (Contrast(0.03, 0.021, 0.04, 40), True),
        (Contrast(-0.03, -0.04, -0.021, 40), True),
    ],
)
def test_a_control_fails_beyond_its_margin(contrast: Contrast, failed: bool) -> None:
    assert Control("of labels", contrast).has_failed is failed
