"""Steps in order before all of them are made: the same steps, and no laxer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.support.episodes import jumping_episode, sample_episode, written_apart
from tests.support.foreign import ATTACKS
from tests.support.odd_day import odd_day

from signoff_collector.episode.content import Edit
from signoff_collector.episode.file.reader import EpisodeFile, read_episode
from signoff_collector.episode.file.upgrade import upgraded
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.walking import walk_in_order
from signoff_schemas.errors import SignoffError
from signoff_schemas.steps import StepBase


def test_steps_come_as_in_the_whole_episode() -> None:
    for episode in (sample_episode(), jumping_episode(), odd_day(3, scale=0.02)[0]):
        for data in (write_episode(episode), written_apart(episode)):
            file = EpisodeFile(data)
            assert list(walk_in_order(file)) == list(read_episode(data).ordered())


@pytest.mark.parametrize("attack", sorted(ATTACKS))
def test_what_reading_refuses_walking_refuses(attack: str) -> None:
    data = ATTACKS[attack]()
    assert _refuses(_walk, data) or not _refuses(read_episode, data)


def test_a_blob_that_is_not_there_is_damage_when_its_step_comes() -> None:
    data = write_episode(sample_episode())
    episode = read_episode(data)
    assert episode.blobs
    file = EpisodeFile(data)
    file.__dict__["blobs"] = ()
    with pytest.raises(SignoffError, match=r"a step names blob \d of 0"):
        list(walk_in_order(file))


def _walk(data: bytes) -> None:
    file = EpisodeFile(upgraded(data))
    if file.is_torn():
        raise file.damages()[0]
    for step in walk_in_order(file):
        assert isinstance(step, Edit | StepBase), file.header


def _refuses(read: Callable[[bytes], object], data: bytes) -> bool:
    try:
        read(data)
    except SignoffError:
        return True
    return False
