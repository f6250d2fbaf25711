"""Replaying an episode against the hashes in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.episodes import edit, sample_episode, sha256

from signoff_collector.episode.json_form import step_rows
from signoff_collector.episode.moments.checking import Mismatch, check_replay
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import EditStep, SaveStep, step_json


def test_a_true_recording_agrees_everywhere() -> None:
    report = check_replay(sample_episode())
    assert report.row() == {
        "checkpoints": 4,
        "matched": 4,
        "resyncs": 1,
        "blind_spans": 1,
        "mismatches": [],
    }


def test_a_changed_character_shows_at_the_save_and_after() -> None:
    episode = sample_episode()
    texts = episode.edits.texts()
    changed = replace(episode, edits=episode.edits.with_texts(["c", *texts[1:]]))
    report = check_replay(changed)
    assert report.mismatches == (
        Mismatch(seq=9, path="src/app.py"),
        Mismatch(seq=14, path="src/app.py"),
    )
    assert report.matched == report.checkpoints - 2


def test_a_save_without_hashes_is_no_checkpoint() -> None:
    episode = sample_episode()
    steps = tuple(
        s.model_copy(update={"text_sha256": None}) if isinstance(s, SaveStep) else s
        for s in episode.steps
    )
    assert check_replay(replace(episode, steps=steps)).checkpoints == 3


def test_an_edit_that_fits_nowhere_is_damage() -> None:
    episode = sample_episode()
    starts = episode.edits.start.copy()
    starts[-1] = 10_000
    with pytest.raises(DamagedError, match="edit 7"):
        check_replay(replace(episode, edits=episode.edits.with_columns(start=starts)))


def test_edits_have_the_published_form_of_a_step() -> None:
    episode = sample_episode()
    rows = list(step_rows(episode))
    assert [row["seq"] for row in rows] == list(range(episode.step_count))
    assert list(rows[8])[:4] == ["seq", "t_ns", "t_kind", "kind"]
    said = EditStep.model_validate({**rows[8]})
    assert step_json(said) == rows[8]
    assert said.n == 7
    assert said.actor.evidence == ("key",)
    assert rows[1]["text_sha256"] == sha256(episode.blobs[0].decode())
    assert edit(0, 0, 0, "").cursor == -1
    assert "cursor" not in rows[2]
