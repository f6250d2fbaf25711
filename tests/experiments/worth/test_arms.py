"""Arms differ in what their name says alone, and hold nothing from behind the split."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from random import Random

import pytest
from experiments.worth.examples import Session
from experiments.worth.learning.arms import (
    ARMS,
    CONTROLS,
    _put_back,
    examples,
    judged,
    own_form,
    text_of,
)
from experiments.worth.learning.plan import Run
from experiments.worth.learning.prompts import (
    BURST_MARK,
    PAUSE_MARKS,
    Example,
    Marks,
)
from experiments.worth.learning.splits import HISTORY, by_time, without
from experiments.worth.learning.states import states
from tests.experiments.worth.made_sessions import made_session

EVERY = (*ARMS, *CONTROLS)
MARKS = Marks()


@pytest.fixture(scope="module")
def sessions() -> list[Session]:
    return [made_session(seed, 200, is_informative=True) for seed in (1, 2)]


def _one_pass(sessions: list[Session], arm: str, seed: int = 0) -> list[Example]:
    parts = by_time(sessions).train
    number = sum(len(part.targets) for part in parts)
    return list(islice(examples(arm, parts, seed), number))


@pytest.mark.parametrize("arm", EVERY)
def test_every_arm_gives_exactly_the_characters_asked_for(
    sessions: list[Session], arm: str
) -> None:
    parts = by_time(sessions).train
    for characters in (1, 4_999, 50_000):
        assert len(text_of(examples(arm, parts, 0), MARKS, characters)) == characters


@pytest.mark.parametrize("arm", EVERY)
def test_a_seed_gives_the_same_text_and_another_seed_another(
    sessions: list[Session], arm: str
) -> None:
    parts = by_time(sessions).train
    texts = [text_of(examples(arm, parts, seed), MARKS, 20_000) for seed in (0, 0, 1)]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize("arm", EVERY)
def test_no_training_text_holds_what_was_written_behind_the_split(
    sessions: list[Session], arm: str
) -> None:
    split = by_time(sessions)
    text = text_of(examples(arm, split.train, 0), MARKS, 200_000)
    early = {edit.inserted for part in split.train for edit in part.edits}
    late = {edit.inserted for part in split.judge for edit in part.edits} - early
    words = {inserted.split("(")[1].split(")")[0] for inserted in late}
    known = {inserted.split("(")[1].split(")")[0] for inserted in early}
    assert len(words - known) > 10
    assert not [word for word in words - known if word in text]


def test_what_is_held_out_trains_nothing(sessions: list[Session]) -> None:
    split = without(sessions, sessions[0].name)
    assert [part.session.name for part in split.train] == [sessions[1].name]
    assert [part.session.name for part in split.judge] == [sessions[0].name]


def test_a_history_never_holds_the_edit_itself_nor_what_came_later(
    sessions: list[Session],
) -> None:
    for session in sessions:
        for example in judged(by_time([session]).judge):
            at = next(n for n, edit in enumerate(session.edits) if edit is example.edit)
            assert example.history == session.edits[at - HISTORY : at]


def test_no_history_of_a_judged_edit_was_a_target(sessions: list[Session]) -> None:
    split = by_time(sessions)
    trained = {id(part.session.edits[at]) for part in split.train for at in part.targets}
    asked = judged(split.judge)
    assert not trained & {id(edit) for one in asked for edit in (*one.history, one.edit)}
    assert trained


def test_shuffled_has_the_histories_of_true_and_none_in_its_place(
    sessions: list[Session],
) -> None:
    true, shuffled = _one_pass(sessions, "true"), _one_pass(sessions, "shuffled")
    assert [one.edit for one in true] == [one.edit for one in shuffled]
    assert Counter(one.history for one in true) == Counter(one.history for one in shuffled)
    assert not [a for a, b in zip(true, shuffled, strict=True) if a.history == b.history]


def test_exchanged_targets_are_the_same_targets_elsewhere(sessions: list[Session]) -> None:
    true, control = _one_pass(sessions, "true"), _one_pass(sessions, "true labels")
    assert [one.history for one in true] == [one.history for one in control]
    targets = [[one.edit.inserted for one in each] for each in (true, control)]
    assert Counter(targets[0]) == Counter(targets[1])
    assert targets[0] != targets[1]
    other = _one_pass(sessions, "shuffled labels")
    assert [one.edit.inserted for one in other] == targets[1]


@pytest.mark.parametrize("arm", ["code", "none"])
def test_without_history_a_prompt_is_as_long_by_what_stands_before(
    sessions: list[Session], arm: str
) -> None:
    true = [len(one.prompt(MARKS)) for one in _one_pass(sessions, "true")]
    other = _one_pass(sessions, arm)
    assert not [one for one in other if BURST_MARK in one.prompt(MARKS)]
    assert sum(len(one.prompt(MARKS)) for one in other) == pytest.approx(sum(true), rel=0.2)


def test_a_commit_is_told_from_the_top_and_leads_to_the_later_state(
    sessions: list[Session],
) -> None:
    for example in _one_pass(sessions, "commit"):
        lines = [edit.line for edit in (*example.history, example.edit)]
        assert lines == sorted(lines)
        assert 8 <= len(example.edit.inserted) <= 400


def test_synthetic_order_puts_a_state_back_whole(sessions: list[Session]) -> None:
    part = by_time(sessions).train[0]
    state = states(part.edits)[-1]
    lines: list[str] = []
    for edit in _put_back(state, part, Random(1)):  # noqa: S311
        text = "".join(lines)
        at = len("".join(lines[: edit.line]))
        assert text[:at].endswith(edit.before)
        assert text[at:].startswith(edit.behind)
        assert bool(edit.before) == bool(text[:at])
        lines[edit.line : edit.line] = edit.inserted.splitlines(keepends=True)
    assert "".join(lines) == state + "\n"


def test_ablations_take_their_marks_out_and_nothing_else(sessions: list[Session]) -> None:
    asked = judged(by_time(sessions).judge)
    plain = [one.prompt(MARKS) for one in asked]
    without_times = [one.prompt(Marks(times=False)) for one in asked]
    table = dict.fromkeys(map(ord, PAUSE_MARKS))
    assert [prompt.translate(table) for prompt in plain] == without_times
    assert plain != without_times


def test_each_arm_has_a_form_of_prompt_for_the_same_edits(sessions: list[Session]) -> None:
    split = by_time(sessions)
    edits = [one.edit for one in judged(split.judge)]
    for arm in EVERY:
        assert [one.edit for one in own_form(arm, split)] == edits


def test_no_prompt_in_any_form_holds_what_is_asked_for(sessions: list[Session]) -> None:
    for arm in EVERY:
        for one in [*own_form(arm, by_time(sessions)), *_one_pass(sessions, arm)[:100]]:
            assert not [edit for edit in (*one.history, *one.room) if edit is one.edit]


def test_the_latest_part_trains_where_a_share_is_asked_for(sessions: list[Session]) -> None:
    whole, part = by_time(sessions).train[0], by_time(sessions, 0.25).train[0]
    assert (part.end, part.end - part.begin) == (whole.end, round((whole.end - whole.begin) / 4))


def test_an_arm_that_is_not_there_or_has_no_edit_says_so(sessions: list[Session]) -> None:
    with pytest.raises(ValueError, match="no arm is called later"):
        examples("later", by_time(sessions).train, 0)
    with pytest.raises(ValueError, match="hold no edit"):
        examples("true", by_time([made_session(1, 8, is_informative=True)]).train, 0)


def test_runs_with_other_names_have_other_files(sessions: list[Session]) -> None:
    runs = [
        Run(kind="code", arm="true", seed=0),
        Run(kind="code", arm="true", seed=1),
        Run(kind="code", arm="true", seed=0, held=sessions[0].name),
        Run(kind="code", arm="true", seed=0, share=0.5),
        Run(kind="code", arm="true", seed=0, marks=Marks(times=False)),
        Run(kind="code", arm="true labels", seed=0),
    ]
    assert len({run.file for run in runs}) == len(runs)
