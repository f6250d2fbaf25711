"""The mixture is a distribution, and counts as one counts by hand."""

from __future__ import annotations

from collections import Counter
from random import Random

import numpy as np
import pytest
from experiments.worth.examples import Session
from experiments.worth.figures.scoring import Answers, contrast, mean
from experiments.worth.learning.arms import CONTROLS, text_of
from experiments.worth.learning.mixture import (
    CODE_POINTS,
    Counts,
    asked,
    bits,
    of_prompts,
    symbols_of,
    trained,
)
from experiments.worth.learning.plan import Run
from experiments.worth.learning.prompts import Marks
from experiments.worth.learning.splits import by_time
from tests.experiments.worth.made_sessions import made_session


def _by_hand(text: str, before: str, symbol: str) -> float:
    """Witten and Bell's method C from the formula, slowly."""
    share = 1 / CODE_POINTS
    for order in range(6):
        if order > len(before):
            break
        context = before[len(before) - order :]
        followers = Counter(
            text[at + order] for at in range(len(text) - order) if text[at : at + order] == context
        )
        if not followers:
            break
        total, kinds = followers.total(), len(followers)
        share = (followers[symbol] + kinds * share) / (total + kinds)
    return share


@pytest.fixture(scope="module")
def text() -> str:
    random = Random(5)  # noqa: S311
    return "".join(random.choices(["call(", "🦊", "😀)", "\n", "le", "let ", "é"], k=700))


def test_shares_are_those_of_the_formula(text: str) -> None:
    row = text[300:340] + "never ẞ" + text[:20]
    shares = trained(text).shares(symbols_of(row))
    expected = [_by_hand(text, row[max(0, at - 5) : at], row[at]) for at in range(len(row))]
    assert shares == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("before", ["", "call(", "let 🦊", "never ẞ", "\n\n\n\n\n"])
def test_all_characters_and_the_escape_together_are_one(text: str, before: str) -> None:
    model = trained(text)
    known = [model.shares(symbols_of(before + one))[-1] for one in sorted(set(text))]
    assert sum(known) + model.escape(symbols_of(before)) == pytest.approx(1, abs=1e-12)


def test_a_text_shorter_than_the_order_is_counted_too() -> None:
    model = trained("ab")
    known = [model.shares(symbols_of("a" + one))[-1] for one in "ab"]
    assert sum(known) + model.escape(symbols_of("a")) == pytest.approx(1, abs=1e-12)
    assert known[1] == pytest.approx(_by_hand("ab", "a", "b"))


def test_any_universe_sums_to_one_over_it() -> None:
    random = Random(2)  # noqa: S311
    row = np.array([random.randrange(4) for _ in range(50)])
    model = Counts(row, 3, 6)
    assert sum(model.shares(np.append(row[:9], one))[-1] for one in range(6)) == pytest.approx(1)


def test_bits_are_of_the_mean_of_both_models(text: str) -> None:
    prompts, targets = [text[:90], "\x14\x15"], ["let 🦊 x", "call("]
    found = bits(asked(trained(text), prompts, targets), of_prompts(prompts, targets), targets)
    for prompt, target, cost in zip(prompts, targets, found, strict=True):
        shares = [
            (
                _by_hand(text, (prompt[-5:] + target[:at])[-5:], target[at])
                + _by_hand(prompt, (prompt + target[:at])[-5:], target[at])
            )
            / 2
            for at in range(len(target))
        ]
        assert cost == pytest.approx(-np.log2(shares).sum())


def _answers(sessions: list[Session], arm: str, form: str) -> Answers:
    """Ask models of three seeds, each trained on more than one pass over its edits."""
    found: list[Answers] = []
    for seed in range(3):
        run = Run(kind="code", arm=arm, seed=seed)
        model = trained(text_of(run.drawn(sessions), Marks(), 500_000))
        questions = run.questions(sessions)[form]
        prompts = [one.prompt(Marks()) for one in questions]
        targets = [one.edit.inserted for one in questions]
        names = [part.session.name for part in by_time(sessions).judge for _ in part.targets]
        costs = bits(asked(model, prompts, targets), of_prompts(prompts, targets), targets)
        found.append(Answers(tuple(names), tuple(map(len, targets)), tuple(costs)))
    return mean(found)


def test_history_that_tells_the_next_edit_is_seen_to_tell_it() -> None:
    sessions = [made_session(seed, 400, is_informative=True) for seed in (3, 4)]
    true, *others = [_answers(sessions, arm, "own") for arm in ("true", "shuffled", "code")]
    assert all(contrast(true, other).is_below for other in others)


def test_history_that_tells_nothing_is_not_seen_to_tell_anything() -> None:
    sessions = [made_session(seed, 400, is_informative=False) for seed in (3, 4)]
    for form in ("asked", "own"):
        true, shuffled = [_answers(sessions, arm, form) for arm in ("true", "shuffled")]
        assert contrast(true, shuffled).holds_zero


def test_exchanged_labels_leave_nothing_to_learn_from_history() -> None:
    sessions = [made_session(seed, 400, is_informative=True) for seed in (3, 4)]
    true, shuffled = [_answers(sessions, arm, "asked") for arm in CONTROLS]
    assert contrast(true, shuffled).holds_zero
