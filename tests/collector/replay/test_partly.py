"""A damaged episode: what is whole is played, what is not is said, nothing is made up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.episodes import ASTRAL, sample_episode
from tests.support.player import hostile_episode

from signoff_collector.episode.file.reader import EpisodeFile
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.replay.drawing.timeline import TimelineIndex
from signoff_collector.replay.partly import read_reel
from signoff_collector.replay.player import transcript
from signoff_collector.replay.reel import Reel
from signoff_collector.replay.scenes import scene_at
from signoff_collector.replay.seeking import seek
from signoff_schemas.errors import DamagedError, SignoffError
from signoff_schemas.steps import CreateStep

WHOLE = write_episode(sample_episode())
TEXTS = {text for place in range(22) if (text := scene_at(Reel(sample_episode()), place).text)}


def test_a_whole_episode_has_no_damages() -> None:
    played = read_reel(WHOLE)
    assert played.damages == ()
    assert played.reel.faults == ()
    assert played.reel.count == 22


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255), st.booleans())
@settings(max_examples=300)
def test_any_damage_leaves_only_texts_that_really_were_there(
    place: int, flip: int, is_cut: bool
) -> None:
    data = bytearray(WHOLE)
    data[place] ^= flip
    try:
        played = read_reel(bytes(data[:place] if is_cut else data))
    except SignoffError:
        return
    reel = played.reel
    for at in range(-1, reel.count):
        text = scene_at(reel, at).text
        assert text is None or text in TEXTS
    list(transcript(reel))
    TimelineIndex(reel).rows(80, squeezes=True)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_episode_are_an_error_of_ours(data: bytes) -> None:
    with pytest.raises(SignoffError):
        read_reel(data)
    with pytest.raises(SignoffError):
        read_reel(WHOLE[:16] + data)


def test_a_lost_blob_takes_its_texts_along_and_no_more() -> None:
    sample = sample_episode()
    noise = "".join(map(chr, range(0x4E00, 0x7E00))) * 30
    data = bytearray(write_episode(replace(sample, blobs=(*sample.blobs[:3], noise.encode()))))
    frame = max(EpisodeFile(bytes(data)).frames, key=lambda one: one.length)
    data[frame.offset + frame.length // 2] ^= 0xFF
    played = read_reel(bytes(data))
    assert played.damages
    assert played.reel.faults[0] == str(played.damages[0])
    assert any("fix it" in line.text and ASTRAL in line.text for line in transcript(played.reel))
    assert scene_at(played.reel, 20).text is None


def test_a_hostile_episode_is_indexed_told_and_searched() -> None:
    reel = read_reel(write_episode(hostile_episode())).reel
    assert reel.count == 11
    assert len(list(transcript(reel))) >= 9
    assert seek(reel, "[red]")


@pytest.mark.parametrize("number", [1 << 24, 1 << 40, (1 << 64) - 1])
def test_a_content_that_no_such_file_can_hold_is_damage(number: int) -> None:
    """Room for it was made once: 2^40 contents are more than there is memory."""
    whole = sample_episode()
    steps = tuple(
        step.model_copy(update={"blob": number}) if isinstance(step, CreateStep) else step
        for step in whole.steps
    )
    assert steps != whole.steps
    with pytest.raises(DamagedError, match=str(number)):
        read_reel(write_episode(replace(whole, steps=steps)))
