"""The in-memory episode and its table of edits."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support.episodes import ASTRAL, edit, sample_episode, table

from signoff_collector.episode.content import Edit, EditTable, decode_text, encode_text


def test_rows_come_back_as_the_tuples_they_were() -> None:
    edits = [edit(0, 0, 0, ASTRAL), edit(1, 2, 1, ""), edit(2, 1, 0, "ab", cursor=3)]
    assert list(table(*edits).edits()) == edits
    assert table(*edits).edit(2) == edits[2]


def test_selecting_keeps_each_edit_with_its_own_text() -> None:
    edits = [edit(i, 0, 0, text) for i, text in enumerate(["a", ASTRAL, "", "xyz"])]
    whole = table(*edits)
    for which in (slice(1, 3), np.array([True, False, True, True]), np.array([1, 3])):
        chosen = np.arange(4)[which]
        assert list(whole.select(which).edits()) == [edits[i] for i in chosen.tolist()]


def test_other_texts_change_lengths_but_nothing_else() -> None:
    whole = table(edit(0, 0, 0, "secret"), edit(1, 6, 0, "b"))
    masked = whole.with_texts(["", ASTRAL], start=[0, 0])
    assert masked.texts() == ["", ASTRAL]
    assert masked.inserted.tolist() == [0, 2]
    assert masked.seq.tolist() == [0, 1]


def test_columns_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValueError, match="read-only"):
        table(edit(0, 0, 0, "a")).start[0] = 4


def test_lengths_that_contradict_the_text_are_refused() -> None:
    columns = table(edit(0, 0, 0, "ab")).columns()
    with pytest.raises(ValueError, match="2 characters"):
        EditTable.from_columns(columns, "abc")


def test_steps_and_edits_are_walked_in_the_order_of_their_numbers() -> None:
    episode = sample_episode()
    walked = list(episode.ordered())
    assert [step.seq for step in walked] == list(range(episode.step_count))
    assert sum(isinstance(step, Edit) for step in walked) == len(episode.edits)
    assert episode.times().tolist() == [step.t_ns for step in walked]


def test_half_surrogates_survive_as_bytes() -> None:
    text = f"\ud83d{ASTRAL}\ude42"
    assert decode_text(encode_text(text)) == text
