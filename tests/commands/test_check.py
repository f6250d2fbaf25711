"""`signoff check` as a person calls it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from tests.support.cli import signoff
from tests.support.episodes import sample_episode

from signoff_collector.episode.file.writer import write_episode


def test_a_true_recording_checks(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.episode"
    path.write_bytes(write_episode(sample_episode()))
    said = signoff("check", path)
    assert said.code == 0, said
    assert "matched      4" in said.out
    row = json.loads(signoff("check", path, "--json").out)
    assert {"checkpoints", "matched", "resyncs", "blind_spans"} <= row.keys()
    assert not home.exists()


def test_a_replay_that_differs_ends_with_3(home: Path, tmp_path: Path) -> None:
    episode = sample_episode()
    edits = episode.edits.with_texts(["c", *episode.edits.texts()[1:]])
    path = tmp_path / "x.episode"
    path.write_bytes(write_episode(replace(episode, edits=edits)))
    said = signoff("check", path, "--json")
    assert said.code == 3, said
    assert json.loads(said.out)["mismatches"][0] == {"seq": 9, "path": "src/app.py"}
    assert "first at step 9 in src/app.py" in said.err
    assert not home.exists()


def test_a_flipped_byte_ends_with_11(home: Path, tmp_path: Path) -> None:
    data = bytearray(write_episode(sample_episode()))
    data[len(data) // 2] ^= 4
    path = tmp_path / "x.episode"
    path.write_bytes(data)
    said = signoff("check", path)
    assert said.code == 11, said
    assert not home.exists()
