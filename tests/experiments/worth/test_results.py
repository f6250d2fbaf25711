"""Verdicts and tables from answers that were written by hand, for both families of models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from experiments.worth.data.sessions import write_json
from experiments.worth.examples import Session
from experiments.worth.figures import answers
from experiments.worth.figures.answers import Family
from experiments.worth.figures.report import report
from experiments.worth.figures.results import Experiment, results
from experiments.worth.learning import plan
from experiments.worth.learning.arms import ARMS, CONTROLS
from experiments.worth.learning.plan import Run
from tests.experiments.worth.made_sessions import made_session

SEEDS = 2
RATES = {"code": 2.0, "commit": 1.9, "synthetic": 2.1, "none": 1.8, "shuffled": 1.7, "true": 1.5}
"""Bits per character of an arm, to which each edit adds noise of its own."""
ASIDE: dict[str, Any] = {"seconds": {"CPU": 1.0}, "differs": None}


class Written:
    """An experiment whose answers are what a test says."""

    def __init__(self, folder: Path) -> None:
        self.sessions = [
            made_session(1, 250, is_informative=True, name="first"),
            made_session(2, 250, is_informative=True, name="second"),
        ]
        self.unmasked: list[Session] = []
        self._folder = folder

    def results(self, rates: dict[str, dict[str, float]]) -> dict[str, Any]:
        """Return the figures of families with these rates by arm; others are those of RATES."""
        families, runs = [], {}
        for name, changed in rates.items():
            family = Family(name=name, setting="by-hand", folder=self._folder / name)
            family.folder.mkdir(exist_ok=True)
            runs[name] = [
                *plan.main_runs("code", SEEDS, (*ARMS, *CONTROLS)),
                *plan.held_runs(self.sessions, "code", SEEDS),
                *plan.learning_runs("code", SEEDS),
                *plan.ablation_runs(self.sessions, "code", SEEDS),
                *(plan.unmasked_runs("code", SEEDS) if self.unmasked else ()),
            ]
            for run in runs[name]:
                self._write(family, run, {**RATES, **changed})
            families.append(family)
        return results(
            Experiment(
                sessions=self.sessions,
                unmasked=self.unmasked,
                families=families,
                runs=runs,
                seeds=dict.fromkeys(rates, SEEDS),
                facts={},
                shortfalls=["Something fell short."],
            )
        )

    def _write(self, family: Family, run: Run, rates: dict[str, float]) -> None:
        sessions = self.sessions if run.is_masked else self.unmasked
        noise = Random(f"{run.file}")  # noqa: S311
        arm = "again" if run.arm == "true" and run.seed >= SEEDS else run.arm
        rate = rates.get(arm, rates["true"])
        told: dict[str, Any] = {"losses": [2.0, 1.0]}
        for form, questions in run.questions(sessions).items():
            mean = rates.get(f"{form} {arm}", rate)
            told[form] = [
                len(one.edit.inserted) * (mean + noise.gauss(0, 0.05)) for one in questions
            ]
            told[f"{form} exact"] = [False for _ in questions]
        write_json(family.path(run), told)


@pytest.fixture
def written(tmp_path: Path) -> Written:
    return Written(tmp_path)


def _outcomes(told: dict[str, Any], table: str = "verdicts") -> dict[str, str]:
    return {unit: one["outcome"] for unit, one in told[table].items()}


@pytest.mark.parametrize(
    ("mixture", "transformer", "outcome"),
    [
        ({}, {}, "yes"),
        ({"shuffled": 1.4}, {"shuffled": 1.4}, "edits, not their order"),
        ({"code": 1.4}, {"code": 1.3}, "no"),
        ({"code": 1.53}, {"code": 1.53}, "less than was asked"),
        ({"code": 1.4}, {}, "undecided"),
        ({"again": 1.8}, {}, "undecided"),
        ({"asked shuffled": 1.5}, {}, "yes"),
        ({"own shuffled": 1.4}, {}, "undecided"),
        ({}, {"own shuffled": 1.4}, "yes"),
        ({}, {"asked shuffled": 1.4}, "undecided"),
        ({}, {"true labels": 1.2}, "undecided"),
    ],
)
def test_each_outcome_of_the_protocol_comes_of_answers_that_mean_it(
    written: Written, mixture: dict[str, float], transformer: dict[str, float], outcome: str
) -> None:
    told = written.results({"mixture": mixture, "transformer": transformer})
    assert _outcomes(told) == dict.fromkeys(("first", "second", "all"), outcome)
    assert _outcomes(told, "held_verdicts") == dict.fromkeys(("first", "second"), outcome)


def test_a_failed_control_is_named_with_its_family_alone(written: Written) -> None:
    text = report(written.results({"mixture": {}, "transformer": {"again": 2.5}}), ASIDE)[
        "worth.md"
    ]
    (line,) = [line for line in text.splitlines() if line.startswith("**A control failed")]
    assert "other seeds" in line
    assert "family transformer" in line
    assert "| void (yes) |" in text


def test_a_difference_is_that_of_the_rates(written: Written) -> None:
    told = written.results({"mixture": {}, "transformer": {}})
    contrasts = told["families"]["transformer"]["code"]["contrasts"]
    for arm in set(RATES) - {"true"}:
        for unit in ("first", "second", "all"):
            assert contrasts[arm][unit]["difference"] == pytest.approx(
                RATES["true"] - RATES[arm], abs=0.02
            )


def test_a_report_has_every_table_and_curve(written: Written) -> None:
    written.unmasked = written.sessions
    files = report(written.results({"mixture": {}, "transformer": {}}), ASIDE)
    assert set(files) == {
        "worth.md",
        "worth_learning_mixture.svg",
        "worth_learning_transformer.svg",
        "worth_losses_transformer.svg",
    }
    text = files["worth.md"]
    for named in (
        "`first` held out",
        "Learning curve",
        "without times",
        "without masks",
        "met exactly",
        "own form of prompt",
        "## Places",
        "Something fell short.",
    ):
        assert named in text


def test_masks_are_judged_by_edits_that_are_the_same_without_them(written: Written) -> None:
    """The last but one of the first session inserts a mask: nobody asks for it where it does."""
    written.unmasked = written.sessions.copy()
    session = written.sessions[0]
    edits = list(session.edits)
    edits[-2] = replace(edits[-2], inserted="key = REDACTED_KEY_1", why_no_example="masked")
    written.sessions[0] = replace(session, edits=tuple(edits))
    told = written.results({"mixture": {}})
    found = told["families"]["mixture"]["code"]["ablations"]["masks"]
    assert abs(found["all"]["difference"]) < 0.02
    assert _asked(written, is_masked=False) == _asked(written, is_masked=True) + 1


def _asked(written: Written, *, is_masked: bool) -> int:
    """Return how many edits a run was asked about, with masks or without."""
    run = Run(kind="code", arm="true", seed=0, is_masked=is_masked)
    family = Family(name="mixture", setting="", folder=written._folder / "mixture")
    sessions = written.sessions if is_masked else written.unmasked
    return len(answers.kept(family, run, sessions).bits)


def test_sessions_without_an_edit_to_judge_have_no_figures(written: Written) -> None:
    written.sessions = [made_session(1, 4, is_informative=True)]
    run = Run(kind="code", arm="true", seed=0)
    assert not plan.can_train(written.sessions, run)
